/// What the process's exit code says when it is not the guest command's own.
enum ExitCodes {
    /// bcvk or the machine failed, as podman and docker say it.
    static let failed: Int32 = 125
    /// `doctor` has found something that keeps machines from running.
    static let unhealthy: Int32 = 1
}

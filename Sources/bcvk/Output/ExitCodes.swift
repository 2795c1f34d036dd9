import VirtualMachine

/// What the process's exit code says when it is not the guest command's own.
enum ExitCodes {
    /// A time limit ran out, as timeout(1) says it.
    static let timedOut: Int32 = 124
    /// bcvk or the machine failed, as podman and docker say it.
    static let failed: Int32 = 125

    /// The code for an error.
    static func of(_ error: any Error) -> Int32 {
        failed
    }
}

/// Kernel modules in an initramfs, by when they are loaded. Each list is in the order in which its modules depend on each other.
struct ModuleStages {
    /// Before the root is mounted.
    let root: [String]
    /// By another process beside that.
    let beside: [String]
    /// While the image's init starts.
    let later: [String]
    /// The files of all of them.
    let files: [String: [UInt8]]
}

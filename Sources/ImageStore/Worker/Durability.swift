internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// What has been published is in the kernel's memory before it is on the disk. A kill harms nothing then, but a crash of
/// the machine may leave names without content. So what is not yet on the disk says during which boot it was written:
/// after another boot it is not believed.
///
/// Nobody waits for the disk: the kernel writes everything within a minute, and whoever uses it later takes the mark away. What
/// nobody has used again before a crash is extracted once more.
enum Durability {
    private static let mark = "unsynced"

    /// Marks a directory that is about to be published.
    static func markUnsynced(_ directory: FilePath) throws(SystemError) {
        try Files.writeAtomically(try bootID(), to: directory.appending(mark))
    }

    /// Whether a published directory is there and to be believed.
    static func isWhole(_ directory: FilePath) throws(SystemError) -> Bool {
        guard Files.exists(directory) else { return false }
        guard let boot = try Files.readIfPresent(directory.appending(mark), limit: 1 << 10) else { return true }
        return try boot == bootID()
    }

    /// How old a mark is when the kernel has written by itself what it stands for (Linux, vm.dirty_expire_centisecs: 30 s).
    private static let age = 60

    /// Takes the marks away if the first one is there and old: what it takes to be sure of the disk costs nothing then.
    static func settleIfDue(_ directories: [FilePath], in cache: FilePath) throws(SystemError) {
        guard let first = directories.first else { return }
        var status = stat()
        guard stat(first.appending(mark).string, &status) == 0, time(nil) - status.st_mtim.tv_sec > age else { return }
        try settle(directories, in: cache)
    }

    /// Writes everything to the disk and takes the marks away.
    static func settle(_ directories: [FilePath], in cache: FilePath) throws(SystemError) {
        let marks = directories.map { $0.appending(mark) }.filter(Files.exists)
        if marks.isEmpty { return }
        let top = try OwnedDescriptor(opening: cache, .readOnly, options: [.directory])
        guard clinux_sync_file_system(top.raw) == 0 else { throw SystemError("sync", cache.string) }
        for mark in marks where unlink(mark.string) != 0 && errno != ENOENT {
            throw SystemError("remove", mark.string)
        }
    }

    private static func bootID() throws(SystemError) -> [UInt8] {
        try Files.readWhole("/proc/sys/kernel/random/boot_id", limit: 1 << 10)
    }
}

internal import Glibc
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Keeps the logs of a machine from filling the disk: a guest may talk without end, and have QEMU and virtiofsd complain without end.
///
/// A log that has grown too long loses all but its last part. Nothing is looked at over and over: the kernel tells that a log has
/// grown, and then not again for a second.
final class LogLimit {
    /// A log that is longer is shortened, unless `BCVK_LOG_LIMIT` says otherwise.
    private static let usual = ByteSize(mebibytes: 64)
    /// The share of that which is left then.
    private static let share = 16
    private static let pause = Duration.seconds(1)

    private let paths: [FilePath]
    private let longest: Int64
    private let watch: FileWatch
    private var armAt: ContinuousClock.Instant?

    /// Watches logs; those that are not there yet, until they are.
    init(_ paths: [FilePath]) throws(SystemError) {
        self.paths = paths
        let wanted = getenv("BCVK_LOG_LIMIT").flatMap { ByteSize(String(cString: $0), bareUnit: 1) }
        longest = Int64(clamping: max(1 << 16, (wanted ?? Self.usual).bytes))
        watch = try FileWatch()
        arm()
    }

    /// Readable when a log has grown.
    var descriptor: Int32 { watch.descriptor }

    /// When `process` has to be called at the latest; nil for not at all.
    var deadline: ContinuousClock.Instant? { armAt }

    /// Does what is due.
    func process(_ ready: Poller.Readiness) throws(SystemError) {
        if ready.contains(watch.descriptor) {
            watch.drain()
            armAt = armAt ?? .now + Self.pause
        }
        guard let armAt, armAt <= .now else { return }
        self.armAt = nil
        arm()
        for path in paths { try shorten(path) }
    }

    private func arm() {
        // One that is not there, or was removed, does not grow.
        for path in paths { watch.addOnce(path) }
    }

    private func shorten(_ path: FilePath) throws(SystemError) {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_size > longest else { return }
        let file = try OwnedDescriptor(opening: path, .readWrite)
        let kept = Int(longest) / Self.share
        var tail = [UInt8](repeating: 0, count: kept)
        let count = tail.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, kept, status.st_size - off_t(kept)) }
        guard count >= 0 else { throw SystemError("shorten", path.string) }
        let content = Array("[bcvk: \(status.st_size - count) bytes before this are left out]\n".utf8) + tail[..<count]
        // Over its beginning, and then its end: who writes meanwhile writes at the end, and nothing comes before the line that tells it.
        try file.writeAll(content, subject: path.string)
        guard ftruncate(file.raw, off_t(content.count)) == 0 else { throw SystemError("shorten", path.string) }
    }
}

/// Writes a cpio archive in the `newc` form (Linux, "initramfs buffer format"). The same entries give the same bytes.
public struct CPIOWriter {
    /// The archive so far.
    public private(set) var bytes: [UInt8] = []
    private var inode = 0
    private var directories: Set<String> = []

    /// An empty archive.
    public init() {}

    /// Adds a file, and the directories above it that are not there yet.
    public mutating func file(_ path: String, _ content: [UInt8], mode: UInt32 = 0o644) {
        parents(of: path)
        entry(path, mode: 0o100000 | mode, content: content)
    }

    /// Adds a symbolic link.
    public mutating func link(_ path: String, to target: String) {
        parents(of: path)
        entry(path, mode: 0o120777, content: Array(target.utf8))
    }

    /// Adds a directory with those above it.
    public mutating func directory(_ path: String) {
        guard directories.insert(path).inserted else { return }
        parents(of: path)
        entry(path, mode: 0o040755, content: [])
    }

    /// Adds a character device.
    public mutating func characterDevice(_ path: String, major: UInt32, minor: UInt32, mode: UInt32) {
        parents(of: path)
        entry(path, mode: 0o020000 | mode, content: [], major: major, minor: minor)
    }

    /// Ends the archive. Another may follow it in the same file: the length is a multiple of 4.
    public mutating func finish() {
        inode = -1
        entry("TRAILER!!!", mode: 0, content: [])
    }

    private mutating func parents(of path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        directory(String(path[..<slash]))
    }

    private mutating func entry(
        _ path: String, mode: UInt32, content: [UInt8], major: UInt32 = 0, minor: UInt32 = 0
    ) {
        inode += 1
        let fields: [Int] = [
            inode, Int(mode), 0, 0, mode & 0o170000 == 0o040000 ? 2 : 1, 0, content.count, 0, 0, Int(major), Int(minor),
            path.utf8.count + 1, 0,
        ]
        bytes += "070701".utf8
        for field in fields { bytes += Self.hexadecimal(field) }
        bytes += path.utf8
        bytes.append(0)
        pad()
        bytes += content
        pad()
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    private static func hexadecimal(_ value: Int) -> String.UTF8View {
        let digits = String(value, radix: 16)
        return (String(repeating: "0", count: 8 - digits.count) + digits).utf8
    }
}

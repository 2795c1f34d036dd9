#if hasFeature(Embedded)
    import CGuest
    import CLinux
#else
    internal import CLinux
    internal import Glibc
#endif

/// Writes a path and what is below it as a copy stream. Both sides use it: the host to copy in, the guest to copy out.
public struct CopySender {
    private let stream: Int32
    private let warn: (String) -> Void
    private var outgoing: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameters:
    ///   - stream: the descriptor that is written.
    ///   - warn: told what is left out: devices, sockets and pipes.
    public init(stream: Int32, warn: @escaping (String) -> Void) {
        self.stream = stream
        self.warn = warn
    }

    /// Sends a path to its end. A path that ends in `/.` stands for what the directory holds.
    public mutating func send(_ path: String) throws(CopyFailure) {
        let split = CopyPath(path)
        let parent = clinux_open_path(split.parent, O_RDONLY | O_DIRECTORY)
        guard parent >= 0 else { throw CopyFailure("open", split.parent) }
        defer { close(parent) }
        // A link that is named is what it leads to; links below are copied as links.
        let status = try status(of: parent, split.name, path, followsLink: true)
        let flags = isDirectory(status) ? O_RDONLY | O_DIRECTORY : O_RDONLY | O_NONBLOCK
        let file = clinux_open_path(path, flags)
        guard file >= 0 else { throw CopyFailure("open", path) }
        defer { close(file) }
        try sendOpen(file, split.isContents ? [UInt8(ascii: ".")] : split.name, path)
        CopyEntry.end.append(to: &outgoing)
        try flush()
    }

    private mutating func sendOpen(_ file: Int32, _ name: [UInt8], _ path: String) throws(CopyFailure) {
        var status = clinux_status()
        guard clinux_status_of(file, &status) == 0 else { throw CopyFailure("stat", path) }
        let attributes = attributes(status, name)
        if isDirectory(status) {
            CopyEntry.enter(attributes).append(to: &outgoing)
            try sendContents(file, path)
            CopyEntry.leave.append(to: &outgoing)
        } else if status.mode & UInt32(S_IFMT) == UInt32(S_IFREG) {
            try sendBytes(file, attributes, UInt64(max(0, status.size)), path)
        } else {
            throw CopyFailure(reason: "\(path) is neither a file nor a directory")
        }
    }

    private mutating func sendContents(_ directory: Int32, _ path: String) throws(CopyFailure) {
        guard let names = clinux_open_names(directory) else { throw CopyFailure("read", path) }
        defer { clinux_close_names(names) }
        while let next = clinux_next_name(names) {
            let name = bytes(next)
            let inner = path + "/" + shown(name)
            let status = try status(of: directory, name, inner, followsLink: false)
            switch status.mode & UInt32(S_IFMT) {
            case UInt32(S_IFLNK):
                let target = try linkTarget(directory, name, inner)
                CopyEntry.link(attributes(status, name), target: target).append(to: &outgoing)
            case UInt32(S_IFREG), UInt32(S_IFDIR):
                let file = withCName(name) { clinux_open_name(directory, $0, O_RDONLY | O_NONBLOCK) }
                guard file >= 0 else { throw CopyFailure("open", inner) }
                defer { close(file) }
                try sendOpen(file, name, inner)
            default: warn("left out, neither file nor directory nor link: \(inner)")
            }
            if outgoing.count >= 64 << 10 { try flush() }
        }
    }

    private mutating func sendBytes(
        _ file: Int32, _ attributes: CopyAttributes, _ size: UInt64, _ path: String
    ) throws(CopyFailure) {
        CopyEntry.file(attributes, size: size).append(to: &outgoing)
        try flush()
        var left = size
        while left > 0 {
            let most = min(buffer.count, Int(clamping: left))
            var piece = buffer
            let count = try readPiece(file, &piece, most, path)
            buffer = piece
            // Its length was promised.
            if count == 0 { throw CopyFailure(reason: "\(path) has become shorter while it was read") }
            try writePiece(count)
            left -= UInt64(count)
        }
    }

    private func readPiece(_ file: Int32, _ piece: inout [UInt8], _ most: Int, _ path: String) throws(CopyFailure)
        -> Int
    {
        var failure: CopyFailure?
        let count = piece.withUnsafeMutableBytes { bytes -> Int in
            do throws(CopyFailure) {
                return try WholeTransfer.read(file, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<most]), path)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return count
    }

    private func writePiece(_ count: Int) throws(CopyFailure) {
        var failure: CopyFailure?
        buffer.withUnsafeBytes { bytes in
            do throws(CopyFailure) {
                try WholeTransfer.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: stream, "the copy")
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private mutating func flush() throws(CopyFailure) {
        var failure: CopyFailure?
        outgoing.withUnsafeBytes { bytes in
            do throws(CopyFailure) {
                try WholeTransfer.write(bytes, to: stream, "the copy")
            } catch {
                failure = error
            }
        }
        outgoing.removeAll(keepingCapacity: true)
        if let failure { throw failure }
    }

    // MARK: Status

    private func status(
        of directory: Int32, _ name: [UInt8], _ path: String, followsLink: Bool
    ) throws(CopyFailure) -> clinux_status {
        var status = clinux_status()
        let found = withCName(name) { name in clinux_status_at(directory, name, followsLink, &status) }
        guard found == 0 else { throw CopyFailure("read", path) }
        return status
    }

    private func linkTarget(_ directory: Int32, _ name: [UInt8], _ path: String) throws(CopyFailure) -> [UInt8] {
        var target = [CChar](repeating: 0, count: 4096)
        let count = withCName(name) { readlinkat(directory, $0, &target, target.count) }
        guard count > 0 else { throw CopyFailure("read link", path) }
        return target[..<count].map { UInt8(bitPattern: $0) }
    }

    private func attributes(_ status: clinux_status, _ name: [UInt8]) -> CopyAttributes {
        CopyAttributes(
            name: name, mode: status.mode & 0o7777, seconds: UInt64(bitPattern: status.modified_seconds),
            nanoseconds: UInt32(truncatingIfNeeded: status.modified_nanoseconds))
    }

    private func isDirectory(_ status: clinux_status) -> Bool {
        status.mode & UInt32(S_IFMT) == UInt32(S_IFDIR)
    }

    private func bytes(_ name: UnsafePointer<CChar>) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = 0
        while name[index] != 0 {
            bytes.append(UInt8(bitPattern: name[index]))
            index += 1
        }
        return bytes
    }
}

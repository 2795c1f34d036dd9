#if hasFeature(Embedded)
    import CGuest
    import CLinux
#else
    internal import CLinux
    internal import Glibc
#endif

/// Makes files of a copy stream. Nothing in the stream leads outside the directory that it was given: each name is a single
/// component, and links are made but never followed.
public struct CopyReceiver {
    private let stream: Int32
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var filled = 0
    private var taken = 0
    /// The directories that are entered, the innermost last.
    private var directories: [(descriptor: Int32, attributes: CopyAttributes?)] = []

    private let isFromGuest: Bool

    /// - Parameters:
    ///   - stream: the descriptor that is read.
    ///   - isFromGuest: whether a stranger sends: no file of his changes the user of whoever executes it.
    public init(stream: Int32, isFromGuest: Bool = false) {
        self.stream = stream
        self.isFromGuest = isFromGuest
    }

    /// Receives to a path, as cp(1) does: into it where it is a directory, else under its name.
    public mutating func receive(to path: String) throws(CopyFailure) {
        let split = CopyPath(path)
        var renamed: [UInt8]?
        var directory = clinux_open_path(path, O_RDONLY | O_DIRECTORY)
        if directory < 0 {
            directory = clinux_open_path(split.parent, O_RDONLY | O_DIRECTORY)
            guard directory >= 0 else { throw CopyFailure("open", split.parent) }
            renamed = split.name
        }
        directories = [(directory, nil)]
        defer { for entered in directories { close(entered.descriptor) } }
        guard var root = try nextEntry() else { throw CopyFailure(reason: "the copy ended before it began") }
        root = try placed(root, as: renamed, path, split)
        while true {
            if case .end = root { break }
            try make(root, path)
            guard let next = try nextEntry() else { throw CopyFailure(reason: "the copy broke off") }
            root = next
        }
        guard directories.count == 1 else { throw CopyFailure(reason: "the copy broke off") }
    }

    /// The first entry under the name that it gets here.
    private func placed(
        _ entry: CopyEntry, as renamed: [UInt8]?, _ path: String, _ split: CopyPath
    ) throws(CopyFailure) -> CopyEntry {
        switch entry {
        case .file(var attributes, let size):
            if let renamed {
                if split.wantsDirectory { throw CopyFailure(reason: "\(path) is no directory") }
                attributes.name = renamed
            }
            return .file(attributes, size: size)
        case .enter(var attributes):
            if let renamed { attributes.name = renamed }
            return .enter(attributes)
        default: throw CopyFailure(reason: "the copy begins with neither a file nor a directory")
        }
    }

    private mutating func make(_ entry: CopyEntry, _ path: String) throws(CopyFailure) {
        let current = directories[directories.count - 1].descriptor
        switch entry {
        case .file(let attributes, let size):
            try checkName(attributes)
            let file = withCName(attributes.name) { clinux_put_file(current, $0) }
            guard file >= 0 else { throw CopyFailure("create", shown(attributes.name)) }
            defer { close(file) }
            try fill(file, size, attributes)
            try finish(file, attributes)
        case .enter(let attributes):
            // "." as the first name means that the content goes right into the destination.
            let isDestination = directories.count == 1 && attributes.name == [UInt8(ascii: ".")]
            if !isDestination { try checkName(attributes) }
            let inner =
                isDestination
                ? clinux_open_name(current, ".", O_RDONLY | O_DIRECTORY)
                : withCName(attributes.name) { clinux_put_directory(current, $0) }
            guard inner >= 0 else { throw CopyFailure("create", shown(attributes.name)) }
            directories.append((inner, isDestination ? nil : attributes))
        case .leave:
            guard directories.count > 1, let left = directories.popLast() else {
                throw CopyFailure(reason: "the copy leaves a directory that it did not enter")
            }
            defer { close(left.descriptor) }
            if let attributes = left.attributes { try finish(left.descriptor, attributes) }
        case .link(let attributes, let target):
            try checkName(attributes)
            let result = withCName(attributes.name) { name in
                withCName(target) { clinux_put_link(current, name, $0) }
            }
            guard result == 0 else { throw CopyFailure("create link", shown(attributes.name)) }
        case .end: break
        }
    }

    private func checkName(_ attributes: CopyAttributes) throws(CopyFailure) {
        if !attributes.isSafe { throw CopyFailure(reason: "a name that is none: \(shown(attributes.name))") }
    }

    private func finish(_ file: Int32, _ attributes: CopyAttributes) throws(CopyFailure) {
        let result = clinux_set_mode_and_time(
            file, attributes.mode & (isFromGuest ? 0o1777 : 0o7777), Int64(bitPattern: attributes.seconds),
            Int64(attributes.nanoseconds))
        guard result == 0 else { throw CopyFailure("set mode of", shown(attributes.name)) }
    }

    private mutating func fill(_ file: Int32, _ size: UInt64, _ attributes: CopyAttributes) throws(CopyFailure) {
        var left = size
        while left > 0 {
            if taken == filled { try refill() }
            if taken == filled { throw CopyFailure(reason: "the copy broke off in \(shown(attributes.name))") }
            let count = min(filled - taken, Int(clamping: left))
            var failure: CopyFailure?
            buffer.withUnsafeBytes { bytes in
                do throws(CopyFailure) {
                    try WholeTransfer.write(
                        UnsafeRawBufferPointer(rebasing: bytes[taken..<(taken + count)]), to: file,
                        shown(attributes.name))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            taken += count
            left -= UInt64(count)
        }
    }

    // MARK: The stream

    /// The next entry; nil at the end of the stream.
    private mutating func nextEntry() throws(CopyFailure) -> CopyEntry? {
        guard let head = try take(4) else { return nil }
        let length = Int(head[0]) | Int(head[1]) << 8 | Int(head[2]) << 16 | Int(head[3]) << 24
        guard length <= CopyEntry.maximumLength else { throw CopyFailure(reason: "an entry that is none in the copy") }
        guard let bytes = try take(length) else { return nil }
        do throws(FrameError) {
            return try CopyEntry(bytes)
        } catch {
            throw CopyFailure(reason: "an entry that is none in the copy")
        }
    }

    private mutating func take(_ count: Int) throws(CopyFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            if taken == filled { try refill() }
            if taken == filled { return nil }
            let piece = min(count - bytes.count, filled - taken)
            bytes.append(contentsOf: buffer[taken..<(taken + piece)])
            taken += piece
        }
        return bytes
    }

    private mutating func refill() throws(CopyFailure) {
        var failure: CopyFailure?
        var count = 0
        buffer.withUnsafeMutableBytes { bytes in
            do throws(CopyFailure) {
                count = try WholeTransfer.read(stream, into: bytes, "the copy")
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        filled = count
        taken = 0
    }
}

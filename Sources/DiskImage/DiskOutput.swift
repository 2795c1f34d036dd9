internal import Glibc
internal import LinuxSystem
internal import Machine
public import SystemPackage

/// The file that a disk is written to: seen to before the work, and replaced in one step after it.
public struct DiskOutput: Sendable {
    /// What is there already.
    public enum State: Sendable, Hashable {
        /// Nothing.
        case absent
        /// A disk of the same inputs.
        case current
        /// A disk of other inputs.
        case outdated
        /// A file that bcvk has not made.
        case foreign
    }

    /// The file, with links followed.
    public let path: FilePath

    /// - Throws: where the name stands for something that is no file, or for a place where none can be.
    public init(_ path: FilePath) throws {
        var resolved = path
        if let real = realpath(path.string, nil) {
            resolved = FilePath(String(cString: real))
            free(real)
        }
        self.path = resolved
        var status = stat()
        if stat(resolved.string, &status) == 0 {
            let kind = FileKind(mode: status.st_mode) ?? .regular
            guard kind == .regular else {
                throw DiskImageError.outputIsNoFile(path.string, what: Self.name(kind))
            }
        }
        let parent = Self.directory(of: resolved)
        guard access(parent.string, W_OK | X_OK) == 0 else { throw SystemError("write to directory", parent.string) }
    }

    /// Compares what is there with a key.
    public func state(_ key: String) throws -> State {
        guard Files.exists(path) else { return .absent }
        // What cannot be read as a disk is somebody else's file.
        guard let disk = try? DiskReader(path), let description = disk.description else { return .foreign }
        return description.key == key ? .current : .outdated
    }

    /// Makes the disk and puts it in the place of what is there.
    /// - Parameters:
    ///   - replacesForeign: whether a file that bcvk has not made may go.
    /// - Returns: what the user should know of the system on the disk.
    public func write(
        _ plan: DiskPlan, replacesForeign: Bool, note: @escaping (DiskBuilder.Step) -> Void
    ) throws -> [String] {
        let state = try state(plan.key)
        if state == .foreign, !replacesForeign { throw DiskImageError.outputIsForeign(path.string) }
        if state != .absent, let user = try DiskReader.user(of: path) {
            throw DiskImageError.outputInUse(path.string, by: user)
        }
        try checkSpace(plan)
        // Beside the output, so that the finished file only has to be renamed.
        let place = Self.directory(of: path)
        let work = place.appending(".\(path.lastComponent?.string ?? "disk").bcvk")
        let lockFile = FilePath(work.string + ".lock")
        guard let lock = try FileLock.exclusive(lockFile, wait: false) else {
            throw DiskImageError.outputInUse(path.string, by: "another bcvk that writes it")
        }
        defer {
            unlink(lockFile.string)
            withExtendedLifetime(lock) {}
        }
        // What a killed run has left.
        try Files.removeTree(work)
        let guardian = try WorkGuard([work, lockFile])
        defer { guardian.end() }
        do {
            try Files.createDirectories(work)
            let (file, remarks) = try DiskBuilder(plan, note: note).build(in: work)
            let mask = umask(0)
            umask(mask)
            guard chmod(file.string, 0o666 & ~mask) == 0, rename(file.string, path.string) == 0 else {
                throw SystemError("rename to", path.string)
            }
            try Files.removeTree(work)
            return remarks
        } catch {
            let reason = Self.isFull(place) ? Self.told(error, of: place) : error
            try Files.removeTree(work)
            throw reason
        }
    }

    /// Programs do not always say that they failed for want of space.
    private static func told(_ error: any Error, of place: FilePath) -> any Error {
        guard case DiskImageError.toolFailed(let name, _) = error else { return error }
        return DiskImageError.toolFailed(name, reason: "no space left in \(place)")
    }

    private static func isFull(_ place: FilePath) -> Bool {
        guard let facts = try? FileSystemFacts(of: place) else { return false }
        return facts.free < 1 << 20 || facts.freeFiles == 0
    }

    private func checkSpace(_ plan: DiskPlan) throws {
        let place = Self.directory(of: path)
        let free = try FileSystemFacts(of: place).free
        guard free >= plan.hostBytes else {
            throw DiskImageError.noSpace(
                place.string, needed: ByteSize(bytes: plan.hostBytes).description,
                free: ByteSize(bytes: free).description)
        }
    }

    private static func directory(of path: FilePath) -> FilePath {
        let parent = path.removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    private static func name(_ kind: FileKind) -> String {
        switch kind {
        case .directory: "a directory"
        case .blockDevice, .characterDevice: "a device"
        case .fifo: "a pipe"
        case .socket: "a socket"
        case .regular, .symbolicLink: "no regular file"
        }
    }
}

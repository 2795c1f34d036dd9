import CGuest
import CLinux

/// The image's root while it is still mounted below the initramfs. Every path is resolved by the kernel with the tree as
/// "/": whatever links the image holds, nothing outside is touched.
struct RootTree {
    /// Where it is mounted.
    let path: String
    private let directory: Int32

    /// The root at a path; the descriptor stays open as long as the program runs.
    init(_ path: String) throws(GuestError) {
        self.path = path
        directory = guest_open(path, guest_path_only() | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw GuestError("open", path) }
    }

    /// Whether there is a directory that is no link.
    func isRealDirectory(_ inner: String) -> Bool {
        status(inner, flags: guest_path_only() | O_NOFOLLOW).map { $0.mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
            ?? false
    }

    /// Whether the path leads to anything, links followed.
    func exists(_ inner: String) -> Bool {
        status(inner, flags: guest_path_only()) != nil
    }

    /// Whether the path is a link.
    func isLink(_ inner: String) -> Bool {
        status(inner, flags: guest_path_only() | O_NOFOLLOW).map { $0.mode & UInt32(S_IFMT) == UInt32(S_IFLNK) }
            ?? false
    }

    /// Mode and owner of what the path leads to.
    func status(_ inner: String) -> clinux_status? {
        status(inner, flags: guest_path_only())
    }

    private func status(_ inner: String, flags: Int32) -> clinux_status? {
        let file = clinux_open_in_root(directory, inner, flags, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = clinux_status()
        return clinux_status_of(file, &status) == 0 ? status : nil
    }

    /// A file's bytes; nil where there is none or it is empty.
    func read(_ inner: String) throws(GuestError) -> [UInt8]? {
        let file = clinux_open_in_root(directory, inner, O_RDONLY | O_NONBLOCK, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = try WholeFile.read(file, subject: inner)
        return bytes.isEmpty ? nil : bytes
    }

    /// Replaces a file's content, or makes the file; its directory must be there.
    func write(_ bytes: [UInt8], to inner: String, mode: UInt32) throws(GuestError) {
        let file = clinux_open_in_root(directory, inner, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard file >= 0 else { throw GuestError("create", inner) }
        defer { close(file) }
        try WholeFile.write(bytes, to: file, subject: inner)
        if fchmod(file, mode) != 0 { throw GuestError("set mode of", inner) }
    }

    /// Writes a file that is this machine's own: a link in its place is replaced, not followed.
    func replace(_ inner: String, with bytes: [UInt8], mode: UInt32) throws(GuestError) {
        if isLink(inner) { try remove(inner) }
        try write(bytes, to: inner, mode: mode)
    }

    /// Makes a symbolic link; what has its name is replaced, but for a directory.
    func makeLink(at inner: String, to target: String) throws(GuestError) {
        try remove(inner)
        let (parent, name) = Self.split(inner)
        let holder = clinux_open_in_root(directory, parent, guest_path_only() | O_DIRECTORY, 0)
        guard holder >= 0 else { throw GuestError("open", parent) }
        defer { close(holder) }
        if symlinkat(target, holder, name) != 0 { throw GuestError("create", inner) }
    }

    /// Mounts on a directory, wherever links lead to it.
    func mount(_ source: String, on inner: String, type: String, flags: UInt) throws(GuestError) {
        let place = clinux_open_in_root(directory, inner, guest_path_only() | O_DIRECTORY, 0)
        guard place >= 0 else { throw GuestError("open", inner) }
        defer { close(place) }
        do throws(GuestError) {
            try Mounting.mount(source, on: "/proc/self/fd/\(place)", type: type, flags: flags)
        } catch {
            throw GuestError("mount " + source + " on", inner, code: error.code)
        }
    }

    /// Removes a name that is no directory; one that is not there is no error.
    func remove(_ inner: String) throws(GuestError) {
        let (parent, name) = Self.split(inner)
        let holder = clinux_open_in_root(directory, parent, guest_path_only() | O_DIRECTORY, 0)
        guard holder >= 0 else { throw GuestError("open", parent) }
        defer { close(holder) }
        if unlinkat(holder, name, 0) != 0, guest_errno() != ENOENT { throw GuestError("remove", inner) }
    }

    /// Makes a directory with its missing parents. A link whose target is missing gets the target made.
    func makeDirectory(_ inner: String, mode: UInt32 = 0o755, depth: Int = 0) throws(GuestError) {
        let there = clinux_open_in_root(directory, inner, guest_path_only() | O_DIRECTORY, 0)
        if there >= 0 {
            close(there)
            return
        }
        guard guest_errno() == ENOENT, depth < 16 else { throw GuestError("create", inner) }
        let (parent, name) = Self.split(inner)
        if let target = linkTarget(inner) {
            let isAbsolute = target.utf8.first == UInt8(ascii: "/")
            return try makeDirectory(isAbsolute ? target : parent + "/" + target, mode: mode, depth: depth + 1)
        }
        try makeDirectory(parent, depth: depth + 1)
        let holder = clinux_open_in_root(directory, parent, guest_path_only() | O_DIRECTORY, 0)
        guard holder >= 0 else { throw GuestError("open", parent) }
        defer { close(holder) }
        if mkdirat(holder, name, mode) != 0 { throw GuestError("create", inner) }
    }

    /// Sets the mode and owner of a file or directory.
    func setAttributes(_ inner: String, mode: UInt32, owner: UInt32, group: UInt32) throws(GuestError) {
        let file = clinux_open_in_root(directory, inner, O_RDONLY | O_NONBLOCK, 0)
        guard file >= 0 else { throw GuestError("open", inner) }
        defer { close(file) }
        if fchown(file, owner, group) != 0 || fchmod(file, mode) != 0 { throw GuestError("set mode of", inner) }
    }

    private func linkTarget(_ inner: String) -> String? {
        let link = clinux_open_in_root(directory, inner, guest_path_only() | O_NOFOLLOW, 0)
        guard link >= 0 else { return nil }
        defer { close(link) }
        var target = [CChar](repeating: 0, count: 4097)
        let count = readlinkat(link, "", &target, 4096)
        guard count > 0 else { return nil }
        return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of the directory that a path's last name is in.
    static func parent(of inner: String) -> String { split(inner).parent }

    private static func split(_ inner: String) -> (parent: String, name: String) {
        let bytes = Array(inner.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return ("/", inner) }
        let parent = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
        return (parent, String(decoding: bytes[(slash + 1)...], as: UTF8.self))
    }
}

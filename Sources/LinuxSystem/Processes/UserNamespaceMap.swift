internal import Glibc
internal import SystemPackage

/// What prevents an ordinary user from having files with other owners.
public enum UserNamespaceError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case noSubordinateIDs(user: String, file: String)
    case noMappingProgram(String)
    case mappingFailed(program: String, message: String)
    /// - Parameters:
    ///   - step: what the kernel refused, and its word for it.
    ///   - reason: the setting that is the cause; nil where that is not known.
    case refused(step: String, reason: String?, cure: String?)

    public var description: String {
        switch self {
        case .noSubordinateIDs(let user, let file): "no subordinate ids for user \(user) in \(file)"
        case .noMappingProgram(let name): "\(name) is not installed: an ordinary user needs it to own files as others"
        case .mappingFailed(let program, let message): "\(program) refused the id map: \(message)"
        case .refused(let step, let reason, _):
            "the kernel refuses an ordinary user namespaces (\(step))" + (reason.map { ": \($0)" } ?? "")
        }
    }

    public var hint: String? {
        switch self {
        case .noSubordinateIDs(let user, _):
            "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
        case .noMappingProgram: "install the package uidmap (Debian, Ubuntu) or shadow-utils (Fedora)"
        case .mappingFailed: "check /etc/subuid and /etc/subgid, and that newuidmap and newgidmap are setuid root"
        case .refused(_, _, let cure):
            cure ?? "inside a container it is the container's settings that decide; outside, run as root"
        }
    }
}

/// A range of ids that a user may give to the files and processes of a user namespace (subuid(5)).
public struct SubordinateRange: Hashable, Sendable {
    /// The first id on the host.
    public let first: UInt32
    /// How many there are.
    public let count: UInt32

    /// `count` ids from `first` up.
    public init(first: UInt32, count: UInt32) {
        self.first = first
        self.count = count
    }

    /// Finds a user's first range in the text of /etc/subuid or /etc/subgid. The user is named by login name or number.
    public static func find(in text: String, user: String, id: UInt32) -> SubordinateRange? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == user || fields[0] == "\(id)",
                let first = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0
            else { continue }
            return SubordinateRange(first: first, count: count)
        }
        return nil
    }
}

/// How ids of a user namespace stand for ids of the host: 0 is the calling user, 1 and up are its subordinate ids.
public struct UserNamespaceMap: Hashable, Sendable {
    /// The calling user, who is root inside.
    public let user: UInt32
    /// Its group, group 0 inside.
    public let group: UInt32
    /// The user ids from 1 up.
    public let users: SubordinateRange
    /// The group ids from 1 up.
    public let groups: SubordinateRange

    /// A map of these ids.
    package init(user: UInt32, group: UInt32, users: SubordinateRange, groups: SubordinateRange) {
        self.user = user
        self.group = group
        self.users = users
        self.groups = groups
    }

    /// The map of the calling user; nil for root, who needs none.
    public static func forCurrentUser() throws(UserNamespaceError) -> UserNamespaceMap? {
        let user = geteuid()
        if user == 0 { return nil }
        let name = getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
        for program in ["newuidmap", "newgidmap"] where ProgramSearch.find(program) == nil {
            throw .noMappingProgram(program)
        }
        return UserNamespaceMap(
            user: user, group: getegid(), users: try range("/etc/subuid", name, user),
            groups: try range("/etc/subgid", name, user))
    }

    /// What a user id of the host is inside; the overflow id where it is not mapped.
    public func inside(user id: UInt32) -> UInt32 { Self.inside(id, own: user, users) }

    /// What a group id of the host is inside.
    public func inside(group id: UInt32) -> UInt32 { Self.inside(id, own: group, groups) }

    private static func inside(_ id: UInt32, own: UInt32, _ range: SubordinateRange) -> UInt32 {
        if id == own { return 0 }
        guard id >= range.first, id - range.first < range.count else { return 65_534 }
        return id - range.first + 1
    }

    private static func range(
        _ file: String, _ name: String, _ id: UInt32
    ) throws(UserNamespaceError) -> SubordinateRange {
        let text = (try? Files.readWhole(FilePath(file))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let range = SubordinateRange.find(in: text, user: name, id: id) else {
            throw .noSubordinateIDs(user: name, file: file)
        }
        return range
    }

    /// Writes the maps of a process that waits in a new user namespace, by newuidmap(1) and newgidmap(1).
    func apply(to process: Int32) throws(UserNamespaceError) {
        for (program, own, range) in [("newuidmap", user, users), ("newgidmap", group, groups)] {
            guard let path = ProgramSearch.find(program) else { throw .noMappingProgram(program) }
            let arguments =
                [process, 0, Int32(bitPattern: own), 1].map { "\($0)" } + ["1", "\(range.first)", "\(range.count)"]
            do {
                let result = try ChildProgram(path, arguments).run()
                guard result.exit == .exited(0) else {
                    throw UserNamespaceError.mappingFailed(program: program, message: result.errorText)
                }
            } catch let failure as UserNamespaceError {
                throw failure
            } catch {
                throw .mappingFailed(program: program, message: "\(error)")
            }
        }
    }
}

internal import CLinux
internal import Glibc
public import SystemPackage

/// A program to run as a child: what to execute, what it inherits and how it is fenced in.
public struct ChildProgram: Sendable {
    /// The file to execute.
    public var executable: FilePath
    /// Its arguments, without the program's name.
    public var arguments: [String]
    /// `NAME=value` words; nil hands on our own environment.
    public var environment: [String]?
    /// Runs it as root of a new user namespace with this map (and in a new mount namespace).
    public var userNamespace: UserNamespaceMap?
    /// The signal it gets when the thread that started it ends; nil lets it live on.
    public var parentDeathSignal: Int32?
    /// Neither it nor its children gain privileges by exec.
    public var noNewPrivileges = false
    /// Starts a session of its own, without a controlling terminal.
    public var newSession = false
    /// Leaves our process group, so that the terminal's Ctrl-C does not reach it.
    public var newProcessGroup = false
    /// A directory that it sees mounted read-only, whatever its privileges.
    public var readOnlyDirectory: FilePath?
    /// Whether it also sees what is mounted below that directory, read-only too.
    public var readOnlyIsRecursive = false
    /// For how many descriptors it has room before it has threads; nil for the usual 64.
    public var descriptorRoom: DescriptorRoom?
    /// What is left to it; nil leaves it all that we have.
    public var fence: ProgramFence?
    /// What `run()` writes to its standard input.
    public var input: [UInt8] = []

    /// Room for descriptors. To make more once there are threads costs a wait for the whole kernel each time, some ten milliseconds.
    public struct DescriptorRoom: Sendable, Hashable {
        /// How many; at most the hard limit of open files. The soft limit stays what it is.
        public var count: Int
        /// Whether a child of the program needs it too; it has one descriptor more then.
        public var isInherited: Bool

        /// Room for so many.
        public init(_ count: Int, isInherited: Bool = false) {
            self.count = count
            self.isInherited = isInherited
        }
    }

    /// Our own environment, as `NAME=value` words.
    public static var ownEnvironment: [String] {
        var words: [String] = []
        var next = environ
        while let word = next.pointee {
            words.append(String(cString: word))
            next += 1
        }
        return words
    }

    /// A program with its arguments; everything else as a plain child has it.
    public init(_ executable: FilePath, _ arguments: [String] = []) {
        self.executable = executable
        self.arguments = arguments
    }

    /// Starts it with exactly these descriptors as 0, 1, 2 and so on; they stay open here.
    ///
    /// With a parent-death signal it must be called on a thread that lives as long as the child should.
    public func start(descriptors: [Int32]) throws -> RunningProgram {
        try ForkWindow.alone { try fork(descriptors) }
    }

    private func fork(_ descriptors: [Int32]) throws -> RunningProgram {
        var child = clinux_spawned()
        let result = withRequest(descriptors) { clinux_spawn_start($0, &child) }
        guard result == 0 else { throw failure(of: child) }
        if let userNamespace {
            do {
                try userNamespace.apply(to: child.pid)
            } catch {
                clinux_spawn_abandon(&child)
                throw error
            }
            guard clinux_spawn_resume(&child) == 0 else { throw failure(of: child) }
        }
        return RunningProgram(process: child.pid, processDescriptor: OwnedDescriptor(owning: child.pid_descriptor))
    }

    private func failure(of child: clinux_spawned) -> any Error {
        let step = withUnsafeBytes(of: child.failed_step) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let failure = SystemError(step, executable.string, errno: child.failed_errno)
        guard userNamespace != nil, step != "execute", [EPERM, EACCES, ENOSPC, EUSERS].contains(child.failed_errno)
        else { return failure }
        let obstacle = NamespaceLimits.read().obstacle
        return UserNamespaceError.refused(
            step: "\(step): \(failure.errno)", reason: obstacle?.reason, cure: obstacle?.cure)
    }

    private func withRequest(_ descriptors: [Int32], _ body: (UnsafePointer<clinux_spawn_request>) -> Int32) -> Int32 {
        let words = CStringArray([executable.string] + arguments)
        let variables = environment.map { CStringArray($0) }
        let fence = fence.map { FenceRequest($0) }
        defer { withExtendedLifetime(fence) {} }
        return executable.withPlatformString { path in
            descriptors.withUnsafeBufferPointer { numbers in
                let directory = readOnlyDirectory.map { strdup($0.string) } ?? nil
                defer { free(directory) }
                var request = clinux_spawn_request()
                request.path = path
                request.arguments = UnsafePointer(words.pointers)
                request.environment = UnsafePointer(variables?.pointers ?? environ)
                request.descriptors = numbers.baseAddress
                request.descriptor_count = Int32(numbers.count)
                request.descriptor_room = Int32(clamping: descriptorRoom?.count ?? 0)
                request.descriptor_room_is_inherited = descriptorRoom?.isInherited ?? false
                request.parent_death_signal = parentDeathSignal ?? 0
                request.no_new_privileges = noNewPrivileges
                request.new_session = newSession
                request.new_process_group = newProcessGroup
                request.user_namespace = userNamespace != nil
                request.read_only_directory = UnsafePointer(directory)
                request.read_only_recursive = readOnlyIsRecursive
                request.fence = fence.map { UnsafePointer($0.request) }
                return withUnsafePointer(to: &request, body)
            }
        }
    }
}

internal import CSeccomp
internal import Glibc

/// What a process may ask of the kernel from now on (seccomp(2)). Everything else fails as a call that the kernel does not
/// have, so that the C library takes an older one where it knows one.
public struct SystemCallFilter: Sendable {
    /// The calls that are allowed, by name; names that this processor does not have are passed over.
    public var allowed: [String]

    /// A filter that allows these calls, threads of this process, and memory that is never executed.
    public init(allowed: [String]) {
        self.allowed = allowed
    }

    /// Puts the filter on all threads of this process, for good.
    public func apply() throws(SystemError) {
        guard let filter = cseccomp_refuse_all() else { throw SystemError("make", "system call filter", errno: ENOMEM) }
        defer { seccomp_release(filter) }
        for name in allowed { try Self.check(cseccomp_allow(filter, name), name) }
        // clone3(2) hides its flags in memory, so only clone(2) can be allowed for threads alone.
        try Self.check(cseccomp_allow_masked(filter, "clone", 0, Self.threadFlag, Self.threadFlag), "clone")
        for name in ["mmap", "mprotect"] {
            try Self.check(cseccomp_allow_masked(filter, name, 2, UInt64(PROT_EXEC), 0), name)
        }
        // A binary tree: the filter is asked at every call.
        try Self.check(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "system call filter")
        // Threads that there are already get it too.
        try Self.check(seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1), "threads")
        try Self.check(seccomp_load(filter), "system call filter")
    }

    /// CLONE_THREAD, which Glibc's module leaves out.
    private static let threadFlag: UInt64 = 0x10000

    private static func check(_ result: Int32, _ subject: String) throws(SystemError) {
        guard result == 0 else { throw SystemError("restrict", subject, errno: -result) }
    }
}

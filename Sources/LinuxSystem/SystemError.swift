public import Glibc
public import SystemPackage

/// A system call that failed: what was tried, on what, and the kernel's reason.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, as a verb: "open", "bind".
    public let operation: String
    /// What it was tried on: a path, an address, a program.
    public let subject: String
    /// The kernel's reason.
    public let errno: Errno

    /// Takes the calling thread's `errno` unless another is given.
    public init(_ operation: String, _ subject: String, errno: Int32 = Glibc.errno) {
        self.operation = operation
        self.subject = subject
        self.errno = Errno(rawValue: errno)
    }

    public var description: String {
        subject.isEmpty ? "\(operation): \(errno)" : "\(operation) \(subject): \(errno)"
    }
}

extension SystemError: HintedError {
    public var hint: String? {
        errno == .noSpace ? "free some space: bcvk images prune removes from the cache what nobody needs" : nil
    }
}

/// An error that knows a cure.
public protocol HintedError: Error {
    /// What the user can do about it, as one short sentence; nil where that is not known.
    var hint: String? { get }
}

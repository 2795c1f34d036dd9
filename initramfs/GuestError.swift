import CGuest

/// A step that failed: what was tried, on what, and why.
struct GuestError: Error {
    let operation: String
    let subject: String
    /// The kernel's errno; 0 where the reason is not the kernel's.
    let code: Int32
    private let reason: String

    /// Takes the thread's errno unless another is given.
    init(_ operation: String, _ subject: String, code: Int32 = guest_errno()) {
        self.operation = operation
        self.subject = subject
        self.code = code
        reason = String(cString: strerror(code))
    }

    init(_ operation: String, _ subject: String, reason: String) {
        self.operation = operation
        self.subject = subject
        self.reason = reason
        code = 0
    }

    var text: String {
        "\(operation) \(subject): \(reason)"
    }
}

import CGuest

/// A step that failed: what was tried, on what, and the kernel's reason.
struct GuestError: Error {
    let operation: String
    let subject: String
    let code: Int32

    /// Takes the thread's errno unless another is given.
    init(_ operation: String, _ subject: String, code: Int32 = guest_errno()) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    var text: String {
        "\(operation) \(subject): \(String(cString: strerror(code)))"
    }
}

import Glibc
import Synchronization
import Testing

/// A defect of old QEMU, for tests that boot machines with it.
///
/// QEMU's translator for x86 was changed in 2024 because an arithmetic instruction that turned out to write to memory that is not
/// mapped could leave wrong flags behind. A guest's kernel was once seen to panic with QEMU 7.2, its flags holding a pointer's bytes,
/// which that defect explains; it was not reproduced. Nothing that bcvk does prevents it; `contrib/host-tools` brings a QEMU
/// without it. With Debian 12's own QEMU a panic of just this kind is reported as a known issue, with any other it is a failure.
struct TranslatorDefect: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    /// Whether the QEMU that the tests were told to use is one of those: Debian 12's own.
    static let isPresent = getenv("VIRTIOFSD_BIN").map { String(cString: $0).hasSuffix("/qemu/virtiofsd") } ?? false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        guard Self.isPresent, testCase != nil else { return try await function() }
        // What fails after a panic fails because of it.
        let hasPanicked = Mutex(false)
        try await withKnownIssue("QEMU's translator", isIntermittent: true) {
            try await function()
        } matching: { issue in
            hasPanicked.withLock { seen in
                if "\(issue)".contains("kernel panic: Fatal exception") { seen = true }
                return seen
            }
        }
    }
}

extension Trait where Self == TranslatorDefect {
    /// The suite boots machines, with old QEMU too.
    static var bootsWithOldQEMU: Self { TranslatorDefect() }
}

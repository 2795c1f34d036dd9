/// A program of the guest that has run to its end.
public struct Execution: Sendable, Hashable {
    /// How a program ended.
    public enum Exit: Sendable, Hashable {
        /// By itself, with a code.
        case code(UInt8)
        /// By a signal.
        case signal(UInt8)
    }

    /// How it ended.
    public let exit: Exit
    /// What it wrote to its standard output, to the byte.
    public let output: [UInt8]
    /// What it wrote to its standard error, to the byte.
    public let errorOutput: [UInt8]

    /// Whether it ended with code 0.
    public var succeeded: Bool { exit == .code(0) }

    /// Its exit code as a shell has it: the code, or 128 and the signal's number.
    public var exitCode: Int32 {
        switch exit {
        case .code(let code): Int32(code)
        case .signal(let number): 128 + Int32(number)
        }
    }

    /// Its standard output as text; bytes that are no UTF-8 are replaced.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// Its standard error as text; bytes that are no UTF-8 are replaced.
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

/// What a supervisor does with a machine's saved state.
public enum SavedState: Sendable, Codable {
    /// It writes the state to these files when it is asked to (SIGUSR1), and ends the machine.
    case save(StateFiles)
    /// The machine goes on from it; where that cannot be, it boots, and the template goes.
    case load(StateSource)
}

/// A state to go on from, and what the machine has of its own.
public struct StateSource: Sendable, Codable {
    /// The template's directory.
    public var template: String
    /// The files in it.
    public var files: StateFiles
    /// The version of QEMU that wrote it.
    public var qemuVersion: String
    /// The machine's name, id and keys: a `GuestConfiguration` as text.
    public var configuration: [UInt8]
}

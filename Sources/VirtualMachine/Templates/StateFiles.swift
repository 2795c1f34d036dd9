internal import SystemPackage

/// The files of a saved machine.
public struct StateFiles: Sendable, Hashable, Codable {
    /// What QEMU writes: the state of processors and devices.
    public var devices: String
    /// The guest's memory as it lies in the machine, where only pages that are not zero take space.
    public var memory: String

    /// Those in a template's directory.
    init(in directory: FilePath) {
        devices = directory.appending("devices").string
        memory = directory.appending("memory").string
    }
}

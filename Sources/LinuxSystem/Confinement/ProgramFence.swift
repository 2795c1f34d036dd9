internal import CLinux
public import SystemPackage

/// What is left to a program that a stranger may take over from inside: no capability, no new privilege, and of the file system only
/// what is named here. What it works with is handed to it as open descriptors.
///
/// The file system is fenced twice, since each fence has a gap that the other closes. A root of its own, in a mount namespace, hides
/// what is not named, sockets of other programs among it; it is not to be had where a system forbids user namespaces. Landlock
/// checks each opening, works for everybody and also within what is visible; it does not stop a connection to a socket that has a
/// path, and needs Linux 5.13.
public struct ProgramFence: Sendable, Hashable {
    /// A directory over which the program's own root is mounted, for the program alone.
    public var base: FilePath
    /// What it may read and execute.
    public var readable: [FilePath]
    /// Devices that it may use.
    public var devices: [FilePath]
    /// Whether it may not connect by TCP.
    public var refusesConnections = false
    /// Whether it may not listen by TCP.
    public var refusesListening = false

    /// A fence around a program that needs these.
    public init(base: FilePath, readable: [FilePath], devices: [FilePath]) {
        self.base = base
        self.readable = readable
        self.devices = devices
    }

    /// The version of Landlock that this kernel has; nil where it has none, or it is not switched on.
    public static var landlockVersion: Int? {
        let version = clinux_landlock_version()
        return version > 0 ? Int(version) : nil
    }
}

/// The same in C's form.
final class FenceRequest {
    let request: UnsafeMutablePointer<clinux_fence>
    private let base: CStringArray
    private let readable: CStringArray
    private let devices: CStringArray

    init(_ fence: ProgramFence) {
        base = CStringArray([fence.base.string])
        readable = CStringArray(fence.readable.map(\.string))
        devices = CStringArray(fence.devices.map(\.string))
        request = .allocate(capacity: 1)
        request.initialize(
            to: clinux_fence(
                base: base.constant[0], readable: readable.constant, devices: devices.constant,
                refuses_connections: fence.refusesConnections, refuses_listening: fence.refusesListening))
    }

    deinit { request.deallocate() }
}

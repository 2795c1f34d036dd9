internal import Glibc
public import LinuxSystem
internal import SystemPackage

/// A directory that a machine is given by virtiofs.
public struct ServedShare: Sendable, Hashable, Codable {
    /// What the guest may do with it, and what that means for caches.
    public enum Access: String, Sendable, Hashable, Codable {
        /// A tree that nobody ever changes.
        case tree
        /// A directory that others change, and the guest does not.
        case readOnly
        /// A directory that the guest changes, as others do.
        case writable
    }

    /// The directory.
    public var directory: String
    /// What the guest may do with it.
    public var access: Access
    /// The socket on which its server listens.
    public var socket: String
}

extension VirtiofsdProgram {
    /// A server of a directory, on a listening socket that it inherits as descriptor `socket`.
    ///
    /// An image's tree may be cached for ever because it never changes. A directory of the user's does, so what the guest knows
    /// of it is good for a second, and a file's content until the file is opened again (`auto`). `never` would be stricter, but
    /// then no file can be mapped for writing, and every look is a question to the host.
    ///
    /// That nothing is written where nothing may be is seen to twice: by the server where it can, and by a mount of the
    /// directory that is read-only for it.
    /// - Parameter map: the user namespace of an ordinary user; nil for root. The guest's root is then that user.
    public func serving(
        _ share: ServedShare, socket: Int32, map: UserNamespaceMap?
    ) throws(MachineError) -> ChildProgram {
        let cache = share.access == .tree ? "always" : "auto"
        var arguments: [String]
        switch flavour {
        case .rust:
            arguments = [
                "--fd=\(socket)", "--shared-dir=\(share.directory)", "--cache=\(cache)", "--sandbox=namespace",
                "--xattr",
                // No handles: they need a capability.
                "--inode-file-handles=never", "--log-level=warn",
            ]
            if share.access != .writable, knowsReadOnly { arguments.append("--readonly") }
            arguments.append("--modcaps=\(Self.surrendered(share.access).joined(separator: ":"))")
        case .c:
            try checkUsable(isRoot: map == nil)
            arguments = [
                "--fd=\(socket)", "-o", "source=\(Self.escaped(share.directory))", "-o", "cache=\(cache)", "-o",
                "xattr",
                "-o", "sandbox=namespace", "-o", "log_level=warn",
            ]
            arguments += ["-o", "modcaps=\(Self.surrendered(share.access).joined(separator: ":"))"]
        }
        var program = ChildProgram(executable, arguments)
        program.userNamespace = map
        if share.access != .writable { program.readOnlyDirectory = FilePath(share.directory) }
        // What is mounted in an image's tree is none of the image's; in a directory of the user's it is.
        program.readOnlyIsRecursive = share.access == .readOnly
        program.noNewPrivileges = true
        program.parentDeathSignal = SIGKILL
        program.newProcessGroup = true
        // One for each file that the guest knows; the Rust virtiofsd works in a child of its own.
        program.descriptorRoom = ChildProgram.DescriptorRoom(4096, isInherited: true)
        return program
    }

    /// Capabilities that it would keep and does not need: a device node is never made for a guest, and where nothing is written
    /// nothing changes its owner, mode or attributes.
    private static func surrendered(_ access: ServedShare.Access) -> [String] {
        switch access {
        case .writable: ["-mknod"]
        case .tree, .readOnly: ["-mknod", "-chown", "-fowner", "-fsetid", "-setfcap"]
        }
    }

    /// A value among the old server's comma-separated options.
    private static func escaped(_ value: String) -> String {
        String(value.flatMap { $0 == "," || $0 == "\\" ? ["\\", $0] : [$0] })
    }
}

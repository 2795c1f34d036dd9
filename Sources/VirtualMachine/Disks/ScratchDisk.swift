internal import Glibc
package import LinuxSystem
public import Machine
package import SystemPackage

/// A disk that lives no longer than its machine. Its file has no name: whatever ends the machine, nothing of it is left.
public struct ScratchDisk: Sendable, Hashable, Codable {
    /// What the guest finds on it.
    public enum Content: Sendable, Hashable, Codable {
        /// Swap space.
        case swap
        /// An empty ext4 file system, made by this program of the host.
        case ext4(program: String)
    }

    /// The disk's serial number.
    public var serial: String
    /// Its size.
    public var size: ByteSize
    /// What is on it.
    public var content: Content

    /// ext4 itself is content with less, but nothing that a system writes would have room.
    private static let smallest = ByteSize(mebibytes: 64)
    private static let largest = ByteSize(mebibytes: 16 << 20)

    /// Swap space of a size.
    package static func swap(_ size: ByteSize) throws(RequestError) -> ScratchDisk {
        guard size >= SwapSpace.minimum, size <= SwapSpace.maximum else {
            throw .forbidden(
                "swap", value: size.description, rule: "it takes \(SwapSpace.minimum) to \(SwapSpace.maximum)")
        }
        return ScratchDisk(serial: "swap", size: size, content: .swap)
    }

    /// A place for all that the guest writes.
    package static func upperLayers(_ size: ByteSize) throws -> ScratchDisk {
        guard size >= smallest, size <= largest else {
            throw RequestError.forbidden("scratch", value: size.description, rule: "it takes \(smallest) to \(largest)")
        }
        guard let program = ProgramSearch.find("mkfs.ext4") else {
            throw MachineError.programMissing("mkfs.ext4", lookedAt: ["PATH"], hint: "install e2fsprogs")
        }
        return ScratchDisk(serial: "scratch", size: size, content: .ext4(program: program.string))
    }

    /// The disk as QEMU finds it under a name.
    package func drive(file: String) -> Drive {
        Drive(serial: serial, file: file, format: .raw, isScratch: true)
    }

    /// Makes the disk's file on the file system of a directory.
    package func makeFile(in directory: FilePath) throws -> OwnedDescriptor {
        let file = try OwnedDescriptor(unnamedIn: directory)
        // Whole pages, sparse: the host's disk is used as the guest writes.
        let length = Int(clamping: size.bytes / UInt64(SwapSpace.pageSize) * UInt64(SwapSpace.pageSize))
        guard ftruncate(file.raw, length) == 0 else { throw SystemError("enlarge", "disk \(serial)") }
        switch content {
        case .swap: try file.writeAll(SwapSpace.header(size: size), subject: "disk \(serial)")
        case .ext4(let program): try Self.format(file, FilePath(program))
        }
        return file
    }

    private static func format(_ file: borrowing OwnedDescriptor, _ program: FilePath) throws {
        let arguments = [
            "-q", "-F", "-L", "scratch",
            // Nobody needs it after a crash, nor a reserve for root; tables are written when they are used.
            "-O", "^has_journal", "-m", "0", "-E", "lazy_itable_init=1,root_owner=0:0,nodiscard",
            // By way of this process: a file without a name has no other path.
            "/proc/\(getpid())/fd/\(file.raw)",
        ]
        let result = try ChildProgram(program, arguments).run()
        guard result.exit == .exited(0) else {
            throw MachineError.programUnusable(program.string, reason: result.errorText, hint: nil)
        }
    }
}

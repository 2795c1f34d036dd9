internal import Glibc
internal import LinuxSystem
package import Machine
internal import SystemPackage

/// Disk files that a user names and that are not there yet.
package enum DiskFiles {
    /// Large enough for an installation of the image, and for a file system that is worth its name.
    package static func size(forImageOf bytes: Int64) -> ByteSize {
        max(ByteSize(bytes: UInt64(max(0, bytes)) * 2), ByteSize(mebibytes: 4096))
    }

    /// Makes a disk's file, sparse; never over a file that has come in between.
    static func make(_ drive: Drive, size: ByteSize, qemu: FilePath) throws {
        switch drive.format {
        case .raw:
            let file = try OwnedDescriptor(
                opening: FilePath(drive.file), .writeOnly, options: [.create, .exclusiveCreate])
            guard ftruncate(file.raw, Int(clamping: size.bytes)) == 0 else {
                let failure = SystemError("enlarge", drive.file)
                unlink(drive.file)
                throw failure
            }
        case .qcow2:
            let program = try imageProgram(beside: qemu)
            let result = try ChildProgram(
                program, ["create", "-q", "-f", "qcow2", "--", drive.file, "\(size.bytes)"]
            ).run()
            guard result.exit == .exited(0) else {
                throw RequestError.unusableFile(drive.file, reason: result.errorText)
            }
        }
    }

    /// The qemu-img that belongs to a QEMU, or any other.
    private static func imageProgram(beside qemu: FilePath) throws(MachineError) -> FilePath {
        let beside = qemu.removingLastComponent().appending("qemu-img").string
        guard let found = ProgramSearch.find(beside) ?? ProgramSearch.find("qemu-img") else {
            throw .programMissing(
                "qemu-img", lookedAt: [beside, "PATH"],
                hint: "install qemu-utils (Debian, Ubuntu) or qemu-img (Fedora)")
        }
        return found
    }
}

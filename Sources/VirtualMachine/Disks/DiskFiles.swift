internal import Glibc
internal import LinuxSystem
package import Machine
package import SystemPackage

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

    /// Refuses a qcow2 file that names another file of the host, of which nobody may have thought. QEMU is given this one alone.
    package static func refuseLayer(_ path: FilePath) throws {
        let file = try OwnedDescriptor(opening: path, .readOnly)
        var header = [UInt8](repeating: 0, count: 104)
        let count = header.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, $0.count, 0) }
        guard count >= 72, header.starts(with: [0x51, 0x46, 0x49, 0xFB]) else { return }
        // QEMU, "The qcow2 format": where the name of a backing file is, and, from version 3, which features are needed.
        if header[8..<16].contains(where: { $0 != 0 }) {
            throw RequestError.unusableFile(
                path.string, reason: "it is a layer over another disk; qemu-img convert makes one file of both")
        }
        if header[7] >= 3, header[79] & 4 != 0 {
            throw RequestError.unusableFile(
                path.string, reason: "its data is in another file; qemu-img convert makes one file of both")
        }
    }

    /// Makes a file without a name that takes what is written over a disk, beside other temporary files of size.
    static func makeOverlay(on drive: Drive, qemu: FilePath) throws -> OwnedDescriptor {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        let file = try OwnedDescriptor(unnamedIn: FilePath(directory))
        let result = try ChildProgram(
            try imageProgram(beside: qemu),
            [
                "create", "-q", "-f", "qcow2", "-F", drive.format.rawValue, "-b", drive.file, "--",
                // By way of this process: it has no other path.
                "/proc/\(getpid())/fd/\(file.raw)",
            ]
        ).run()
        guard result.exit == .exited(0) else {
            throw RequestError.unusableFile(drive.file, reason: result.errorText)
        }
        return file
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

internal import Glibc
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// What QEMU inherits open. It is opened here, with the rights of the user, so that QEMU needs neither a path nor a right of its own.
struct HandedFiles {
    /// The descriptors in their order: the first is QEMU's number 0.
    private(set) var descriptors: [Int32]
    /// Those that QEMU finds by a name.
    private(set) var inherited: [InheritedFile] = []
    private var owned: [HandedFile] = []

    /// - Parameter descriptors: what is handed on first; they stay the caller's.
    init(_ descriptors: [Int32]) {
        self.descriptors = descriptors
    }

    /// Hands a descriptor on. Returns its number in QEMU.
    mutating func pass(_ file: consuming OwnedDescriptor) -> Int32 {
        let file = HandedFile(file)
        descriptors.append(file.descriptor.raw)
        owned.append(file)
        return Int32(descriptors.count - 1)
    }

    /// Hands a disk's file on, which is open for reading and writing. Returns its name in QEMU.
    mutating func inherit(_ file: consuming OwnedDescriptor) throws -> String {
        let reader = try OwnedDescriptor(opening: FilePath("/proc/self/fd/\(file.raw)"), .readOnly)
        return note(InheritedFile(descriptor: pass(file), reader: pass(reader)))
    }

    /// The same for a path.
    mutating func inherit(_ path: String, isReadOnly: Bool) throws -> String {
        if isReadOnly {
            return note(InheritedFile(descriptor: pass(try OwnedDescriptor(opening: FilePath(path), .readOnly))))
        }
        return try inherit(try OwnedDescriptor(opening: FilePath(path), .readWrite))
    }

    private mutating func note(_ file: InheritedFile) -> String {
        inherited.append(file)
        return file.name
    }

    /// Hands a log on, made or emptied: whoever shortens it meanwhile leaves no hole in it.
    mutating func inheritLog(_ path: String) throws -> String {
        let file = try OwnedDescriptor(
            opening: FilePath(path), .writeOnly, options: [.create, .truncate, .append])
        return note(InheritedFile(descriptor: pass(file)))
    }

    /// Hands on what QEMU reads like any program, at its start. Returns its name in QEMU.
    mutating func show(_ path: String) throws -> String {
        let file = try OwnedDescriptor(opening: FilePath(path), .readOnly)
        // QEMU opens it once more, without our capabilities: what it could not open then goes over as a copy.
        guard try Self.mayBeOpened(file) else {
            let copy = try OwnedDescriptor(inMemory: "bcvk")
            try copy.writeAll(try file.readToEnd(limit: Self.copyLimit, subject: path), subject: path)
            return name(pass(copy))
        }
        return name(pass(file))
    }

    /// Hands on a file that QEMU writes anew.
    mutating func make(_ path: String) throws -> String {
        name(pass(try OwnedDescriptor(opening: FilePath(path), .writeOnly, options: [.create])))
    }

    private func name(_ number: Int32) -> String { "/proc/self/fd/\(number)" }

    /// More than this is no kernel.
    private static let copyLimit = 1 << 30

    private static func mayBeOpened(_ file: borrowing OwnedDescriptor) throws -> Bool {
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw SystemError("stat", "descriptor \(file.raw)") }
        return status.st_uid == geteuid() ? status.st_mode & 0o400 != 0 : status.st_mode & 0o004 != 0
    }
}

/// A file that stays open as long as somebody has this.
private final class HandedFile {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }
}

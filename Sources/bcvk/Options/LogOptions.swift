import ArgumentParser
import Glibc
import LinuxSystem
import SystemPackage
import VirtualMachine

/// Streams of a machine that are kept in a directory of the user's.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep streams in a directory: console.txt for console, journal.json and journal-initrd.json for journal; they grow live and stay.",
            valueName: "console,journal=dir"),
        transform: LogDirectory.init)
    var logDir: LogDirectory?

    /// Makes the directory and its files, so that who reads them need not wait for them.
    func apply(to request: inout MachineRequest) throws {
        guard let logDir else { return }
        try Files.createDirectories(FilePath(logDir.directory), mode: 0o755)
        // QEMU and later commands may have another working directory.
        guard let resolved = realpath(logDir.directory, nil) else { throw SystemError("find", logDir.directory) }
        let absolute = FilePath(platformString: resolved)
        free(resolved)
        func file(_ name: String) throws -> String {
            let path = absolute.appending(name)
            _ = try OwnedDescriptor(
                opening: path, .writeOnly, options: [.create, .truncate],
                mode: [.ownerReadWrite, .groupRead, .otherRead])
            return path.string
        }
        if logDir.streams.contains(.console) { request.logs.console = try file("console.txt") }
        if logDir.streams.contains(.journal) {
            request.logs.journal = try file("journal.json")
            request.logs.initramfsJournal = try file("journal-initrd.json")
        }
    }
}

/// `STREAM[,STREAM]=DIR`.
struct LogDirectory {
    let streams: Set<ShownStream>
    let directory: String

    /// The last equals sign is the one that counts: directories may have others in their names.
    init(_ text: String) throws {
        guard let equals = text.lastIndex(of: "=") else {
            throw ValidationError("\(text): streams=directory is expected, such as journal,console=logs")
        }
        directory = String(text[text.index(after: equals)...])
        if directory.isEmpty { throw ValidationError("\(text): there is no directory after the =") }
        let names = text[..<equals].split(separator: ",")
        if names.isEmpty { throw ValidationError("\(text): there is no stream before the =: console or journal") }
        streams = Set(
            try names.map { name in
                guard let stream = ShownStream(rawValue: String(name)) else {
                    throw ValidationError("\(name) is no stream: console and journal are")
                }
                return stream
            })
    }
}

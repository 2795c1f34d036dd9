import ArgumentParser
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
        request.logs = try LogRequest(
            directory: FilePath(logDir.directory), console: logDir.streams.contains(.console),
            journal: logDir.streams.contains(.journal))
    }
}

/// `STREAM[,STREAM]=DIR`.
struct LogDirectory {
    let streams: Set<ShownStream>
    let directory: String

    /// The first equals sign is the one that counts: directories may have others in their names, streams have none.
    init(_ text: String) throws {
        guard let equals = text.firstIndex(of: "=") else {
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

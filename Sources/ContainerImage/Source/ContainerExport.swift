import FoundationEssentials
internal import LinuxSystem
internal import SystemPackage

/// A container of podman or docker, running or not, as an image: what it has changed is in it, its volumes are not.
struct ContainerExport {
    private let engine: FilePath
    private let name: String
    private let request: SourceRequest

    init(_ name: String, _ request: SourceRequest) throws {
        self.name = name
        self.request = request
        let engines = try SourceProgram.engine.all(neededFor: "container:\(name)")
        var reasons: [String] = []
        for engine in engines {
            let result = try Self.run(engine, ["container", "inspect", "--format", "{{.Id}}", name])
            if result.exit == .exited(0) {
                self.engine = engine
                return
            }
            reasons.append("\(engine.lastComponent?.string ?? "engine"): \(result.errorText)")
        }
        throw ImageError.noContainer(name, reason: reasons.joined(separator: "; "))
    }

    func run() throws -> ResolvedImage {
        let inspected = try Self.run(engine, ["container", "inspect", name])
        guard inspected.exit == .exited(0) else { throw failure(inspected) }
        let description = try DocumentReader(image: "container:\(name)")
            .decode([Description].self, inspected.output, what: "its description")
        let archive = request.temporary.appending("container.tar")
        request.progress(.note("exporting container:\(name)"))
        let exported = try Self.run(engine, ["export", "--output", archive.string, name])
        guard exported.exit == .exited(0) else { throw failure(exported) }
        let root = try RootArchive(archive.string, shownAs: "container:\(name)", request)
        var configuration = ImageConfiguration(running: request.platform)
        configuration.config = description.first?.config?.execution
        return root.image(configuration, upper: [try EngineMarks.layer(in: request.temporary)])
    }

    private struct Description: Decodable {
        let config: EngineConfiguration?

        enum CodingKeys: String, CodingKey {
            case config = "Config"
        }
    }

    private static func run(_ engine: FilePath, _ arguments: [String]) throws -> ProgramResult {
        var child = ChildProgram(engine, arguments)
        child.parentDeathSignal = 15
        return try child.run()
    }

    private func failure(_ result: ProgramResult) -> ImageError {
        .transportFailed(reference: "container:\(name)", reason: result.errorText)
    }
}

/// Files by which an engine tells a container's programs that they are in one. A machine that has them takes itself for a
/// container and does not boot as one should, so a layer of whiteouts stands on what an engine exports.
enum EngineMarks {
    private static let paths = [".wh..dockerenv", "run/.wh..containerenv"]

    static func layer(in directory: FilePath) throws -> ResolvedImage.Layer {
        let archive = paths.flatMap(emptyFile) + [UInt8](repeating: 0, count: 1024)
        let path = directory.appending("marks.tar")
        try Files.writeAtomically(archive, to: path)
        let digest = Digest.sha256(archive)
        return ResolvedImage.Layer(
            digest: digest, diffID: digest,
            location: BlobLocation(path: path.string, offset: 0, size: Int64(archive.count)))
    }

    /// A ustar header (POSIX.1-1988) of a file without content.
    private static func emptyFile(_ name: String) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000000", at: 100)
        for offset in [108, 116] { put("0000000", at: offset) }
        for offset in [124, 136] { put("00000000000", at: offset) }
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
        return header
    }
}

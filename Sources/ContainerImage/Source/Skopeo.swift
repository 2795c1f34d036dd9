internal import LinuxSystem
internal import SystemPackage

/// skopeo, which knows every transport but a plain layout, and everything about registries.
struct Skopeo {
    private let program: FilePath
    private let options: RegistryOptions

    /// - Parameter purpose: what it is wanted for, said where it is missing.
    init(neededFor purpose: String, options: RegistryOptions = RegistryOptions()) throws(ImageError) {
        program = try SourceProgram.skopeo.find(neededFor: purpose)
        self.options = options
    }

    /// Copies an image for one platform into an OCI layout, under the tag `image`. Blobs that are there already are not fetched.
    /// - Parameter tick: called several times a second.
    func copy(_ reference: String, to directory: FilePath, platform: Platform, tick: () -> Void) throws {
        let copy = program(
            [
                "--override-os", platform.os, "--override-arch", platform.architecture, "copy", "--quiet",
                // A storage and some archives have layers as they are: to pack them would take time, and give them other digests.
                "--dest-decompress=false", "--dest-oci-accept-uncompressed-layers",
            ] + options.words(of: reference, prefix: "--src-") + [reference, "oci:\(directory):image"])
        let result = try copy.run(every: 200, tick)
        guard result.exit == .exited(0) else { throw failure(reference, result) }
    }

    /// An image's manifest, or the index that it has in place of one, as it is stored.
    func rawManifest(_ reference: String) throws -> [UInt8] {
        try inspect(reference, ["--raw"])
    }

    /// An image's configuration as it is stored.
    func rawConfiguration(_ reference: String, platform: Platform) throws -> [UInt8] {
        try inspect(reference, ["--config", "--raw"], platform: platform)
    }

    /// The manifest that an image has in the local container storage; nil when it is not there.
    func localManifest(_ name: String) throws -> [UInt8]? {
        let result = try program(["inspect", "--raw", "containers-storage:\(name)"]).run()
        return result.exit == .exited(0) ? result.output : nil
    }

    private func inspect(_ reference: String, _ words: [String], platform: Platform? = nil) throws -> [UInt8] {
        let override = platform.map { ["--override-os", $0.os, "--override-arch", $0.architecture] } ?? []
        let result = try program(
            override + ["inspect"] + words + options.words(of: reference, prefix: "--") + [reference]
        )
        .run()
        guard result.exit == .exited(0) else { throw failure(reference, result) }
        return result.output
    }

    private func program(_ arguments: [String]) -> ChildProgram {
        var child = ChildProgram(program, arguments)
        child.parentDeathSignal = 15
        return child
    }

    private func failure(_ reference: String, _ result: ProgramResult) -> ImageError {
        .transportFailed(reference: reference, reason: Self.reason(result.errorText))
    }

    /// skopeo's last words: the text of `msg="…"`.
    static func reason(_ line: String) -> String {
        guard let start = line.firstRange(of: "msg=\"")?.upperBound else { return line }
        var text = ""
        var isEscaped = false
        for character in line[start...] {
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                break
            } else {
                text.append(character)
            }
        }
        return text
    }
}

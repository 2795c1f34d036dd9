internal import LinuxSystem
public import SystemPackage

/// skopeo, which knows every transport but a plain layout, and everything about registries.
public struct Skopeo: Sendable {
    private let program: FilePath

    /// - Parameter purpose: what it is wanted for, said where it is missing.
    public init(neededFor purpose: String) throws(ImageError) {
        guard let program = ProgramSearch.find("skopeo") else { throw .programMissing("skopeo", neededFor: purpose) }
        self.program = program
    }

    /// Copies an image for one platform into a new OCI layout, under the tag `image`.
    public func copy(_ reference: String, to directory: FilePath, platform: Platform) throws {
        var copy = ChildProgram(
            program,
            [
                "--override-os", platform.os, "--override-arch", platform.architecture, "copy", "--quiet",
                "--dest-decompress=false",
                reference, "oci:\(directory):image",
            ])
        copy.parentDeathSignal = 15
        let result = try copy.run()
        guard result.exit == .exited(0) else {
            throw ImageError.transportFailed(reference: reference, reason: Self.reason(result.errorText))
        }
    }

    /// The digest of the manifest that an image has in the local container storage; nil when it is not there.
    public func localManifest(_ name: String) throws -> Digest? {
        var inspect = ChildProgram(program, ["inspect", "--raw", "containers-storage:\(name)"])
        inspect.parentDeathSignal = 15
        let result = try inspect.run()
        return result.exit == .exited(0) ? Digest.sha256(result.output) : nil
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

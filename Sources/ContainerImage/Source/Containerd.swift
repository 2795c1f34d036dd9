internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// containerd, through its own client ctr; CONTAINERD_ADDRESS and CONTAINERD_NAMESPACE say which one and what part of it.
struct Containerd {
    private let client: FilePath

    init(neededFor purpose: String) throws(ImageError) {
        client = try SourceProgram.ctr.find(neededFor: purpose)
        // Its client waits long for a socket that is not there.
        let socket = getenv("CONTAINERD_ADDRESS").map { String(cString: $0) } ?? "/run/containerd/containerd.sock"
        guard Files.exists(FilePath(socket)) else {
            throw .transportFailed(
                reference: purpose, reason: "no containerd at \(socket): CONTAINERD_ADDRESS says where its socket is")
        }
    }

    /// Writes the image for one platform into an OCI archive and reads that.
    func export(_ name: String, _ request: SourceRequest) throws -> ResolvedImage {
        let shown = "containerd:\(name)"
        let archive = request.temporary.appending("containerd.tar")
        request.progress(.note("exporting \(shown)"))
        let result = try run([
            "images", "export", "--platform", request.platform.description, archive.string, name,
        ])
        guard result.exit == .exited(0) else {
            throw ImageError.transportFailed(reference: shown, reason: result.errorText)
        }
        return try ResolvedImage(
            holder: try LayoutArchive(archive, shownAs: shown), tag: nil, platform: request.platform)
    }

    /// The digest of what containerd has under this name; nil when it has nothing.
    func digest(of name: String) throws -> String? {
        let result = try run(["images", "list", "name==\(name)"])
        guard result.exit == .exited(0) else { return nil }
        let rows = result.text.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        return rows.first { $0.first.map(String.init) == name && $0.count > 2 }.map { String($0[2]) }
    }

    private func run(_ arguments: [String]) throws -> ProgramResult {
        var child = ChildProgram(client, ["--connect-timeout", "5s"] + arguments)
        child.parentDeathSignal = 15
        return try child.run()
    }
}

import Glibc
import LinuxSystem
import SystemPackage

/// A real containerd with directories of its own.
final class ContainerdServer {
    /// What makes its client find it.
    let variables: [String]
    private let directory: FilePath
    private let process: RunningProgram

    init(_ laboratory: Laboratory) throws {
        guard let program = ProgramSearch.find("containerd") else { throw Missing("containerd: contrib/setup --tests") }
        directory = try laboratory.directory("containerd")
        variables = ["CONTAINERD_ADDRESS=\(directory)/socket"]
        try Files.writeAtomically(
            """
            version = 2
            root = "\(directory)/root"
            state = "\(directory)/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "\(directory)/socket"

            """, to: directory.appending("config.toml"))
        let log = try OwnedDescriptor(
            opening: directory.appending("log"), .writeOnly, options: [.create, .append])
        process = try ChildProgram(program, ["--config", directory.appending("config.toml").string])
            .start(descriptors: [log.raw, log.raw, log.raw])
        let ready = try eventually { try ctr(["version"]).exit == .exited(0) }
        guard ready else {
            let text = String(decoding: try Files.readWhole(directory.appending("log")), as: UTF8.self)
            throw Missing("an answer of containerd: \(text)")
        }
    }

    deinit {
        process.signal(SIGTERM)
        _ = try? process.wait()
    }

    /// Brings an OCI archive into it under a name.
    func load(_ archive: FilePath, as name: String) throws {
        let result = try ctr(["images", "import", "--no-unpack", "--base-name", name, archive.string])
        guard result.exit == .exited(0) else { throw Missing("\(name) in containerd: \(result.errorText)") }
    }

    private func ctr(_ arguments: [String]) throws -> ProgramResult {
        try ChildProgram("/usr/bin/ctr", ["--address", "\(directory)/socket"] + arguments).run()
    }
}

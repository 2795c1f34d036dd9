import Glibc
import LinuxSystem
import SystemPackage

/// A real registry on this host's loopback, with a user and a password.
final class RegistryServer {
    /// What a client needs to be let in.
    static let credentials = "someone:se:cret"

    /// `127.0.0.1:PORT`.
    let address: String
    private let directory: FilePath
    private let process: RunningProgram

    init(_ laboratory: Laboratory) throws {
        guard let program = ProgramSearch.find("docker-registry"), let htpasswd = ProgramSearch.find("htpasswd") else {
            throw Missing("docker-registry and htpasswd: contrib/setup --tests")
        }
        directory = try laboratory.directory("registry")
        address = "127.0.0.1:\(try Self.freePort())"
        let words = Self.credentials.split(separator: ":", maxSplits: 1).map(String.init)
        let users = try ChildProgram(htpasswd, ["-Bbn"] + words).run()
        guard users.exit == .exited(0) else { throw Missing("a password file: \(users.errorText)") }
        try Files.writeAtomically(users.output, to: directory.appending("users"))
        let configuration = """
            version: 0.1
            log: {level: error, accesslog: {disabled: false}}
            storage: {filesystem: {rootdirectory: \(directory)/data}, cache: {}}
            http: {addr: "\(address)"}
            auth: {htpasswd: {realm: test, path: \(directory)/users}}

            """
        try Files.writeAtomically(configuration, to: directory.appending("config.yml"))
        let log = try OwnedDescriptor(
            opening: directory.appending("log"), .writeOnly, options: [.create, .append])
        process = try ChildProgram(program, ["serve", directory.appending("config.yml").string])
            .start(descriptors: [log.raw, log.raw, log.raw])
        let port = address
        guard try eventually({ try Self.answers(port) }) else { throw Missing("an answer of the registry") }
    }

    deinit {
        process.signal(SIGKILL)
        _ = try? process.wait()
    }

    /// Puts an image of this host into it; an index goes with all its images.
    func push(_ source: String, as name: String) throws {
        let result = try ChildProgram(
            "/usr/bin/skopeo",
            [
                "copy", "--quiet", "--all", "--dest-tls-verify=false", "--dest-creds", Self.credentials, source,
                "docker://\(address)/\(name)",
            ]
        ).run()
        guard result.exit == .exited(0) else { throw Missing("\(name) in the registry: \(result.errorText)") }
    }

    /// How many times a blob was asked for with success, according to the registry's own log.
    func fetches(of hex: String) throws -> Int {
        try log().count { $0.contains("\"GET ") && $0.contains("/blobs/sha256:\(hex) ") && $0.contains("\" 200 ") }
    }

    /// The file in which the registry has a blob.
    func file(of hex: String) -> FilePath {
        directory.appending("data/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data")
    }

    private func log() throws -> [Substring] {
        String(decoding: try Files.readWhole(directory.appending("log")), as: UTF8.self).split(separator: "\n")
    }

    /// A port that is free now; nobody else on this host takes it so soon.
    private static func freePort() throws -> UInt16 {
        let socket = OwnedDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return bind(socket.raw, pointer, length) == 0 ? getsockname(socket.raw, pointer, &length) : -1
        }
        guard result == 0 else { throw SystemError("find", "a free port") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func answers(_ text: String) throws -> Bool {
        let socket = OwnedDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = loopback(UInt16(text.split(separator: ":").last ?? "") ?? 0)
        return withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return connect(socket.raw, pointer, socklen_t(bytes.count)) == 0
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

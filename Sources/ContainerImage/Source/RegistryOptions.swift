import FoundationEssentials
internal import LinuxSystem
internal import SystemPackage

/// `RegistryAccess` as skopeo's options.
struct RegistryOptions {
    private var authFile: String?
    private var certificates: String?
    private var verifiesTLS: Bool?

    init() {}

    /// - Parameter temporary: where a file with the credentials may be put: on a command line everybody could read them.
    init(_ access: RegistryAccess, reference: String, temporary: FilePath) throws {
        authFile = access.authFile
        certificates = access.certificates
        verifiesTLS = access.verifiesTLS
        guard let credentials = access.credentials else { return }
        guard let registry = RegistryName.of(reference) else { return }
        let file = temporary.appending("auth.json")
        let value = Data(credentials.utf8).base64EncodedString()
        try Files.writeAtomically(#"{"auths":{"\#(registry)":{"auth":"\#(value)"}}}"#, to: file)
        authFile = file.string
    }

    /// - Parameter prefix: `--`, or `--src-` where a command has two sides.
    func words(of reference: String, prefix: String) -> [String] {
        guard let registry = RegistryName.of(reference) else { return [] }
        var words: [String] = []
        if let authFile { words += ["\(prefix)authfile", authFile] }
        if let certificates { words += ["\(prefix)cert-dir", certificates] }
        if let verifies = verifiesTLS ?? (RegistryName.isLoopback(registry) ? false : nil) {
            words.append("\(prefix)tls-verify=\(verifies)")
        }
        return words
    }
}

/// The registry that a reference names.
enum RegistryName {
    /// `host` or `host:port`; nil where no registry is asked.
    static func of(_ reference: String) -> String? {
        let prefix = "docker://"
        guard reference.hasPrefix(prefix) else { return nil }
        let parts = reference.dropFirst(prefix.count).split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let first = parts.first else { return "docker.io" }
        let isHost = first.contains(".") || first.contains(":") || first == "localhost"
        return isHost ? String(first) : "docker.io"
    }

    /// Whether what goes there never leaves this host: then nobody can read along.
    static func isLoopback(_ registry: String) -> Bool {
        if registry.hasPrefix("[::1]") { return true }
        let host = registry.split(separator: ":").first ?? ""
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost"
            || (numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil })
    }
}

package import LinuxSystem

/// What the words for a kernel depend on in an image. To look takes longer than all else that a start prepares, so it is kept.
package struct KernelTraits: Sendable, Equatable {
    /// The form in which it is kept.
    package static let form = 1

    /// The security modules that it starts, as its configuration has them; nil where that is not known.
    package var securityModules: String?
    /// Its timer's ticks in a second; nil where they are not known.
    package var ticks: Int?
    /// Whether a source of random numbers is built in that tests itself at each start.
    package var hasJitterEntropy = false

    package init(securityModules: String? = nil, ticks: Int? = nil, hasJitterEntropy: Bool = false) {
        self.securityModules = securityModules
        self.ticks = ticks
        self.hasJitterEntropy = hasJitterEntropy
    }

    /// Looks at a kernel. What cannot be read says nothing.
    package init(of release: String, in tree: RootDirectory) {
        if let configuration = try? KernelConfiguration(of: release, in: tree) {
            securityModules = configuration.value(of: "LSM").map(String.init)
            ticks = configuration.value(of: "HZ").flatMap { Int($0) }
        }
        if let modules = try? KernelModules(of: release, in: tree) {
            hasJitterEntropy = modules.index.presence(of: "jitterentropy_rng") == .builtIn
        }
    }

    // MARK: The form in which it is kept

    package init(decoding bytes: [UInt8]) {
        for line in ConfigurationLines(bytes) {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "security-modules": securityModules = String(parts[1])
            case "ticks": ticks = Int(parts[1])
            case "jitter-entropy": hasJitterEntropy = parts[1] == "yes"
            default: break
            }
        }
    }

    package var encoded: [UInt8] {
        var text = "jitter-entropy=\(hasJitterEntropy ? "yes" : "no")\n"
        if let securityModules { text += "security-modules=\(securityModules)\n" }
        if let ticks { text += "ticks=\(ticks)\n" }
        return Array(text.utf8)
    }
}

import CGuest

/// Everything between the mounted image and its init.
enum Preparation {
    static func configuration() throws(GuestError) -> GuestConfiguration {
        let bytes = try WholeFile.read("/bcvk/config")
        do {
            return try GuestConfiguration(decoding: bytes)
        } catch {
            throw GuestError("read", "/bcvk/config", code: EINVAL)
        }
    }

    /// Makes the mounted tree a root of this machine's own.
    static func prepare(_ root: String, _ configuration: GuestConfiguration) throws(GuestError) {
        try RootLayout(configuration: configuration).mountLayers(on: root)
        let tree = try RootTree(root)
        try UpdateMarks.write(into: tree)
        try Identity.write(configuration, into: tree)
        try SSHAccess.write(configuration, into: tree)
        try Resolver.write(configuration, into: tree)
        try Units.write(configuration)
        if let network = configuration.network {
            do {
                try Network.setUp(network)
            } catch {
                // A machine without network is still one: its console and its agent work.
                Console.warn(error.text)
            }
        }
    }
}

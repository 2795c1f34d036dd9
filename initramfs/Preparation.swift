import CGuest

/// Everything between the mounted image and its init.
enum Preparation {
    static func configuration() throws(GuestError) -> GuestConfiguration {
        let bytes = try WholeFile.read("/bcvk/config")
        do {
            return try GuestConfiguration(decoding: bytes)
        } catch {
            throw GuestError("read", "/bcvk/config", reason: error.description)
        }
    }

    /// Makes the mounted tree a root of this machine's own.
    /// - Parameter companion: who sets the address; nil where it is to be done here.
    static func prepare(
        _ root: String, _ configuration: GuestConfiguration, _ companion: Companion? = nil
    ) throws(GuestError) {
        try RootLayout(configuration: configuration).mountLayers(on: root)
        let tree = try RootTree(root)
        // An image that was made for a container may lack the places of the kernel's file systems.
        if configuration.service != nil { for place in KernelFileSystems.places { try tree.makeDirectory(place) } }
        try Identity.write(configuration, into: tree)
        try SSHAccess.write(configuration, into: tree)
        try AgentStart.install(configuration)
        try Units.write(configuration)
        // It loads what some of these need.
        companion?.wait()
        try KernelMounts.mount(configuration.kernelMounts)
        try Environment.write(configuration.environment, into: tree)
        try InjectedFiles.write(configuration.files, into: tree)
        try Shares.mount(configuration.shares, into: tree)
        if let serial = configuration.swapDisk { try Disks.swapOn(serial: serial) }
        // Without these a machine is still one: its console and its agent work.
        attempt { () throws(GuestError) in try DerivedData.keep(of: tree) }
        attempt { () throws(GuestError) in try Resolver.write(configuration, into: tree) }
        attempt { () throws(GuestError) in
            if let network = configuration.network {
                try Network.tellNetworkd(network)
                if companion == nil { try Network.setUp(network) }
            }
        }
    }

    /// A step whose failure is told on the console and does not end the boot.
    static func attempt(_ step: () throws(GuestError) -> Void) {
        do throws(GuestError) {
            try step()
        } catch {
            Console.warn(error.text)
        }
    }
}

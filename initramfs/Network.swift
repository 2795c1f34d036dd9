import CGuest

/// The address, set before any service of the image runs: ssh does not depend on what network tools the image has.
enum Network {
    static func setUp(_ network: GuestNetwork) throws(GuestError) {
        if guest_configure_interface("lo", nil, 0) != 0 { throw GuestError("bring up", "lo") }
        var name = try find()
        if let wanted = network.interfaceName {
            // Before it is up: older kernels rename no other, and then udev could not give it its predictable name.
            if guest_rename_interface(name, wanted) != 0, guest_errno() != ENODEV {
                Console.warn(GuestError("rename", name).text)
            }
            name = try find()
        }
        // In an image's initramfs udev may have renamed it since, and does so only once.
        if guest_configure_interface(name, network.address, Int32(network.prefixLength)) != 0 {
            guard guest_errno() == ENODEV else { throw GuestError("set address of", name) }
            name = try find()
            if guest_configure_interface(name, network.address, Int32(network.prefixLength)) != 0 {
                throw GuestError("set address of", name)
            }
        }
        if guest_set_default_route(network.gateway) != 0 { throw GuestError("set default route to", network.gateway) }
    }

    /// Tells systemd-networkd of the address, for images that configure no interface: it would manage none, and whoever wants to be
    /// started when the network is online would wait for two minutes. A file of the image's that fits has a name before this one
    /// (systemd.network(5)).
    static func tellNetworkd(_ network: GuestNetwork) throws(GuestError) {
        // The route is there, and stays.
        let text =
            "[Match]\nType=ether\nKind=!*\n\n[Network]\nKeepConfiguration=yes\nAddress=" + network.address + "/"
            + String(network.prefixLength) + "\n"
        let directory = "/run/systemd/network"
        try Mounting.makeDirectories(directory)
        try WholeFile.write(Array(text.utf8), to: directory + "/99-bcvk.network")
    }

    /// The first Ethernet interface's name.
    private static func find() throws(GuestError) -> String {
        var buffer = [CChar](repeating: 0, count: 16)
        if guest_find_ethernet(&buffer) != 0 { throw GuestError("find", "a network interface") }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

import ArgumentParser
import Glibc
import LibvirtDomain

/// Machines that libvirt keeps.
struct Libvirt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "libvirt",
        abstract: "Machines that libvirt keeps: define, start, log in, stop, remove.",
        discussion: """
              bcvk to-disk IMAGE web.qcow2
              bcvk libvirt define web.qcow2 --name web
              bcvk libvirt start web
              bcvk libvirt ssh web
            """,
        subcommands: [
            LibvirtXML.self, LibvirtDefine.self, LibvirtStart.self, LibvirtStop.self, LibvirtSSH.self,
            LibvirtList.self, LibvirtRM.self,
        ])
}

/// Which libvirt; the same for every command.
struct LibvirtConnection: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "libvirt's address; by default qemu:///system for root and qemu:///session for others.")
    var connect: String?

    /// The address.
    var uri: String { connect ?? (geteuid() == 0 ? "qemu:///system" : "qemu:///session") }

    /// libvirt's client for it.
    func virsh() throws -> Virsh { try Virsh(uri: uri) }

    /// What is noted of a domain that bcvk has defined.
    func note(_ name: String, _ virsh: Virsh) throws -> DomainNote {
        // Fails for a domain that is not there.
        _ = try virsh.state(name)
        guard let note = try virsh.note(name) else { throw LibvirtError.notOurs(name) }
        return note
    }
}

internal import ContainerImage
package import GuestProtocol
internal import LinuxSystem
package import Machine
package import SystemPackage

/// What a saved state depends on, as one number: a machine goes on from a state only when all of it is the same.
package struct TemplateKey: Hashable {
    /// 64 hexadecimal digits.
    package let text: String
    /// The programs among it, for those who look whether a template can still be used.
    let programs: [String]

    /// - Parameters:
    ///   - machine: the machine as QEMU is told it.
    ///   - configuration: what its guest is told, without the keys to it.
    ///   - programs: QEMU, virtiofsd, the guest program and the kernel.
    package init(
        tree: String, machine: MachineSpec, configuration: GuestConfiguration, programs: [FilePath]
    ) throws {
        self.programs = try programs.map { try ProgramFingerprint($0).text }
        var guest = configuration
        // These are what a resumed machine is given of its own.
        guest.hostname = ""
        guest.machineID = ""
        guest.authorizedKeys = []
        guest.hostKey = guest.hostKey == nil ? nil : ""
        guest.hostKeyPublic = nil
        var parts = [Self.form, SettledGuest.script, tree] + Self.shape(machine).arguments + self.programs
        parts += try Self.processor(machine.accelerator)
        var bytes = Array(parts.joined(separator: "\n").utf8)
        bytes += guest.encoded()
        text = Digest.sha256(bytes).hex
    }

    /// Changes when a saved state of an earlier bcvk would not be right any more for a reason that nothing else tells.
    private static let form = "template 3"

    /// The machine without what is on the host's side of its devices.
    private static func shape(_ machine: MachineSpec) -> MachineSpec {
        var shape = machine
        shape.name = ""
        shape.console.log = ""
        shape.boot?.initrd = ""
        shape.network?.forwards = []
        for index in shape.shares.indices { shape.shares[index].socket = "" }
        for index in shape.ports.indices { shape.ports[index].backend = .file("") }
        return shape
    }

    /// A guest that sees the host's processor goes on only on the same one, under the same hypervisor. One that is translated has
    /// measured how fast the host's counter runs.
    private static func processor(_ accelerator: Accelerator) throws -> [String] {
        let lines = String(decoding: try Files.readWhole("/proc/cpuinfo"), as: UTF8.self).split(separator: "\n")
        let names = accelerator == .kvm ? ["model name", "microcode", "flags"] : ["model name"]
        let named = names.compactMap { name in lines.first { $0.hasPrefix(name) } }
        guard accelerator == .kvm else { return named.map(String.init) }
        let kernel = String(decoding: try Files.readWhole("/proc/sys/kernel/osrelease"), as: UTF8.self)
        return named.map(String.init) + [kernel]
    }
}

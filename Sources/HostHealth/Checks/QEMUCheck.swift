package import SystemPackage
package import VirtualMachine

/// Which QEMU runs machines, and what it can do.
package enum QEMUCheck {
    private static let id = "qemu"

    static func look() -> Finding {
        do {
            let program = try QEMUProgram.find()
            return finding(program, try QEMUAbilities.ask(program))
        } catch {
            return Finding(id, .problem, failure: error)
        }
    }

    package static func finding(_ program: FilePath, _ abilities: QEMUAbilities) -> Finding {
        let facts: [String: Fact] = [
            "program": .text(program.string), "program_version": .text(abilities.version), "sandbox": .flag(true),
            "virtiofs": .flag(abilities.hasVirtiofs), "kvm": .flag(abilities.hasKVM),
            "templates": .flag(abilities.savesStates),
        ]
        let name = "\(program), version \(abilities.version)"
        guard abilities.hasVirtiofs else {
            return Finding(
                id, .problem, "\(name) has no vhost-user-fs-pci, by which a guest has its root",
                cure: "install qemu-system-x86 (Debian, Ubuntu) or qemu-kvm (Fedora), or set QEMU_BIN", facts: facts)
        }
        guard abilities.savesStates else {
            return Finding(
                id, .note, "\(name); it cannot save machines for --warm (mapped-ram)",
                cure: "QEMU 9.0 and later can; contrib/host-tools brings one", facts: facts)
        }
        return Finding(id, .ok, "\(name): sandbox, virtiofs, templates", facts: facts)
    }
}

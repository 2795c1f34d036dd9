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
        let isParallel = QEMURelease(in: abilities.version)?.translatesInParallel ?? true
        let facts: [String: Fact] = [
            "program": .text(program.string), "program_version": .text(abilities.version), "sandbox": .flag(true),
            "virtiofs": .flag(abilities.hasVirtiofs), "kvm": .flag(abilities.hasKVM),
            "templates": .flag(abilities.savesStates), "translates_in_parallel": .flag(isParallel),
        ]
        let name = "\(program), version \(abilities.version)"
        guard abilities.hasVirtiofs else {
            return Finding(
                id, .problem, "\(name) has no vhost-user-fs-pci, by which a guest has its root",
                cure: "install qemu-system-x86 (Debian, Ubuntu) or qemu-kvm (Fedora), or set QEMU_BIN", facts: facts)
        }
        let lacks = [
            abilities.savesStates ? nil : "it cannot save machines for --warm (that takes version 9.0)",
            isParallel ? nil : "without KVM all processors of a machine take turns on one of the host's",
        ].compactMap(\.self)
        guard lacks.isEmpty else {
            return Finding(
                id, .note, "\(name); " + lacks.joined(separator: "; "),
                cure: "QEMU 9.0 and later can; contrib/host-tools brings one", facts: facts)
        }
        return Finding(id, .ok, "\(name): sandbox, virtiofs, templates", facts: facts)
    }
}

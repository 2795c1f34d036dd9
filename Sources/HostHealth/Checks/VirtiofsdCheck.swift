internal import Glibc
internal import SystemPackage
package import VirtualMachine

/// Which virtiofsd serves directories, and what it can do.
package enum VirtiofsdCheck {
    private static let id = "virtiofsd"

    static func look() -> Finding {
        do {
            let program = try VirtiofsdProgram.find()
            return finding(program, version: try program.version(), isRoot: geteuid() == 0)
        } catch {
            return Finding(id, .problem, failure: error)
        }
    }

    package static func finding(_ program: VirtiofsdProgram, version: String, isRoot: Bool) -> Finding {
        let facts: [String: Fact] = [
            "program": .text(program.executable.string), "program_version": .text(version),
            "implementation": .text(program.flavour.rawValue), "read_only": .flag(program.knowsReadOnly),
            "templates": .flag(program.knowsMigration), "id_translation": .flag(program.knowsTranslation),
        ]
        do {
            try program.checkUsable(isRoot: isRoot)
        } catch {
            return Finding(id, .problem, failure: error, facts: facts)
        }
        let name = "\(program.executable), version \(version)"
        let missing = [
            program.knowsReadOnly ? nil : "it leaves it to the kernel alone that nothing is written (--readonly)",
            program.knowsMigration ? nil : "it cannot save machines for --warm (--migration-mode)",
        ].compactMap(\.self)
        guard missing.isEmpty else {
            return Finding(
                id, .note, "\(name); " + missing.joined(separator: "; "),
                cure: "virtiofsd 1.11 and later can; contrib/host-tools brings one", facts: facts)
        }
        return Finding(
            id, .ok, "\(name): read-only, templates" + (program.knowsTranslation ? ", id translation" : ""),
            facts: facts)
    }
}

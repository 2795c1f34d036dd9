internal import Glibc
internal import LinuxSystem
internal import Machine
internal import QMP
package import SystemPackage

/// What a QEMU can do, as it says itself.
package struct QEMUAbilities: Sendable, Hashable {
    /// Its version, with its distributor's.
    package var version: String
    /// Whether it has the device by which a guest has its root.
    package var hasVirtiofs: Bool
    /// Whether it was built with KVM.
    package var hasKVM: Bool
    /// Whether it can save a machine to a file, and its memory apart from it; templates are saved so.
    package var savesStates: Bool

    /// Abilities by their values.
    package init(version: String, hasVirtiofs: Bool, hasKVM: Bool, savesStates: Bool) {
        self.version = version
        self.hasVirtiofs = hasVirtiofs
        self.hasKVM = hasKVM
        self.savesStates = savesStates
    }

    /// Starts it without a machine, in the sandbox that every machine has, and asks its monitor.
    package static func ask(_ program: FilePath) throws -> QEMUAbilities {
        let (ours, theirs) = try DescriptorPair.sockets()
        let monitor = QMPClient(OwnedDescriptor(owning: ours))
        let (reader, writer) = try DescriptorPair.pipe()
        let errors = OwnedDescriptor(owning: reader)
        let null = try OwnedDescriptor(opening: "/dev/null", .readWrite)
        let control = ControlSocket(descriptor: 3, kind: .connected)
        var child = ChildProgram(
            program,
            ["-machine", "none", "-nodefaults", "-no-user-config", "-display", "none"]
                + MachineSpec.sandbox + control.arguments(index: 0))
        child.noNewPrivileges = true
        child.parentDeathSignal = SIGKILL
        let started = Result { try child.start(descriptors: [null.raw, null.raw, writer, theirs]) }
        // Only it has them now, so that its end is seen.
        close(writer)
        close(theirs)
        let running = try started.get()
        let answer = Result { try ask(monitor) }
        running.signal(SIGKILL)
        _ = try running.wait()
        do {
            return try answer.get()
        } catch {
            let said = try errors.readToEnd(limit: 1 << 20, subject: "QEMU's messages")
            let line = String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init)
            throw MachineError.programUnusable(
                program.string, reason: line ?? "\(error)", hint: "install another QEMU, or set QEMU_BIN to one")
        }
    }

    private static func ask(_ monitor: QMPClient) throws -> QEMUAbilities {
        QEMUAbilities(
            version: try version(monitor), hasVirtiofs: try hasDevice("vhost-user-fs-pci", monitor),
            hasKVM: try monitor.execute("query-kvm")["present"]?.boolValue ?? false,
            savesStates: try canSaveStates(monitor))
    }

    private static func hasDevice(_ name: String, _ monitor: QMPClient) throws -> Bool {
        do {
            _ = try monitor.execute("device-list-properties", arguments: .object(["typename": .string(name)]))
            return true
        } catch QMPError.refused {
            return false
        }
    }

    private static func canSaveStates(_ monitor: QMPClient) throws -> Bool {
        do {
            // It came after all that is needed here, and can be asked for.
            try choose(["mapped-ram", memoryApart], monitor)
            return true
        } catch TemplateError.unsupported {
            return false
        }
    }

    /// QEMU's version, with its distributor's.
    static func version(_ monitor: QMPClient) throws -> String {
        let answer = try monitor.execute("query-version")
        let numbers = ["major", "minor", "micro"].map { key -> String in
            if case .integer(let value)? = answer["qemu"]?[key] { "\(value)" } else { "?" }
        }
        let package = answer["package"]?.stringValue ?? ""
        return numbers.joined(separator: ".") + (package.isEmpty ? "" : " (\(package))")
    }

    /// Has it save and load states without the memory, which is a file already.
    static func chooseStates(_ monitor: QMPClient) throws {
        try choose([memoryApart, "events"], monitor)
    }

    private static let memoryApart = "x-ignore-shared"

    private static func choose(_ names: [String], _ monitor: QMPClient) throws {
        let capabilities: JSONValue = .array(
            names.map { .object(["capability": .string($0), "state": .bool(true)]) })
        do {
            _ = try monitor.execute("migrate-set-capabilities", arguments: .object(["capabilities": capabilities]))
        } catch let failure as QMPError {
            throw TemplateError.unsupported("QEMU cannot save a machine apart from its memory: \(failure)")
        }
    }
}

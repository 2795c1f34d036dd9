public import LinuxSystem
internal import SystemPackage

/// Why libvirt did not do something.
public enum LibvirtError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case noVirsh
    case failed(String, reason: String)
    case notOurs(String)
    case tooOld(version: String)

    public var description: String {
        switch self {
        case .noVirsh: "virsh is not installed"
        case .failed(let what, let reason): "libvirt: \(what): \(reason)"
        case .notOurs(let name): "domain \(name) was not defined by bcvk"
        case .tooOld(let version):
            "libvirt \(version) cannot share a directory read-only, and the image's tree must never be written"
        }
    }

    public var hint: String? {
        switch self {
        case .noVirsh: "install libvirt-clients (Debian, Ubuntu) or libvirt-client (Fedora)"
        case .failed: nil
        case .notOurs: "bcvk libvirt list shows those that were"
        case .tooOld: "make a disk of the image (bcvk to-disk) and define that, or use libvirt 11.0 or newer"
        }
    }
}

/// libvirt's own client.
public struct Virsh: Sendable {
    private let program: FilePath
    private let uri: String

    /// - Parameter uri: the connection: `qemu:///session`, `qemu:///system`, or another.
    public init(uri: String) throws(LibvirtError) {
        guard let program = ProgramSearch.find("virsh") else { throw .noVirsh }
        self.program = program
        self.uri = uri
    }

    /// Defines a domain, or replaces the definition of one with the same name.
    public func define(_ xml: String) throws {
        var child = command(["define", "--validate", "/dev/stdin"])
        child.input = Array(xml.utf8)
        try check(try child.run(), "define")
    }

    /// The names of all domains, running or not.
    public func names() throws -> [String] {
        try run(["list", "--all", "--name"], "list").split(separator: "\n").map(String.init)
    }

    /// The state of a domain, as virsh says it: running, shut off, …
    public func state(_ name: String) throws -> String {
        try run(["domstate", "--domain", name], "state of \(name)").split(separator: "\n").first.map(String.init) ?? ""
    }

    /// What bcvk has noted of a domain; nil where that is nothing.
    public func note(_ name: String) throws -> DomainNote? {
        let result = try command(["metadata", "--domain", name, "--config", "--uri", DomainNote.namespace]).run()
        // It fails where there is no such metadata; whether the domain is there is asked separately.
        guard result.exit == .exited(0) else { return nil }
        return DomainNote(element: result.text)
    }

    /// Starts a domain.
    public func start(_ name: String) throws { try run(["start", "--domain", name], "start \(name)") }

    /// Presses a domain's power button.
    public func shutDown(_ name: String) throws {
        try run(["shutdown", "--domain", name, "--mode", "acpi"], "stop \(name)")
    }

    /// Ends a domain at once.
    public func destroy(_ name: String) throws { try run(["destroy", "--domain", name], "end \(name)") }

    /// Forgets a domain's definition, and its UEFI variables.
    public func undefine(_ name: String) throws {
        try run(["undefine", "--domain", name, "--nvram"], "remove \(name)")
    }

    /// The version of the library, as `9.0.0`.
    public func version() throws -> String {
        try run(["--version"], "version").split(separator: "\n").first.map(String.init) ?? ""
    }

    @discardableResult
    private func run(_ arguments: [String], _ what: String) throws -> String {
        try check(try command(arguments).run(), what)
    }

    @discardableResult
    private func check(_ result: ProgramResult, _ what: String) throws -> String {
        guard result.exit == .exited(0) else {
            // The first line is what has failed, the second one why.
            let lines = String(decoding: result.errorOutput, as: UTF8.self).split(separator: "\n").map { line in
                line.hasPrefix("error: ") ? String(line.dropFirst(7)) : String(line)
            }
            throw LibvirtError.failed(what, reason: lines.last ?? "\(result.exit)")
        }
        return result.text
    }

    private func command(_ arguments: [String]) -> ChildProgram {
        ChildProgram(program, ["--quiet", "--connect", uri] + arguments)
    }
}

import Glibc
import LinuxSystem
import QMP
import SystemPackage
import Testing

/// A machine whose root is an enemy, and what is seen of the host's side of it.
struct HostileGuest {
    let host: Host
    let name: String
    /// Where bcvk and what it starts see the host's file systems.
    var namespace: MountNamespace?

    /// Starts a machine from a template, so that a test of the running system does not wait for its boot.
    init(
        _ host: Host, name: String = "enemy", options: [String] = [], in namespace: MountNamespace? = nil
    ) throws {
        self.host = host
        self.name = name
        self.namespace = namespace
        let image = try host.laboratory.image("debian13")
        let start = try bcvk(
            ["ephemeral", "run", "-d", "--warm", "--wait", "boot", "--memory", "1G", "--name", name] + options + [image]
        )
        try #require(start.exit == .exited(0), "\(start.story)")
    }

    func bcvk(_ arguments: [String]) throws -> ProgramResult {
        let program = host.program(arguments)
        return try (namespace?.inside(program) ?? program).run()
    }

    /// Runs a script as root inside.
    func attack(_ script: String, _ arguments: [String] = []) throws -> ProgramResult {
        try bcvk(["ephemeral", "exec", name, "--", "sh", "-c", script, "sh"] + arguments)
    }

    /// Runs a script as root inside that goes on without the agent, which it may kill.
    func attackAlone(_ script: String) throws {
        let start = try attack("systemd-run --quiet --collect --expand-environment=no sh -c \"$1\"", [script])
        try #require(start.exit == .exited(0), "\(start.story)")
    }

    func inspect() throws -> JSONValue { try bcvk(["ephemeral", "inspect", name]).json() }

    /// Open descriptors and resident memory of the supervisor.
    func supervisor() throws -> (descriptors: Int, kibibytes: Int) {
        let process = try #require(try inspect()["supervisor_pid"]?.integerValue)
        let status = String(decoding: try Files.readWhole(FilePath("/proc/\(process)/status")), as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        return (
            try RootDirectory(FilePath("/proc/\(process)")).entries("fd").count, try #require(Int(words[1]))
        )
    }

    func remove() throws {
        let result = try bcvk(["ephemeral", "rm", "-f", name])
        #expect(result.exit == .exited(0), "\(result.story)")
    }

    /// A line of shell that kills whoever has the agent's port open.
    static let killAgent = #"""
        perl -e 'for (glob "/proc/[0-9]*/fd/*") { my $to = readlink($_); kill 9, m{/proc/(\d+)} if defined $to && $to =~ /vport/ }'
        """#

    /// What every script of attacks begins with: `try NAME COMMAND…` tells whether the command did what it must not.
    static let prelude = """
        try() {
            attempt=$1; shift
            if "$@" >/dev/null 2>&1; then echo "breach $attempt"; else echo "refused $attempt"; fi
        }

        """

    /// Counts the refused attempts of a script, none of which may have succeeded.
    static func expectRefused(_ result: ProgramResult, _ count: Int, sourceLocation: SourceLocation = #_sourceLocation)
    {
        #expect(result.exit == .exited(0), "\(result.story)", sourceLocation: sourceLocation)
        #expect(result.facts["breach"] == nil, "\(result.story)", sourceLocation: sourceLocation)
        #expect(result.facts["refused"]?.count == count, "\(result.story)", sourceLocation: sourceLocation)
    }

    /// Whether bytes hold anything that a terminal would act on.
    static func isPrintable(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x202E)
        }
    }
}

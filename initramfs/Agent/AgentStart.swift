import CGuest

/// The ways in which the agent comes to run.
enum AgentStart {
    /// Puts this program where the image's own system can call it: the initramfs is gone by then.
    static func install(_ configuration: GuestConfiguration) throws(GuestError) {
        let program = try WholeFile.read("/proc/self/exe")
        try WholeFile.write(program, to: Places.program)
        if chmod(Places.program, 0o755) != 0 { throw GuestError("set mode of", Places.program) }
        var text: [UInt8] = []
        for word in configuration.environment { text += Array(word.utf8) + [UInt8(ascii: "\n")] }
        try WholeFile.write(text, to: Places.environment)
    }

    /// Forks it off process 1, before the image's init: it is there from the first moment and depends on nothing of the image.
    static func beside() {
        let process = guest_fork_plainly()
        if process < 0 { return Console.warn(GuestError("fork", "the agent").text) }
        guard process == 0 else { return }
        do throws(GuestError) {
            try Agent.run(environment: try environment())
        } catch {
            Console.warn("agent: \(error.text)")
        }
        _exit(1)
    }

    /// Where the image's initramfs goes before us, process 1 is systemd already: the agent is a unit of it.
    static func addUnit() throws(GuestError) {
        try Units.add(
            "bcvk-agent.service",
            """
            [Unit]
            Description=Agent of the virtual machine's host
            DefaultDependencies=no

            [Service]
            ExecStart=\(Places.program) agent
            KillMode=process
            IgnoreSIGPIPE=no

            """, wantedBy: "sysinit.target")
    }

    /// What the host wants every program to have in its environment.
    static func environment() throws(GuestError) -> [String] {
        guard access(Places.environment, F_OK) == 0 else { return [] }
        return try WholeFile.read(Places.environment).split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

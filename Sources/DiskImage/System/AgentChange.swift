internal import LinuxSystem

/// The guest program, which answers `exec`, `cp` and `wait` in a machine that has the agent's port. In any other nothing of it
/// is started.
enum AgentChange {
    private static let program = "/usr/local/libexec/bcvk-guest"
    private static let units = "/etc/systemd/system"

    /// - Parameter program: the guest program's content.
    static func add(to list: inout ChangeList, program: [UInt8]) throws {
        let mode = TreeChange.Attributes(mode: 0o644)
        try list.write(Self.program, program, TreeChange.Attributes(mode: 0o755))
        try list.write("/etc/udev/rules.d/70-bcvk-agent.rules", rule, mode)
        try list.write("\(units)/bcvk-agent.service", agent, mode)
        try list.write("\(units)/bcvk-booted.service", report("booted", after: "default.target"), mode)
        let servers = "ssh.service sshd.service ssh.socket sshd.socket"
        try list.write("\(units)/bcvk-ssh.service", report("ssh", after: servers), mode)
        try list.write("\(units)/bcvk-emergency.service", report("emergency", after: ""), mode)
        try list.link("\(units)/emergency.target.wants/bcvk-emergency.service", to: "../bcvk-emergency.service")
    }

    private static let rule = """
        # Written by bcvk: the agent is started where there is a port for it.
        ACTION!="remove", SUBSYSTEM=="virtio-ports", ATTR{name}=="org.bcvk.agent", TAG+="systemd", \
        ENV{SYSTEMD_WANTS}+="bcvk-agent.service"

        """

    /// It brings the reports with it, and they wait for what they report: so their order does not depend on when udev finds
    /// the port.
    private static let agent = """
        # Written by bcvk.
        [Unit]
        Description=Agent of the virtual machine's host
        DefaultDependencies=no
        Wants=bcvk-booted.service bcvk-ssh.service
        IgnoreOnIsolate=yes

        [Service]
        Type=exec
        ExecStart=\(program) agent
        RuntimeDirectory=bcvk-guest
        KillMode=process
        IgnoreSIGPIPE=no

        """

    private static func report(_ event: String, after: String) -> String {
        """
        # Written by bcvk.
        [Unit]
        Description=Tell the virtual machine's host: \(event)
        DefaultDependencies=no
        After=bcvk-agent.service \(after)
        ConditionPathExists=/run/bcvk-guest

        [Service]
        Type=oneshot
        ExecStart=\(program) event \(event)

        """
    }
}

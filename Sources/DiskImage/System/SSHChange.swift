internal import BootPlan
internal import LinuxSystem

/// Who may log in, and host keys of the machine's own.
enum SSHChange {
    static func add(
        to list: inout ChangeList, _ tree: RootDirectory, _ facts: SystemFacts, keys: [String],
        remarks: inout [String]
    ) throws {
        if !keys.isEmpty { try authorize(keys, in: &list, tree) }
        guard facts.hasSSHServer else { return remarks.append("the image has no ssh server") }
        if !facts.sshIsEnabled { remarks.append("the image does not start its ssh server, and so does the disk") }
        try addHostKeys(to: &list, tree)
    }

    private static func authorize(_ keys: [String], in list: inout ChangeList, _ tree: RootDirectory) throws {
        let home = try homeOfRoot(tree)
        try list.directory(home, try tree.status(home) == nil ? TreeChange.Attributes(mode: 0o700) : nil)
        // sshd refuses keys in a directory that others could write.
        try list.directory("\(home)/.ssh", TreeChange.Attributes(mode: 0o700))
        let file = "\(home)/.ssh/authorized_keys"
        var text = String(decoding: try tree.readFileIfPresent(file, limit: 1 << 20) ?? [], as: UTF8.self)
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        for key in keys where !text.split(separator: "\n").contains(key[...]) { text += key + "\n" }
        try list.write(file, text, TreeChange.Attributes(mode: 0o600))
    }

    /// The sixth field of the first account with the number 0 (passwd(5)).
    private static func homeOfRoot(_ tree: RootDirectory) throws -> String {
        let text = String(decoding: try tree.readFileIfPresent("/etc/passwd", limit: 1 << 20) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 7, fields[2] == "0", fields[5].hasPrefix("/") { return String(fields[5]) }
        }
        return "/root"
    }

    /// Images have no host keys, or the same for all their machines. Fedora's units make missing ones. Debian's package does it
    /// when it is installed, and its unit only at what systemd takes for a first boot, which this is not.
    private static func addHostKeys(to list: inout ChangeList, _ tree: RootDirectory) throws {
        let units = UnitDirectory(tree)
        let makesOwn = try units.exists("sshd-keygen.target")
        for entry in try tree.entries("/etc/ssh") where entry.name.hasPrefix("ssh_host_") && entry.name.contains("_key")
        {
            try list.remove("/etc/ssh/\(entry.name)")
        }
        guard !makesOwn else { return }
        let directory = "/etc/systemd/system"
        try list.write("\(directory)/bcvk-ssh-host-keys.service", keyUnit, TreeChange.Attributes(mode: 0o644))
        for unit in ["ssh.service", "sshd.service", "ssh@.service", "sshd@.service"] where try units.exists(unit) {
            try list.write("\(directory)/\(unit).d/bcvk.conf", dropIn, TreeChange.Attributes(mode: 0o644))
        }
    }

    private static let keyUnit = """
        # Written by bcvk: every machine has ssh host keys of its own.
        [Unit]
        Description=Make ssh host keys
        ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
        ConditionPathIsReadWrite=/etc/ssh
        After=systemd-remount-fs.service

        [Service]
        Type=oneshot
        ExecStart=/usr/bin/ssh-keygen -A

        """

    private static let dropIn = """
        # Written by bcvk: see bcvk-ssh-host-keys.service.
        [Unit]
        Wants=bcvk-ssh-host-keys.service
        After=bcvk-ssh-host-keys.service

        """
}

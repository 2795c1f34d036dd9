import CGuest

/// What the host is told of the boot: units that systemd starts at the right moment. What needs more than to be told calls this
/// program.
enum Reports {
    static func write(_ configuration: GuestConfiguration) throws(GuestError) {
        try Units.add("bcvk-booted.service", unit("booted", after: "default.target"), wantedBy: "default.target")
        try Units.add("bcvk-emergency.service", unit("emergency", after: ""), wantedBy: "emergency.target")
        if configuration.hostKey != nil {
            let servers = "ssh.service sshd.service ssh.socket sshd.socket"
            try Mounting.makeDirectories(Places.reached)
            try Units.add("bcvk-ssh.service", unit("ssh", after: servers))
            try Units.add("bcvk-ssh.socket", socket(Places.reachedSSH, after: servers), wantedBy: "multi-user.target")
        }
    }

    /// Without default dependencies it may come after the target that wants it.
    private static func unit(_ event: String, after: String) -> String {
        """
        [Unit]
        Description=Tell the virtual machine's host: \(event)
        DefaultDependencies=no
        After=\(after)

        [Service]
        Type=oneshot
        ExecStart=\(Places.program) event \(event)

        """
    }

    /// systemd makes the place by itself, without a process; the agent watches for it. Nobody ever connects.
    private static func socket(_ place: String, after: String) -> String {
        """
        [Unit]
        Description=Tell the virtual machine's host: ssh
        DefaultDependencies=no
        After=\(after)

        [Socket]
        ListenFIFO=\(place)

        """
    }

    /// Sends an event to the agent, which passes it on.
    static func send(_ name: String) throws(GuestError) {
        let event: GuestEvent
        if isText(name, "booted") {
            // That the machine is up is told whatever becomes of this.
            Preparation.attempt { () throws(GuestError) in try endBoot() }
            event = .booted(failedUnits: failedUnits())
        } else if isText(name, "ssh") {
            event = .sshStarted
        } else if isText(name, "emergency") {
            event = .emergency
        } else {
            throw GuestError("send", name, reason: "there is no such event")
        }
        let payload = event.payload
        var attempts = 100
        while payload.withUnsafeBytes({ guest_send_event(Places.events, $0.baseAddress, $0.count) }) != 0 {
            // An agent that systemd has only just started does not listen yet.
            let mayCome = guest_errno() == ENOENT || guest_errno() == ECONNREFUSED
            guard mayCome, attempts > 0 else { throw GuestError("send", name) }
            attempts -= 1
            usleep(20_000)
        }
    }

    /// What was left out of the boot is there again.
    private static func endBoot() throws(GuestError) {
        try WholeFile.write([], to: GuestPlaces.booted)
        let units = try lines(of: GuestPlaces.afterBoot)
        // They are awaited: a system with jobs to do is still starting.
        if !units.isEmpty { _ = outputOfSystemctl(["start"] + units) }
        for path in try lines(of: GuestPlaces.untilBoot) {
            if unlink(path) != 0, guest_errno() != ENOENT { throw GuestError("remove", path) }
        }
    }

    private static func lines(of path: String) throws(GuestError) -> [String] {
        guard WholeFile.exists(path) else { return [] }
        return try WholeFile.read(path).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func outputOfSystemctl(_ words: [String]) -> [UInt8] {
        let arguments = CStrings(["/usr/bin/systemctl"] + words)
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = buffer.withUnsafeMutableBytes { guest_capture(arguments.pointers, $0.baseAddress, $0.count) }
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// In the image's initramfs there is no agent: the port is free, and who has only this to tell uses it.
    static func sendEmergencyWithoutAgent() throws(GuestError) {
        let port = guest_open_port(Agent.portName)
        guard port >= 0, guest_let_wait(port) == 0 else { throw GuestError("open", "port \(Agent.portName)") }
        defer { close(port) }
        var queue = ByteQueue()
        queue.append(Frame(.event, channel: 0, payload: GuestEvent.emergency.payload))
        if queue.write(to: port) == nil { throw GuestError("write to", "the host") }
    }

    private static func isText(_ text: String, _ other: StaticString) -> Bool {
        text.utf8.elementsEqual(UnsafeBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
    }

    private static func failedUnits() -> [String] {
        let list = outputOfSystemctl(["list-units", "--failed", "--plain", "--no-legend", "--no-pager", "--full"])
        return list.split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        }
    }
}

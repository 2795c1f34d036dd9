import CGuest

/// The journal on its way to a file of the host, as it grows: one JSON object for every entry (journalctl(1), -o json).
enum Journal {
    static let port = "org.bcvk.journal"
    private static let initramfsPort = "org.bcvk.journal.initrd"

    static func addUnit() throws(GuestError) {
        try Units.add(
            "bcvk-journal.service",
            """
            [Unit]
            Description=Journal for the virtual machine's host
            DefaultDependencies=no
            After=systemd-journald.service
            Requires=systemd-journald.service

            [Service]
            ExecStart=\(Places.program) journal

            """, wantedBy: "sysinit.target")
    }

    /// Becomes the program that follows the journal and writes it to a port.
    static func stream(to name: String) throws(GuestError) {
        let file = guest_open_port(name)
        guard file >= 0 else { throw GuestError("open", "port \(name)") }
        // The reader takes a port that is full for a failure, so it may wait.
        if guest_let_wait(file) != 0 || dup2(file, 1) < 0 { throw GuestError("use", "port \(name)") }
        let program = "/usr/bin/journalctl"
        let arguments = CStrings([program, "--follow", "--boot", "--no-tail", "--no-pager", "--output=json", "--quiet"])
        guest_execute(program, arguments.pointers)
        throw GuestError("execute", program)
    }

    /// The same in the image's initramfs, where nobody may want it.
    static func streamInitramfs() throws(GuestError) {
        if try Preparation.configuration().streamsJournal { try stream(to: initramfsPort) }
    }
}

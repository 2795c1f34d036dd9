import CGuest

/// The journal on its way to a file of the host, as it grows: one JSON object for every entry (journalctl(1), -o json).
enum Journal {
    static let port = "org.bcvk.journal"
    private static let initramfsPort = "org.bcvk.journal.initrd"

    /// Lets journalctl find what was written, and still is, under the id of the machine that was saved.
    static func keep(of formerID: [UInt8], for id: String) throws(GuestError) {
        let former = String(decoding: formerID.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if former.utf8.isEmpty { return }
        for place in ["/run/log/journal/", "/var/log/journal/"] where WholeFile.exists(place + former) {
            if symlink(former, place + id) != 0, guest_errno() != EEXIST { throw GuestError("create", place + id) }
        }
    }

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

import CGuest

/// Units for the guest's systemd, in /run: there every version looks, and nothing of the image is touched.
enum Units {
    private static let directory = "/run/systemd/system"

    static func write(_ configuration: GuestConfiguration) throws(GuestError) {
        guard let unit = configuration.sshUnit else { return }
        let wants = directory + "/multi-user.target.wants"
        try makeDirectory()
        try Mounting.makeDirectory(wants)
        try link("/usr/lib/systemd/system/" + unit, at: wants + "/" + unit)
    }

    /// Keeps a unit of the image from being started.
    static func mask(_ unit: String) throws(GuestError) {
        try makeDirectory()
        try link("/dev/null", at: directory + "/" + unit)
    }

    private static func makeDirectory() throws(GuestError) {
        for path in ["/run/systemd", directory] { try Mounting.makeDirectory(path) }
    }

    private static func link(_ target: String, at path: String) throws(GuestError) {
        if symlink(target, path) != 0, guest_errno() != EEXIST { throw GuestError("create", path) }
    }
}

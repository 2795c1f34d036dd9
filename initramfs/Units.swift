import CGuest

/// Units for the guest's systemd, in /run: there every version looks, and nothing of the image is touched.
enum Units {
    private static let directory = "/run/systemd/system"

    static func write(_ configuration: GuestConfiguration) throws(GuestError) {
        if let unit = configuration.sshUnit {
            try want("/usr/lib/systemd/system/" + unit, named: unit, by: "multi-user.target")
        }
    }

    private static func want(_ file: String, named unit: String, by target: String) throws(GuestError) {
        let wants = directory + "/" + target + ".wants"
        try Mounting.makeDirectories(wants)
        try link(file, at: wants + "/" + unit)
    }

    /// Keeps a unit of the image from being started.
    static func mask(_ unit: String) throws(GuestError) {
        try Mounting.makeDirectories(directory)
        try link("/dev/null", at: directory + "/" + unit)
    }

    private static func link(_ target: String, at path: String) throws(GuestError) {
        if symlink(target, path) != 0, guest_errno() != EEXIST { throw GuestError("create", path) }
    }
}

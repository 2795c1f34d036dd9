import CGuest

/// Units for the guest's systemd, in /run: there every version looks, and nothing of the image is touched.
enum Units {
    private static let directory = "/run/systemd/system"

    static func write(_ configuration: GuestConfiguration) throws(GuestError) {
        guard let unit = configuration.sshUnit else { return }
        for path in ["/run/systemd", directory, directory + "/multi-user.target.wants"] {
            try Mounting.makeDirectory(path)
        }
        let link = directory + "/multi-user.target.wants/" + unit
        if symlink("/usr/lib/systemd/system/" + unit, link) != 0, guest_errno() != EEXIST {
            throw GuestError("create", link)
        }
    }
}

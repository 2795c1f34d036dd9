import CGuest

/// Units for the guest's systemd, in /run: there every version looks, and nothing of the image is touched.
enum Units {
    private static let directory = "/run/systemd/system"

    static func write(_ configuration: GuestConfiguration) throws(GuestError) {
        try Reports.write(configuration)
        for unit in configuration.maskedUnits { try mask(unit) }
        if configuration.streamsJournal { try Journal.addUnit() }
        if let terminal = configuration.consoleLogin { try ConsoleLogin.write(terminal) }
        if let unit = configuration.sshUnit {
            try want("/usr/lib/systemd/system/" + unit, named: unit, by: "multi-user.target")
        }
    }

    /// Makes a unit.
    static func add(_ name: String, _ text: String) throws(GuestError) {
        try Mounting.makeDirectories(directory)
        try WholeFile.write(Array(text.utf8), to: directory + "/" + name)
    }

    /// Adds to a unit of the image.
    static func extend(_ name: String, _ text: String) throws(GuestError) {
        let place = directory + "/" + name + ".d"
        try Mounting.makeDirectories(place)
        try WholeFile.write(Array(text.utf8), to: place + "/bcvk.conf")
    }

    /// Makes a unit that a target starts.
    static func add(_ name: String, _ text: String, wantedBy target: String) throws(GuestError) {
        try add(name, text)
        try want(directory + "/" + name, named: name, by: target)
    }

    private static func want(_ file: String, named unit: String, by target: String) throws(GuestError) {
        let wants = directory + "/" + target + ".wants"
        try Mounting.makeDirectories(wants)
        try link(file, at: wants + "/" + unit)
    }

    /// Keeps a unit of the image from running before the default target is reached; for others it has succeeded.
    static func keepUntilBoot(_ unit: String) throws(GuestError) {
        try extend(unit, "[Unit]\nConditionPathExists=\(GuestPlaces.booted)\n")
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

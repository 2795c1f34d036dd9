import CGuest

/// Data that systemd derives from /usr again at the first start of a machine (systemd.unit(5), ConditionNeedsUpdate=), and every
/// start here is a first one. What the image has already is kept: making it again costs seconds and changes nothing.
///
/// The marks /etc/.updated and /var/.updated would say so for everything at once, but then systemd-sysusers would not make the
/// accounts that an image only declares, which it does in a new bootc deployment.
enum DerivedData {
    /// Units, and where what they make is.
    private static let makers = [
        ("ldconfig.service", ["/etc/ld.so.cache"]),
        ("systemd-hwdb-update.service", ["/usr/lib/udev/hwdb.bin", "/etc/udev/hwdb.bin"]),
        ("systemd-journal-catalog-update.service", ["/var/lib/systemd/catalog/database"]),
    ]

    static func keep(of tree: RootTree) throws(GuestError) {
        for (unit, made) in makers where made.contains(where: { tree.exists($0) }) { try Units.mask(unit) }
    }
}

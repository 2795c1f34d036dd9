package import LinuxSystem

/// Units that make no sense in a machine that lives once, has no screen and no disks.
package enum UnitMasks {
    /// It reads fstab by itself and would make the read-only root writable.
    package static let remountOfRoot = "systemd-remount-fs.service"

    /// Those of them that the image has.
    package static func units(in tree: RootDirectory, extra: [String]) throws -> [String] {
        let units = UnitDirectory(tree)
        var names = always
        if !Credentials.mayBe(in: tree, extra: extra) { names.append("systemd-udev-load-credentials.service") }
        return try names.filter { unit in
            // An instance is there when its template is.
            let file = unit.firstIndex(of: "@").map { unit[...$0] + ".service" }.map(String.init) ?? unit
            return try units.exists(file)
        }
    }

    private static let always = [
        // Removes what checks of ext4 on LVM have left.
        "e2scrub_reap.service",
        // The driver of a screen; variables of an UEFI.
        "modprobe@drm.service", "modprobe@efi_pstore.service",
        // A login on a screen.
        "getty@tty1.service",
        // A seed for the next boot.
        "systemd-random-seed.service",
        // Notes that /etc and /var are as new as /usr, for the next boot.
        "systemd-update-done.service",
        // Storage of networkd's for the next boot.
        "systemd-networkd-persistent-storage.service",
        // Takes back the image's initramfs for the shutdown, to unmount disks.
        "dracut-shutdown.service",
    ]
}

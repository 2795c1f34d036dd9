public import LinuxSystem

/// What a machine without hardware needs not do while it boots. Nothing here takes away what somebody could use: modules can
/// still be loaded by name, units be unmasked and started.
public enum BootTuning {
    /// Words for the kernel's command line.
    /// - Parameters:
    ///   - isTranslated: whether the guest's instructions are translated.
    ///   - extra: the user's own words.
    package static func kernelArguments(isTranslated: Bool, extra: [String]) -> [String] {
        var words: [String] = []
        // The kernel's ciphers test themselves when they are loaded; FIPS mode demands it.
        if !extra.contains("fips=1") { words.append("cryptomgr.notests") }
        var modules = absentHardware
        if isTranslated {
            // The attacks that these hold off are on processors; a translator has none of their caches, and pays for every
            // detour that the guest makes.
            words.append("mitigations=off")
            modules += processorCiphers
            // Nobody needs the long batches that these save work with; systemd waits for each of them.
            words.append("rcupdate.rcu_expedited=1")
            // A fork costs more than what a worker does for a device.
            words.append("udev.children_max=2")
        }
        words.append("modprobe.blacklist=" + modules.joined(separator: ","))
        return words
    }

    /// Drivers that udev and services load by what they could be good for: radio, guests of other hypervisors, a screen, a
    /// mouse, a loudspeaker, the chipset's watchdog and buses, variables of a firmware that is not there.
    private static let absentHardware = [
        "cfg80211", "vsock", "drm", "psmouse", "serio_raw", "pcspkr", "iTCO_wdt", "lpc_ich", "i2c_i801", "efi_pstore",
    ]

    /// Ciphers in instructions that are translated one by one: the kernel's plain ones do as well.
    private static let processorCiphers = [
        "aesni_intel", "ghash_clmulni_intel", "sha1_ssse3", "sha256_ssse3", "sha512_ssse3", "crct10dif_pclmul",
        "crc32_pclmul", "crc32c_intel",
    ]

    /// Units that make no sense in a machine that lives once, has no screen and no disks; those of them that the image has.
    public static func maskedUnits(in tree: RootDirectory) throws -> [String] {
        let units = UnitDirectory(tree)
        return try candidates.filter { unit in
            // An instance is there when its template is.
            let file = unit.firstIndex(of: "@").map { unit[...$0] + ".service" }.map(String.init) ?? unit
            return try units.exists(file)
        }
    }

    private static let candidates = [
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
        // Rules and links from credentials of the machine's; storage of networkd's for the next boot.
        "systemd-udev-load-credentials.service", "systemd-networkd-persistent-storage.service",
        // Takes back the image's initramfs for the shutdown, to unmount disks.
        "dracut-shutdown.service",
    ]
}

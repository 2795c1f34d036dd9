package import LinuxSystem

/// Words for the kernel's command line.
package enum KernelWords {
    /// - Parameters:
    ///   - isTranslated: whether the guest's instructions are translated.
    ///   - hasSteadyCounter: whether the host's kernel trusts the time stamp counter, which a translated guest reads too.
    ///   - extra: the user's own words.
    package static func words(
        isTranslated: Bool, hasSteadyCounter: Bool, extra: [String], release: String, in tree: RootDirectory
    ) -> [String] {
        // Looking for memory to make whole wakes an idle machine twice a second.
        var words = ["sysctl.vm.compaction_proactiveness=0"]
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
            // So does the watch over a clock that is the host's own.
            if hasSteadyCounter, !extra.contains(where: { $0.hasPrefix("tsc=") }) { words.append("tsc=reliable") }
            // A fork costs more than what a worker does for a device.
            words.append("udev.children_max=2")
            // A configuration that cannot be read says nothing of the list.
            if let word = try? SecurityModules.word(extra: extra, release: release, in: tree) { words.append(word) }
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
}

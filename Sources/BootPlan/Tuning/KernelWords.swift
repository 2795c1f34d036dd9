/// Words for the kernel's command line.
package enum KernelWords {
    /// - Parameters:
    ///   - isTranslated: whether the guest's instructions are translated.
    ///   - counter: the time stamp counter, which a translated guest reads too; nil where the host's kernel does not trust it.
    ///   - extra: the user's own words.
    ///   - traits: the kernel's.
    package static func words(
        isTranslated: Bool, counter: HostClock.Counter?, extra: [String], traits: KernelTraits
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
            // A fork costs more than what a worker does for a device.
            words.append("udev.children_max=2")
            if let list = traits.securityModules, let word = SecurityModules.word(withoutBPF: list, extra: extra) {
                words.append(word)
            }
            words += clock(counter, extra: extra, ticks: traits.ticks)
            // A source of random numbers that tries for a tenth of a second how well it does; the kernel has better ones.
            if traits.hasJitterEntropy, !extra.contains("fips=1") { words.append("initcall_blacklist=jent_mod_init") }
        }
        words.append("modprobe.blacklist=" + modules.joined(separator: ","))
        return words
    }

    private static func clock(
        _ counter: HostClock.Counter?, extra: [String], ticks: Int?
    ) -> [String] {
        guard let counter else { return [] }
        var words: [String] = []
        // The clock is the host's own: nobody needs to watch over it.
        if !extra.contains(where: { $0.hasPrefix("tsc=") }) { words.append("tsc=reliable") }
        // Each processor but the first would measure for a tenth of a second what the first knows: its steps in a tick.
        if let frequency = counter.frequency, let ticks, (100...1000).contains(ticks),
            !extra.contains(where: { $0.hasPrefix("lpj=") })
        {
            words.append("lpj=\(frequency / ticks)")
        }
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

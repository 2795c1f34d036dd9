/// The kernel's command line, each word with its reason.
public enum KernelCommandLine {
    /// - Parameters:
    ///   - console: the serial port's name in the kernel.
    ///   - isVerbose: whether the boot is to be seen on the console.
    ///   - hasCloudInitSeed: whether cloud-init finds something for it in the machine.
    ///   - hasIgnition: whether Ignition does.
    ///   - isTranslated: whether the guest's instructions are translated.
    ///   - masksUnits: whether units are masked by files.
    ///   - tuning: words that make the boot shorter.
    ///   - extra: the user's own words; they come last, where the kernel and systemd let them win.
    public static func words(
        facts: SystemFacts, console: String, isVerbose: Bool, hasCloudInitSeed: Bool = false, hasIgnition: Bool = false,
        isTranslated: Bool = false, masksUnits: Bool = false, tuning: [String] = [], extra: [String]
    ) -> [String] {
        var words = ["console=\(console)"]
        // A serial line is slow; errors and panics are shown all the same.
        if !isVerbose { words.append("quiet") }
        // A panic ends the machine at once, so that the host learns of it.
        words.append("panic=-1")
        // The image's /etc/fstab names disks that are not there.
        words.append("fstab=no")
        // The share has no labels; a policy of the image could only forbid everything.
        words.append("selinux=0")
        // virtiofsd writes into the guest's memory behind the translator's back. Where there was code, the translator would go on
        // with what it made of that; a page that the guest itself sets to zero first is one of which it forgets everything.
        if isTranslated { words.append("init_on_alloc=1") }
        if facts.fstabNamesRoot, !masksUnits { words.append("systemd.mask=\(UnitMasks.remountOfRoot)") }
        if hasCloudInitSeed {
            // The seed is in the file system; the address is there already, and cloud-init would ask for another.
            words += ["ds=nocloud", "network-config=disabled"]
        } else if facts.cloudInitIsEnabled {
            // cloud-init would wait for a metadata server that does not exist.
            words.append("ds=None")
        }
        // Ignition works at a first boot only, and every boot of ours is one.
        if hasIgnition { words += ["ignition.firstboot", "ignition.platform.id=qemu"] }
        return words + tuning + extra
    }
}

/// What is appended to an image's own initramfs, which must run systemd: the guest program, and units that put the virtiofs
/// root and its writable layers where the initramfs expects the disk.
enum ImageInitramfs {
    static func base(
        guest: [UInt8], modules: ModuleStages, rootTag: String
    ) -> [UInt8] {
        var archive = CPIOWriter()
        archive.file("usr/lib/bcvk/guest", guest, mode: 0o755)
        OwnInitramfs.addModules(modules, to: &archive)
        // Below /etc: there no generator overrides them.
        let units = "etc/systemd/system"
        archive.file("\(units)/sysroot.mount", Array(mount(rootTag).utf8))
        archive.file("\(units)/bcvk-modules.service", Array(modulesService.utf8))
        archive.file("\(units)/bcvk-root.service", Array(rootService.utf8))
        archive.file("\(units)/bcvk-journal.service", Array(journalService.utf8))
        archive.link("\(units)/sysinit.target.wants/bcvk-journal.service", to: "../bcvk-journal.service")
        archive.file("\(units)/bcvk-emergency.service", Array(emergencyService.utf8))
        // dracut's own shell is a unit beside the target.
        for unit in ["emergency.target", "dracut-emergency.service"] {
            archive.link("\(units)/\(unit).wants/bcvk-emergency.service", to: "../bcvk-emergency.service")
        }
        archive.file("\(units)/initrd-root-fs.target.d/bcvk.conf", Array(rootTarget.utf8))
        archive.finish()
        return archive.bytes
    }

    private static func mount(_ tag: String) -> String {
        """
        [Unit]
        Description=Image as root file system
        DefaultDependencies=no
        ConditionPathExists=/etc/initrd-release
        Requires=bcvk-modules.service
        After=bcvk-modules.service
        Before=initrd-root-fs.target

        [Mount]
        What=\(tag)
        Where=/sysroot
        Type=virtiofs
        Options=ro

        """
    }

    private static let modulesService = """
        [Unit]
        Description=Kernel modules for the virtiofs root
        DefaultDependencies=no
        ConditionPathExists=/etc/initrd-release

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/lib/bcvk/guest load-modules

        """

    private static let rootService = """
        [Unit]
        Description=Writable layers over the image
        DefaultDependencies=no
        ConditionPathExists=/etc/initrd-release
        Requires=sysroot.mount
        After=sysroot.mount
        Before=initrd-root-fs.target
        OnFailure=emergency.target
        OnFailureJobMode=isolate

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/lib/bcvk/guest setup-root /sysroot

        """

    /// The boot has been given up, and no agent is there yet that could say so. The modules' own unit may have been ended with it.
    private static let emergencyService = """
        [Unit]
        Description=Tell the virtual machine's host: emergency in the initramfs
        DefaultDependencies=no
        ConditionPathExists=/etc/initrd-release

        [Service]
        Type=oneshot
        ExecStart=/usr/lib/bcvk/guest load-modules
        ExecStart=/usr/lib/bcvk/guest initramfs-emergency

        """

    /// It sees by itself whether anybody wants the journal.
    private static let journalService = """
        [Unit]
        Description=Journal of the initramfs for the host
        DefaultDependencies=no
        ConditionPathExists=/etc/initrd-release
        After=bcvk-modules.service systemd-journald.service
        Requires=bcvk-modules.service

        [Service]
        ExecStart=/usr/lib/bcvk/guest initramfs-journal

        """

    /// Whatever changes the root in the initramfs (Ignition does) waits for this target, and finds the layers over the image.
    private static let rootTarget = """
        [Unit]
        Requires=sysroot.mount bcvk-root.service
        After=sysroot.mount bcvk-root.service

        """
}

import CGuest

/// The file systems without which nothing can be done, first in the initramfs and later in the real root.
enum KernelFileSystems {
    static let places = ["/dev", "/proc", "/sys", "/run"]

    static func mount() throws(GuestError) {
        for place in places { try Mounting.makeDirectory(place) }
        try Mounting.mount("devtmpfs", on: "/dev", type: "devtmpfs", flags: Mounting.noSuid, options: "mode=0755")
        openConsole()
        // With systemd's own options (its group tty is 5 everywhere): the agent's terminals come before systemd.
        try Mounting.makeDirectory("/dev/pts")
        try Mounting.mount(
            "devpts", on: "/dev/pts", type: "devpts", flags: Mounting.noSuid | Mounting.noExec,
            options: "mode=0620,gid=5")
        try Mounting.mount(
            "proc", on: "/proc", type: "proc", flags: Mounting.noSuid | Mounting.noDevices | Mounting.noExec)
        try Mounting.mount(
            "sysfs", on: "/sys", type: "sysfs", flags: Mounting.noSuid | Mounting.noDevices | Mounting.noExec)
        // systemd leaves a /run that it finds mounted, and what is in it.
        try Mounting.mount(
            "tmpfs", on: "/run", type: "tmpfs", flags: Mounting.noSuid | Mounting.noDevices,
            options: "mode=0755,size=20%")
    }

    /// Without a console in the initramfs' /dev the kernel starts us with no descriptors at all.
    private static func openConsole() {
        let console = guest_open("/dev/console", O_RDWR)
        guard console >= 0 else { return }
        for number: Int32 in 0...2 { dup2(console, number) }
        if console > 2 { close(console) }
    }

    static func move(into root: String) throws(GuestError) {
        for place in places { try Mounting.mount(place, on: root + place, flags: Mounting.move) }
    }
}

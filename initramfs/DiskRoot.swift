import CGuest

/// From the kernel to the init of a system on a disk, where the image brings no initramfs for that.
enum DiskRoot {
    private static let root = "/sysroot"
    /// Disks are found while the kernel is up already; a controller may take seconds.
    private static let patience = 60_000
    private static let pause = 20

    static func boot(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws(GuestError) {
        try KernelFileSystems.mount()
        let words = BootWords(try WholeFile.read("/proc/cmdline"))
        try Modules.load(.root)
        let device = try find(words.root)
        try Mounting.makeDirectory(root)
        try Mounting.mount(
            device.path, on: root, type: words.type.utf8.isEmpty ? device.type : words.type,
            flags: words.isWritable ? 0 : Mounting.readOnly, options: words.options.utf8.isEmpty ? nil : words.options)
        let program = try initProgram(words)
        try Guest.enter(root)
        try Guest.become(program, arguments)
    }

    /// Waits for the device that the command line names.
    private static func find(_ name: String) throws(GuestError) -> BlockDevice {
        let bytes = Array(name.utf8)[...]
        let isID = bytes.starts(with: "UUID=".utf8)
        guard isID || bytes.starts(with: "/dev/".utf8) else {
            throw GuestError("find", "root=" + name, reason: "only UUID=… and /dev/… are understood")
        }
        var waited = 0
        while true {
            for path in try BlockDevice.all() {
                if !isID, !path.utf8.elementsEqual(bytes) { continue }
                guard let device = BlockDevice(path) else { continue }
                if !isID || device.hasID(bytes.dropFirst(5)) { return device }
            }
            guard waited < patience else {
                throw GuestError("find", "root=" + name, reason: "no disk of the machine has it")
            }
            usleep(UInt32(pause * 1000))
            waited += pause
        }
    }

    private static func initProgram(_ words: BootWords) throws(GuestError) -> String {
        let tree = try RootTree(root)
        if !words.initProgram.utf8.isEmpty { return words.initProgram }
        for path in ["/sbin/init", "/usr/lib/systemd/systemd", "/lib/systemd/systemd"] where tree.exists(path) {
            return path
        }
        throw GuestError("find", "an init", reason: "neither /sbin/init nor systemd is there")
    }
}

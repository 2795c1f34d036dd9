import CGuest

/// File systems of the kernel's that the image's init would mount by a process each.
enum KernelMounts {
    /// What cannot be mounted here, for want of a driver, is left to the init, which knows whether it is needed.
    static func mount(_ mounts: [GuestMount]) throws(GuestError) {
        for mount in mounts where isMounted(mount) {
            if let loader = mount.loader { try Units.keepUntilBoot(loader) }
        }
    }

    private static func isMounted(_ mount: GuestMount) -> Bool {
        do throws(GuestError) {
            try Mounting.makeDirectories(mount.place)
            var flags: UInt = 0
            var rest: [UInt8] = []
            for option in Array(mount.options.utf8).split(separator: UInt8(ascii: ",")) {
                if let flag = flag(option) {
                    flags |= flag
                } else {
                    if !rest.isEmpty { rest.append(UInt8(ascii: ",")) }
                    rest += option
                }
            }
            let options = String(decoding: rest, as: UTF8.self)
            try Mounting.mount(
                mount.source, on: mount.place, type: mount.type, flags: flags, options: rest.isEmpty ? nil : options)
            return true
        } catch {
            return false
        }
    }

    private static func flag(_ option: ArraySlice<UInt8>) -> UInt? {
        if option.isText("nosuid") { return Mounting.noSuid }
        if option.isText("nodev") { return Mounting.noDevices }
        if option.isText("noexec") { return Mounting.noExec }
        if option.isText("ro") { return Mounting.readOnly }
        if option.isText("noatime") { return Mounting.noAccessTimes }
        return nil
    }
}

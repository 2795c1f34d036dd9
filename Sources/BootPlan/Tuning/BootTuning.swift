public import GuestProtocol
public import LinuxSystem

/// What a machine without hardware needs not do while it boots. Nothing here takes away what somebody could use: modules can
/// still be loaded by name, units be unmasked and started, and what this image has no work for is only left out of the boot.
public struct BootTuning: Sendable {
    /// The form in which it is kept.
    static let form = 3

    /// Units that are not started.
    public let maskedUnits: [String]
    /// File systems of the kernel's that are mounted before its init runs, in place of a process for each.
    public let kernelMounts: [GuestMount]
    /// Files of the machine's own.
    public let files: [GuestFile]

    /// Looks at a system what of its boot can be spared. What cannot be looked at is left as it is.
    /// - Parameters:
    ///   - release: the kernel's.
    ///   - extra: the user's own words for the kernel: who asks for something gets it.
    ///   - initramfs: the one that starts it.
    ///   - isChanged: whether something writes into the image's configuration before its init runs.
    ///   - fstabNamesRoot: whether the image's /etc/fstab names a root file system.
    ///   - console: the serial port's name in the kernel.
    public init(
        of tree: RootDirectory, release: String, extra: [String], initramfs: BootOptions.InitramfsChoice,
        isChanged: Bool, fstabNamesRoot: Bool = false, console: String = "ttyS0"
    ) {
        func look<Found>(_ body: () throws -> Found, or nothing: Found) -> Found {
            // A device, a loop of links, a file too large or one of somebody else's: systemd passes over such files, and so do we.
            (try? body()) ?? nothing
        }
        let units = UnitDirectory(tree)
        // A unit in /etc would go before a mask in /run, but not before one of the kernel's words.
        let masksRemount =
            fstabNamesRoot && initramfs == .own
            && look(
                { try tree.status("/etc/systemd/system/\(UnitMasks.remountOfRoot)", followLinks: false) == nil },
                or: false)
        maskedUnits =
            look({ try UnitMasks.units(in: tree, extra: extra) }, or: [])
            + (masksRemount ? [UnitMasks.remountOfRoot] : [])
        var idle: [String] = []
        var files: [GuestFile] = []
        if !isChanged {
            idle = look({ try IdleUnits.units(in: tree, extra: extra) }, or: [])
            let generators = look(
                {
                    try GeneratorMasks.files(
                        in: tree, extra: extra, console: console, hasMaskInWords: fstabNamesRoot && !masksRemount)
                }, or: [])
            let list = generators.map { $0.path + "\n" }.joined()
            files = generators
            files.append(GuestFile(path: GuestPlaces.untilBoot, content: .bytes(Array(list.utf8)), isPublic: false))
            files += look({ try DeviceEvents.files(in: tree, release: release) }, or: [])
            let late = look({ try IdleUnits.lateUnits(in: tree, extra: extra) }, or: [])
            idle += late
            if !late.isEmpty {
                let list = late.map { $0 + "\n" }.joined()
                files.append(
                    GuestFile(path: GuestPlaces.afterBoot, content: .bytes(Array(list.utf8)), isPublic: false))
            }
        }
        if let nodes = look({ try StaticNodes.file(of: release, in: tree) }, or: nil),
            look({ try units.exists(StaticNodes.unit) }, or: false)
        {
            idle.append(StaticNodes.unit)
            files.append(nodes)
        }
        if let cache = look({ try LibraryCache.file(in: tree) }, or: nil) { files.append(cache) }
        // The image's initramfs has mounted some of them by its own ways.
        guard initramfs == .own else {
            kernelMounts = []
            self.files = files + idle.map(IdleUnits.condition)
            return
        }
        var mounts = look({ try KernelMounts.mounts(in: units, extra: extra) }, or: [])
        if let modules = look({ try KernelModules(of: release, in: tree) }, or: nil),
            let mount = KernelMounts.bpf(modules: modules.index)
        {
            mounts.append(mount)
        }
        kernelMounts = mounts
        self.files = files + idle.map(IdleUnits.condition)
    }

    /// The files of a machine where what is written below /var outlives it, or is on a disk: the journal goes there at once.
    public var filesWithoutLateUnits: [GuestFile] {
        let late = Set(IdleUnits.late.map { IdleUnits.condition($0).path } + [GuestPlaces.afterBoot])
        return files.filter { !late.contains($0.path) }
    }

    // Kept as a configuration for the guest that says nothing else.

    /// Reads what `encoded` has written.
    package init(decoding bytes: [UInt8]) throws(GuestConfigurationError) {
        let kept = try GuestConfiguration(decoding: bytes)
        maskedUnits = kept.maskedUnits
        kernelMounts = kept.kernelMounts
        files = kept.files
    }

    /// A form in which it can be kept: to find it again is cheaper than to look again.
    package func encoded() -> [UInt8] {
        var kept = GuestConfiguration(rootMode: .bootc, rootTag: "-", initProgram: "-", hostname: "", machineID: "")
        kept.maskedUnits = maskedUnits
        kept.kernelMounts = kernelMounts
        kept.files = files
        return kept.encoded()
    }
}

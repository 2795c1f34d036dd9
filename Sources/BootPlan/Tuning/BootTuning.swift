public import GuestProtocol
public import LinuxSystem

/// What a machine without hardware needs not do while it boots. Nothing here takes away what somebody could use: modules can
/// still be loaded by name, units be unmasked and started.
public struct BootTuning: Sendable {
    /// Units that are not started.
    public let maskedUnits: [String]
    /// File systems of the kernel's that are mounted before its init runs, in place of a process for each.
    public let kernelMounts: [GuestMount]
    /// Files of the machine's own.
    public let files: [GuestFile]

    /// Looks at a system what of its boot can be spared.
    /// - Parameters:
    ///   - release: the kernel's.
    ///   - extra: the user's own words for the kernel: who asks for something gets it.
    ///   - initramfs: the one that starts it.
    public init(
        of tree: RootDirectory, release: String, extra: [String], initramfs: BootOptions.InitramfsChoice
    ) throws {
        let units = UnitDirectory(tree)
        var masked = try UnitMasks.units(in: tree, extra: extra)
        var files = try GeneratorMasks.files(in: tree, extra: extra)
        if let nodes = try StaticNodes.file(of: release, in: tree), try units.exists(StaticNodes.unit) {
            masked.append(StaticNodes.unit)
            files.append(nodes)
        }
        if let events = try DeviceEvents.file(in: tree) { files.append(events) }
        if let cache = try LibraryCache.file(in: tree) { files.append(cache) }
        maskedUnits = masked
        // The image's initramfs has mounted some of them by its own ways.
        kernelMounts = initramfs == .own ? try KernelMounts.mounts(in: units) : []
        self.files = files
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

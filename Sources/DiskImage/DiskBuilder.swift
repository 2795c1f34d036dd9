internal import BootPlan
internal import Glibc
internal import ImageAnalysis
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Makes a disk as it was planned.
public struct DiskBuilder {
    /// What a caller is told while it waits.
    public enum Step: String, Sendable {
        case initramfs = "making an initramfs in a machine of the image"
        case root = "filling the root file system"
        case conversion = "converting to qcow2"
    }

    private let plan: DiskPlan
    private let ids: DiskIdentifiers
    private let clock: Int64
    private let note: (Step) -> Void

    /// - Parameter note: told of each step at its beginning.
    public init(_ plan: DiskPlan, note: @escaping (Step) -> Void = { _ in }) {
        self.plan = plan
        self.note = note
        ids = DiskIdentifiers(derivedFrom: plan.recipe.epoch == nil ? nil : plan.key)
        clock = plan.recipe.epoch ?? Int64(time(nil))
    }

    /// Makes the disk in a directory of its own and returns the finished file there.
    /// - Returns: the file, and what the user should know of the system in it.
    func build(in work: FilePath) throws -> (file: FilePath, remarks: [String]) {
        let table = plan.layout.table(
            architecture: plan.architecture, grows: plan.recipe.grows, id: ids.partition)
        guard let root = table.root else { throw DiskImageError.loaderUnusable("the layout", reason: "it has no root") }
        let disk = work.appending("disk.raw")
        try allocate(disk)

        note(.root)
        let maker = Ext4Maker(
            disk: disk, partition: root, id: ids.root, hashSeed: ids.hashSeed, clock: clock,
            isOptimized: plan.recipe.isOptimized)
        let map = try UserNamespaceMap.forCurrentUser()
        var beside: (system: SystemChanges, bootCode: [UInt8], initramfs: String)?
        // Copying the tree takes longest, and everything else is done meanwhile.
        try maker.make(from: plan.source.tree.path, survey: plan.survey, map: map) {
            beside = try makeBoot(table, disk, work)
        }
        guard let beside, let status = try plan.source.tree.status("/") else {
            throw SystemError("stat", plan.source.tree.path.string, errno: ENOENT)
        }
        try maker.apply(beside.system.changes, root: status, map: map, work: try directory(work, "changes"))
        try write(table.primary(bootCode: beside.bootCode), to: disk, at: 0)
        try write(table.backup, to: disk, at: table.backupOffset)
        try write(try description(beside.initramfs).encoded(), to: disk, at: DiskDescription.offset)
        return (try finish(disk, work), beside.system.remarks)
    }

    // MARK: Parts

    /// Everything but the root file system: fills the partitions of the boot loaders, and decides what the root gets beside the tree.
    private func makeBoot(
        _ table: PartitionTable, _ disk: FilePath, _ work: FilePath
    ) throws -> (system: SystemChanges, bootCode: [UInt8], initramfs: String) {
        let kernel = try KernelForDisk(plan, note: note)
        let entry = try makeEntry(kernel)
        var system = try systemChanges(entry)
        system.remarks += kernel.remarks
        try addRootFiles(entry, to: &system)
        if let partition = table.first(.efiSystem) { try makeEFI(entry, disk, partition, work) }
        var bootCode: [UInt8] = []
        if let bios = plan.loaders.bios, let partition = table.first(.biosBoot) {
            let core = try bios.image(
                early: GRUBConfiguration.early(root: ids.root), fileSystem: plan.recipe.fileSystem, clock: clock,
                work: try directory(work, "bios"))
            let boot = try BIOSBoot(boot: try bios.part("boot.img"), core: core, partition: partition)
            try write(boot.core, to: disk, at: partition.offset)
            bootCode = boot.bootCode
        }
        return (system, bootCode, kernel.initramfsName)
    }

    private func makeEntry(_ kernel: KernelForDisk) throws -> BootEntry {
        let system = try OSRelease(plan.source.tree)?.fields ?? [:]
        let id = (system["ID"] ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        let title = (system["PRETTY_NAME"] ?? "").filter { !$0.isNewline }
        return BootEntry(
            title: title.isEmpty ? "Linux" : title, system: id.isEmpty ? "linux" : id, release: plan.kernel.release,
            kernel: kernel.kernel, options: try kernelArguments(kernel), root: ids.root)
    }

    private func kernelArguments(_ kernel: KernelForDisk) throws -> [String] {
        var words = kernel.ownArguments
        // Mounted read-only, so that it can be checked before systemd mounts it as fstab says.
        words += ["root=UUID=\(ids.root)", "ro", "console=tty0", "console=\(plan.architecture.console)"]
        if try usesSELinux() { words.append("selinux=0") }
        return words + plan.recipe.kernelArguments
    }

    /// The files of an image have no labels, and a policy would forbid everything.
    private func usesSELinux() throws -> Bool {
        let text = try plan.source.tree.readFileIfPresent("/etc/selinux/config", limit: 1 << 16) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n").contains {
            $0.hasPrefix("SELINUX=") && !$0.hasPrefix("SELINUX=disabled")
        }
    }

    private func systemChanges(_ entry: BootEntry) throws -> SystemChanges {
        let name = try plan.source.tree.readFileIfPresent("/etc/hostname", limit: 1 << 10) ?? []
        let hasName = name.contains { $0 > 0x20 }
        var changes = try SystemChanges.plan(
            plan.source.tree, facts: plan.facts,
            SystemChanges.Request(
                rootSource: "UUID=\(ids.root)", fileSystem: plan.recipe.fileSystem,
                efiSource: plan.recipe.firmware.hasUEFI ? "UUID=\(EFIPartition.uuid(ids.efiSerial))" : nil,
                authorizedKeys: plan.recipe.authorizedKeys,
                hostname: plan.recipe.hostname
                    ?? (hasName ? nil : IdentityChange.hostname(ofImage: plan.source.image)),
                agent: plan.recipe.hasAgent ? try Files.readWhole(plan.source.guest) : nil,
                isOptimized: plan.recipe.isOptimized, grows: plan.recipe.grows))
        if try usesSELinux() {
            changes.remarks.append("the files of an image have no SELinux labels: the disk starts with selinux=0")
        }
        return changes
    }

    /// What GRUB reads from the root file system and the image does not have there.
    private func addRootFiles(_ entry: BootEntry, to system: inout SystemChanges) throws {
        guard plan.loaders.needsRootFiles else { return }
        var list = ChangeList(plan.source.tree)
        switch entry.kernel {
        case .plain(let kernel, let initramfs), .unified(_, let kernel, let initramfs):
            for file in [kernel, initramfs] where !file.isInImage {
                try list.write(file.path, file.content, TreeChange.Attributes(mode: 0o600))
            }
        }
        try list.write(
            "\(GRUBConfiguration.directory)/grub.cfg", GRUBConfiguration.main(entry), TreeChange.Attributes(mode: 0o600)
        )
        let known = Set(system.changes)
        system.changes += list.changes.filter {
            if case .directory = $0 { !known.contains($0) } else { true }
        }
    }

    private func makeEFI(_ entry: BootEntry, _ disk: FilePath, _ partition: Partition, _ work: FilePath) throws {
        let files: [EFIFile]
        switch plan.loaders.efi {
        case .systemdBoot(let loader): files = loader.files(entry)
        case .grub(let platform):
            let image = try platform.image(
                early: GRUBConfiguration.early(root: ids.root), fileSystem: plan.recipe.fileSystem, clock: clock,
                work: try directory(work, "efi-grub"))
            files = [EFIFile(path: "EFI/BOOT/BOOT\(plan.architecture.efiName.uppercased()).EFI", content: image)]
        case nil: return
        }
        try EFIPartition(
            disk: disk, partition: partition, serial: ids.efiSerial, clock: clock,
            isReproducible: plan.recipe.epoch != nil
        ).make(files, work: try directory(work, "efi"))
    }

    private func description(_ initramfs: String) -> DiskDescription {
        DiskDescription(
            key: plan.key, image: plan.source.image, digest: plan.source.digest, recipe: plan.recipe,
            kernel: plan.kernel.release, loaders: plan.loaders.names, initramfs: initramfs)
    }

    // MARK: Files

    private func directory(_ work: FilePath, _ name: String) throws -> FilePath {
        try Files.createDirectories(work.appending(name))
        return work.appending(name)
    }

    /// A file of the disk's size without a single block.
    private func allocate(_ path: FilePath) throws {
        let file = try OwnedDescriptor(opening: path, .writeOnly, options: [.create, .exclusiveCreate])
        guard ftruncate(file.raw, off_t(plan.layout.size.bytes)) == 0 else { throw SystemError("extend", path.string) }
    }

    private func write(_ bytes: [UInt8], to path: FilePath, at offset: UInt64) throws {
        let file = try OwnedDescriptor(opening: path, .writeOnly)
        guard lseek(file.raw, off_t(offset), SEEK_SET) >= 0 else { throw SystemError("seek", path.string) }
        try file.writeAll(bytes, subject: path.string)
    }

    private func finish(_ disk: FilePath, _ work: FilePath) throws -> FilePath {
        guard plan.recipe.format == .qcow2 else { return disk }
        note(.conversion)
        let file = work.appending("disk.qcow2")
        let tool = try HostTool(.qemuImg)
        try tool.run(["convert", "-f", "raw", "-O", "qcow2", disk.string, file.string], clock: clock)
        try Files.removeTree(disk)
        return file
    }
}

internal import BootPlan
internal import ContainerImage
internal import Glibc
internal import GuestProtocol
public import ImageStore
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Turns an image in the cache and a request into a running machine.
public struct MachineLauncher {
    let registry: MachineRegistry
    let store: ImageStore
    let host: MachineHost

    /// A launcher with what was found on this host.
    public init(registry: MachineRegistry, store: ImageStore, host: MachineHost) {
        self.registry = registry
        self.store = store
        self.host = host
    }

    /// Prepares a machine and starts its supervisor.
    ///
    /// - Parameters:
    ///   - kernelImage: another image whose kernel is booted; nil for the image's own.
    ///   - attached: whether it ends with this process.
    ///   - use: what it has to do with a template.
    /// - Returns: its record as it is at the start, and the connection to its supervisor.
    public func launch(
        _ image: StoredImage, _ request: MachineRequest, kernelImage: StoredImage? = nil, attached: Bool,
        template use: TemplateUse = .none
    ) throws -> (record: MachineRecord, link: SupervisorLink) {
        let lease = try store.lease(image)
        // Until its kernel is copied it must stay.
        let kernelLease = try kernelImage.map { try store.lease($0) }
        defer { withExtendedLifetime(kernelLease) {} }
        let (directory, lock) = try claim(request.name)
        var disks: [String] = []
        do {
            let draft = try draft(directory, image, kernelImage, request)
            let record = try prepare(directory, draft, image, request, use)
            try makeMissingDisks(for: image, made: &disks)
            let link = try SupervisorLink.start(
                directory, lock: lock, lease: lease.lock, attached: attached, program: host.program)
            return (record, link)
        } catch {
            for disk in disks { unlink(disk) }
            try directory.remove()
            throw error
        }
    }

    private func claim(_ name: MachineName?) throws -> (directory: MachineDirectory, lock: FileLock) {
        if let name { return try registry.claim(name) }
        while true {
            do {
                return try registry.claim(.random())
            } catch MachineError.nameTaken {
                continue
            }
        }
    }

    /// A machine as far as it can be thought out without writing anything down.
    struct Draft {
        var plan: BootPlan
        /// What its guest is told, without the keys to it.
        var configuration: GuestConfiguration
        var machine: MachineSpec
        var initrd: FilePath
    }

    func draft(
        _ directory: MachineDirectory, _ image: StoredImage, _ kernelImage: StoredImage?, _ request: MachineRequest
    ) throws -> Draft {
        let tree = try RootDirectory(FilePath(image.tree))
        let options = bootOptions(request)
        let kernelTree = try kernelImage.map { try RootDirectory(FilePath($0.tree)) } ?? tree
        let planner = BootPlanner(
            tree: kernelTree, treeKey: (kernelImage ?? image).treeKey, derived: store.derivedDirectory,
            guest: host.guest, options: options)
        let facts = try SystemFacts.of(tree, orApplication: kernelImage != nil)
        try checkImage(image, facts, tree, request)
        let plan = try planner.plan(facts)
        let service = facts.isApplication ? try ApplicationImage(image).service() : nil
        let isBootc = image.configuration.labels["containers.bootc"] == "1" && service == nil
        let root = request.root ?? (isBootc ? .bootc : .writable)
        let initrd = directory.path.appending("initrd")
        return Draft(
            plan: plan,
            configuration: try guestConfiguration(directory, tree, plan, root, request, service: service),
            machine: machine(directory, request, plan, initrd: initrd), initrd: initrd)
    }

    private func prepare(
        _ directory: MachineDirectory, _ draft: Draft, _ image: StoredImage, _ request: MachineRequest,
        _ use: TemplateUse
    ) throws -> MachineRecord {
        var configuration = draft.configuration
        try addAccess(to: &configuration, directory, draft.plan.facts)
        // Nobody logs in to a machine that is saved: whoever goes on from it brings a key.
        if case .save = use { configuration.authorizedKeys = [] }
        try draft.plan.writeInitrd(to: draft.initrd, configuration: configuration)
        let machine = if case .load = use { draft.machine.plugging() } else { draft.machine }
        var supervision = SupervisionPlan(
            qemu: host.qemu, machine: machine, virtiofsd: host.virtiofsd,
            shares: servedShares(directory, image),
            mustNotEnd: request.mustNotEnd, hasConsoleSocket: request.hasConsoleSocket,
            scratchDisks: host.resources.scratchDisks,
            scratchDirectory: store.temporaryDirectory)
        supervision.state = use.state(configuration)
        try Files.writeAtomically(try JSONText.encode(supervision), to: directory.plan)
        let record = record(directory, image, request, draft.plan, draft.machine, configuration)
        try directory.write(record)
        return record
    }

    private func bootOptions(_ request: MachineRequest) -> BootOptions {
        var options = request.boot
        options.console = Architecture.host.console
        options.isTranslated = host.accelerator.accelerator == .tcg
        options.hasCloudInitSeed = host.resources.cloudInit != nil
        options.hasIgnition = host.resources.ignition != nil
        // Both are taken before the image's init, so before its udev could load these.
        // For a machine that is saved: disks that come later are to be there at once.
        if !host.resources.scratchDisks.isEmpty || request.isWarm { options.extraModules.append("virtio_blk") }
        if request.scratch != nil { options.extraModules.append("ext4") }
        return options
    }

    /// Whether the image has what the request needs of it.
    private func checkImage(
        _ image: StoredImage, _ facts: SystemFacts, _ tree: RootDirectory, _ request: MachineRequest
    ) throws {
        func lacks(_ what: String, _ hint: String?) -> RequestError {
            .imageLacks(image: image.reference, what: what, hint: hint)
        }
        let user = request.guest.user
        if user != .root, try !GuestAccounts.has(user, in: tree) {
            throw lacks("user \(user.text)", "--user takes an account that is in the image's /etc/passwd")
        }
        if host.resources.cloudInit != nil, !facts.cloudInitIsEnabled {
            throw lacks("cloud-init, or it is disabled", "install cloud-init in the image")
        }
        let labels = image.configuration.labels
        if host.resources.ignition != nil, labels["coreos.ignition"] == nil, labels["com.coreos.osname"] == nil {
            throw lacks(
                "label coreos.ignition or com.coreos.osname: it does not support Ignition",
                "an image with Ignition in its initramfs can be given one of these labels")
        }
    }

    private func makeMissingDisks(for image: StoredImage, made: inout [String]) throws {
        for disk in host.resources.disks where disk.isMissing {
            try DiskFiles.make(disk.drive, size: DiskFiles.size(forImageOf: image.size), qemu: host.qemu)
            made.append(disk.drive.file)
        }
    }
}

internal import BootPlan
internal import ContainerImage
internal import FoundationEssentials
internal import Glibc
internal import GuestProtocol
public import ImageStore
public import LinuxSystem
internal import Machine
internal import SystemPackage

/// Machines that are saved after their boot, and machines that go on from there.
extension MachineLauncher {
    private var templates: TemplateStore { TemplateStore(store) }

    /// The template from which a machine like this can go on; nil where there is none yet.
    /// - Throws: `TemplateError` where there cannot be one.
    public func template(for image: StoredImage, _ request: MachineRequest) throws -> TemplateStore.Entry? {
        let key = try key(of: try templateDraft(image, request), image)
        guard let entry = try templates.find(tree: image.treeKey, key: key) else { return nil }
        templates.noteUse(entry)
        return entry
    }

    /// Boots a machine like this, saves its state when it has reached its default target, and ends it. Where another process is
    /// just doing that, it waits for it.
    /// - Parameters:
    ///   - seconds: how long the boot may take; nil for four minutes, or ten where instructions are translated.
    ///   - interruption: what may end it.
    /// - Throws: `TemplateError` where a machine could be booted, but none saved.
    public func makeTemplate(
        of image: StoredImage, _ request: MachineRequest, seconds: Int?, interruption: Interruption,
        progress: (ImageStore.Progress) -> Void
    ) throws -> TemplateStore.Entry {
        let draft = try templateDraft(image, request)
        let key = try key(of: draft, image)
        try templates.removeUnreadable(tree: image.treeKey, key: key)
        try store.makeTemplate(tree: image.treeKey, key: key.text, progress: progress) { place in
            let files = StateFiles(in: place)
            let (record, link) = try withoutPluggable.launch(
                image, templateRequest(request, place), attached: true, template: .save(files))
            let version: String
            do {
                version = try save(record, link, seconds: seconds, interruption: interruption) { progress(.note($0)) }
            } catch {
                link.quit()
                _ = try link.waitForEnd(milliseconds: 10_000)
                throw error
            }
            // A crash of the host may cost a template, but must not leave half of one.
            for path in [files.devices, files.memory] {
                let file = try OwnedDescriptor(opening: FilePath(path), .readOnly)
                guard fsync(file.raw) == 0 else { throw SystemError("write to the disk", path) }
            }
            let template = MachineTemplate(
                key: key.text, image: image.reference, digest: image.digest.description, treeKey: image.treeKey,
                kernelVersion: draft.plan.kernel.release, memoryMebibytes: request.memory.mebibytes,
                processors: request.processors, accelerator: draft.machine.accelerator.rawValue,
                qemuVersion: version, programs: key.programs, createdAt: Date().formatted(.iso8601))
            try Files.writeAtomically(try JSONText.encode(template), to: TemplateStore.description(in: place))
        }
        guard let entry = try templates.find(tree: image.treeKey, key: key) else {
            throw TemplateError.unusable("the template was removed while it was made")
        }
        return entry
    }

    /// Lets a machine boot, saves it, and returns the version of QEMU that did.
    private func save(
        _ record: MachineRecord, _ link: SupervisorLink, seconds: Int?, interruption: Interruption,
        note: (String) -> Void
    ) throws -> String {
        loop: while let report = try link.next(milliseconds: 60_000) {
            switch report {
            case .running: break loop
            case .ended(let reason, _, _): throw TemplateError.unsupported(reason)
            case .note, .saved: continue
            }
        }
        try GuestWait(record, seconds: seconds).wait(for: .boot, interruption: interruption)
        try SettledGuest.settle(record, interruption, note: note)
        link.save()
        while let report = try link.next(milliseconds: 300_000) {
            switch report {
            case .saved(let version):
                guard try link.waitForEnd(milliseconds: 30_000) else {
                    throw TemplateError.unusable("the machine that was saved does not end")
                }
                return version
            case .ended(let reason, _, _): throw TemplateError.unusable(reason)
            case .note, .running: continue
            }
        }
        throw TemplateError.unusable("its state was not saved in five minutes")
    }

    /// The machine that is saved has nothing that belongs to one user of its state.
    private func templateRequest(_ request: MachineRequest, _ place: FilePath) -> MachineRequest {
        var own = request
        own.name = .random(prefix: "template")
        own.guest.hostname = nil
        own.network.published = []
        own.labels = [:]
        own.mustNotEnd = true
        own.removeAtExit = true
        own.logs.console = nil
        if own.logs.journal != nil { own.logs.journal = place.appending("journal").string }
        if own.logs.initramfsJournal != nil { own.logs.initramfsJournal = place.appending("journal-initrd").string }
        return own
    }

    /// For the machine that is saved: directories and disks come when others go on from it.
    private var withoutPluggable: MachineLauncher {
        MachineLauncher(registry: registry, store: store, host: host.withoutPluggable)
    }

    private func templateDraft(_ image: StoredImage, _ request: MachineRequest) throws -> Draft {
        try check(request)
        guard host.virtiofsd.knowsMigration else {
            throw TemplateError.unsupported(
                "\(host.virtiofsd.executable) cannot hand over what it knows of a guest (--migration-mode)")
        }
        // The directory only gives names to things that the key leaves out.
        return try withoutPluggable.draft(MachineDirectory("/template"), image, nil, request)
    }

    /// What a machine that goes on from a state cannot have.
    private func check(_ request: MachineRequest) throws {
        func exclude(_ isAsked: Bool, _ option: String, _ reason: String) throws {
            if isAsked { throw TemplateError.excluded(option, reason: reason) }
        }
        try exclude(
            host.resources.shares.count + host.resources.disks.count > PluggedDevices.slots,
            "so many directories and disks", "there is room for \(PluggedDevices.slots)")
        try exclude(request.swap != nil, "--add-swap", "the swap space would be another than the saved one")
        try exclude(request.scratch != nil, "--scratch", "the disk would be another than the saved one")
        try exclude(request.cloudInit != nil, "--cloud-init", "cloud-init configures a machine while it boots")
        try exclude(request.ignition != nil, "--ignition", "Ignition configures a machine while it boots")
    }

    private func key(of draft: Draft, _ image: StoredImage) throws -> TemplateKey {
        var configuration = draft.configuration
        // Only that there is one, for the units that depend on it.
        if draft.plan.facts.hasSSHServer { configuration.hostKey = "" }
        return try TemplateKey(
            tree: image.treeKey, machine: draft.machine, configuration: configuration,
            programs: [host.qemu, host.virtiofsd.executable, host.guest, draft.plan.kernelFile])
    }
}

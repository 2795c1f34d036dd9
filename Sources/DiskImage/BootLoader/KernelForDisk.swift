internal import BootPlan
internal import FoundationEssentials
internal import LinuxSystem
internal import SystemPackage

/// The kernel and the initramfs that a disk starts with.
struct KernelForDisk {
    let kernel: BootEntry.Kernel
    /// Which initramfs it is, for people.
    let initramfsName: String
    /// Words that a unified kernel image brings itself, and that replacing its command line would lose.
    let ownArguments: [String]
    /// What the user should know of it.
    private(set) var remarks: [String] = []

    init(_ plan: DiskPlan, note: (DiskBuilder.Step) -> Void) throws {
        let tree = plan.source.tree
        let found = plan.kernel
        guard case .plain(let imageInitramfs) = found.form else {
            self = try Self.unified(found, tree)
            return
        }
        let file = BootFile(path: found.path, content: try tree.readFile(found.path, limit: 256 << 20), isInImage: true)
        let ours = "/boot/bcvk-initramfs-\(found.release).img"
        let image = try imageInitramfs.map {
            BootFile(path: $0, content: try tree.readFile($0, limit: 512 << 20), isInImage: true)
        }
        let initramfs: BootFile
        switch plan.recipe.initramfs {
        case .auto:
            if let image {
                let obstacle = try Self.obstacle(image, plan)
                if let obstacle { remarks.append("the image's initramfs \(obstacle): the disk starts with bcvk's own") }
                initramfs = obstacle == nil ? image : try Self.own(plan, at: ours)
            } else {
                initramfs = try Self.own(plan, at: ours)
            }
            initramfsName = initramfs.isInImage ? "image" : "own"
        case .image:
            guard let image else { throw BootPlanError.noInitramfs(release: found.release) }
            initramfs = image
            initramfsName = "image"
        case .own:
            initramfs = try Self.own(plan, at: ours)
            initramfsName = "own"
        case .make:
            note(.initramfs)
            initramfs = BootFile(path: ours, content: try plan.source.makeInitramfs(found.release), isInImage: false)
            initramfsName = "made"
        }
        kernel = .plain(kernel: file, initramfs: initramfs)
        ownArguments = []
    }

    private static func own(_ plan: DiskPlan, at path: String) throws -> BootFile {
        let content = try DiskInitramfs.make(
            release: plan.kernel.release, in: plan.source.tree, guest: plan.source.guest,
            fileSystem: plan.recipe.fileSystem.rawValue)
        return BootFile(path: path, content: content, isInImage: false)
    }

    /// Why no disk starts with an initramfs, one that was made for other hardware for example; nil where one does.
    private static func obstacle(_ initramfs: BootFile, _ plan: DiskPlan) throws -> String? {
        let modules: InitramfsModules
        do {
            modules = try Self.modules(initramfs, plan)
        } catch let error as SystemError {
            throw error
        } catch {
            return "cannot be read (\(error))"
        }
        let missing = try modules.missing(
            forDiskOf: plan.kernel.release, in: plan.source.tree, fileSystem: plan.recipe.fileSystem.rawValue)
        return missing.isEmpty ? nil : "lacks \(missing.joined(separator: ", "))"
    }

    /// To read an initramfs takes as long as to copy a good part of the tree, so what is in it is kept beside that.
    private static func modules(_ initramfs: BootFile, _ plan: DiskPlan) throws -> InitramfsModules {
        let name = String(initramfs.path.map { $0.isLetter || $0.isNumber || "._+-".contains($0) ? $0 : "_" })
        let file = plan.source.derived.appending("\(plan.source.treeKey)-\(name)-modules.json")
        if !plan.source.mayChange, let text = try Files.readIfPresent(file, limit: 1 << 20),
            let known = try? JSONDecoder().decode(InitramfsModules.self, from: Data(text))
        {
            return known
        }
        let modules = try InitramfsModules(initramfs.content)
        if !plan.source.mayChange { try Files.writeAtomically(Array(try JSONEncoder().encode(modules)), to: file) }
        return modules
    }

    private init(kernel: BootEntry.Kernel, initramfsName: String, ownArguments: [String]) {
        self.kernel = kernel
        self.initramfsName = initramfsName
        self.ownArguments = ownArguments
    }

    private static func unified(_ found: FoundKernel, _ tree: RootDirectory) throws -> KernelForDisk {
        let image = UnifiedKernelImage(found.path, in: tree)
        func part(_ name: String) throws -> [UInt8] {
            guard let bytes = try image.section(name) else {
                throw BootPlanError.unreadableKernel(path: found.path, reason: "it has no section \(name)")
            }
            return bytes
        }
        let words = String(decoding: try image.section(".cmdline") ?? [], as: UTF8.self)
            .split { $0.isWhitespace || $0 == "\0" }.map(String.init)
        let base = "/boot/bcvk-\(found.release)"
        return KernelForDisk(
            kernel: .unified(
                BootFile(path: found.path, content: try tree.readFile(found.path, limit: 512 << 20), isInImage: true),
                kernel: BootFile(path: "\(base).linux", content: try part(".linux"), isInImage: false),
                initramfs: BootFile(path: "\(base).initrd", content: try part(".initrd"), isInImage: false)),
            initramfsName: "image", ownArguments: words)
    }
}

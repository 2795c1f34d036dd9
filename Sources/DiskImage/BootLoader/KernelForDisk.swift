internal import BootPlan
internal import LinuxSystem

/// The kernel and the initramfs that a disk starts with.
struct KernelForDisk {
    let kernel: BootEntry.Kernel
    /// Which initramfs it is, for people.
    let initramfsName: String
    /// Words that a unified kernel image brings itself, and that replacing its command line would lose.
    let ownArguments: [String]

    init(_ plan: DiskPlan, note: (DiskBuilder.Step) -> Void) throws {
        let tree = plan.source.tree
        let found = plan.kernel
        guard case .plain(let imageInitramfs) = found.form else {
            self = try Self.unified(found, tree)
            return
        }
        let file = BootFile(path: found.path, content: try tree.readFile(found.path, limit: 256 << 20), isInImage: true)
        let initramfs: BootFile
        var choice = plan.recipe.initramfs
        // What the image would make of itself is what its users know; bcvk's own is for images that cannot.
        if choice == .auto, imageInitramfs == nil { choice = try Self.hasGenerator(tree) ? .make : .own }
        switch (choice, imageInitramfs) {
        case (.auto, let path?), (.image, let path?):
            initramfs = BootFile(path: path, content: try tree.readFile(path, limit: 512 << 20), isInImage: true)
            initramfsName = "image"
        case (.image, nil): throw BootPlanError.noInitramfs(release: found.release)
        case (.make, _):
            note(.initramfs)
            initramfs = BootFile(
                path: "/boot/bcvk-initramfs-\(found.release).img",
                content: try plan.source.makeInitramfs(found.release),
                isInImage: false)
            initramfsName = "made"
        case (.auto, nil), (.own, _):
            let content = try DiskInitramfs.make(
                release: found.release, in: tree, guest: plan.source.guest, fileSystem: plan.recipe.fileSystem.rawValue)
            initramfs = BootFile(
                path: "/boot/bcvk-initramfs-\(found.release).img", content: content, isInImage: false)
            initramfsName = "own"
        }
        kernel = .plain(kernel: file, initramfs: initramfs)
        ownArguments = []
    }

    private static func hasGenerator(_ tree: RootDirectory) throws -> Bool {
        try ["/usr/bin/dracut", "/usr/sbin/mkinitramfs"].contains { try tree.status($0)?.kind == .regular }
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

internal import Glibc
internal import GuestProtocol
public import LinuxSystem
public import SystemPackage

/// Makes the plan for an image's boot. What is expensive is kept beside the cache's trees and found again by its key.
public struct BootPlanner {
    /// The virtiofs tag of the root.
    public static let rootTag = "root"

    private let tree: RootDirectory
    private let treeKey: String
    private let derived: FilePath
    private let guest: FilePath
    private let options: BootOptions

    /// - Parameters:
    ///   - tree: the image.
    ///   - treeKey: what stands for the tree's content, for file names.
    ///   - derived: the directory for what is made from trees.
    ///   - guest: the guest program.
    public init(tree: RootDirectory, treeKey: String, derived: FilePath, guest: FilePath, options: BootOptions) {
        self.tree = tree
        self.treeKey = treeKey
        self.derived = derived
        self.guest = guest
        self.options = options
    }

    /// Prepares kernel and initramfs for a system.
    public func plan(_ facts: SystemFacts) throws -> BootPlan {
        let kernel = try chooseKernel()
        let usesImage = options.initramfs == .image || options.initrd != nil
        let kernelFile = try self.kernelFile(kernel)
        let tuning = try tuning(of: facts, kernel: kernel, initramfs: usesImage ? .image : .own)
        return BootPlan(
            kernel: kernel, kernelFile: kernelFile, facts: facts,
            commandLine: KernelCommandLine.words(
                facts: facts, console: options.console, isVerbose: options.isVerbose,
                hasCloudInitSeed: options.hasCloudInitSeed, hasIgnition: options.hasIgnition,
                isTranslated: options.isTranslated,
                masksUnits: tuning?.maskedUnits.contains(UnitMasks.remountOfRoot) == true,
                tuning: options.isTuned
                    ? KernelWords.words(
                        isTranslated: options.isTranslated,
                        counter: options.isTranslated ? HostClock.counter : nil,
                        extra: options.extraArguments, traits: try traits(of: kernel))
                    : [],
                extra: options.extraArguments),
            tuning: tuning,
            imageInitrd: usesImage ? try imageInitrd(kernel) : nil,
            base: try base(
                kernel, forImage: usesImage,
                withManager: tuning != nil && !usesImage && !ServiceManagerModules.areNamed(in: options.extraArguments))
        )
    }

    private func traits(of kernel: FoundKernel) throws -> KernelTraits {
        let file = derived.appending("\(treeKey)-\(Self.fileName(kernel.release))-\(KernelTraits.form).traits")
        if let bytes = try? Files.readIfPresent(file, limit: 64 << 10) { return KernelTraits(decoding: bytes) }
        let traits = KernelTraits(of: kernel.release, in: tree)
        try Files.writeAtomically(traits.encoded, to: file)
        return traits
    }

    private func tuning(
        of facts: SystemFacts, kernel: FoundKernel, initramfs: BootOptions.InitramfsChoice
    ) throws -> BootTuning? {
        guard options.isTuned, facts.isSystemd else { return nil }
        // Words of the user's change it; they are rare, and so is the time that it takes then.
        let isUsual = options.extraArguments.isEmpty && !options.hasIgnition && !options.hasCloudInitSeed
        let file = derived.appending(
            "\(treeKey)-\(Self.fileName(kernel.release))-\(initramfs.rawValue)-\(try guestBuild())-\(BootTuning.form).tuning"
        )
        // One that cannot be read is made again.
        if isUsual, let bytes = try? Files.readIfPresent(file, limit: 64 << 20),
            let kept = try? BootTuning(decoding: bytes)
        {
            return kept
        }
        let tuning = BootTuning(
            of: tree, release: kernel.release, extra: options.extraArguments, initramfs: initramfs,
            isChanged: options.hasIgnition || options.hasCloudInitSeed || facts.cloudInitIsEnabled,
            fstabNamesRoot: facts.fstabNamesRoot, console: options.console)
        if isUsual { try Files.writeAtomically(tuning.encoded(), to: file) }
        return tuning
    }

    /// The kernel that would be booted, without preparing anything.
    public func chooseKernel() throws -> FoundKernel {
        if let path = options.kernel {
            let header = try Self.header(of: try OwnedDescriptor(opening: path, .readOnly), path.string)
            let image = try Self.check(header, path.string)
            guard let release = options.kernelVersion ?? image.release else {
                throw BootPlanError.unreadableKernel(
                    path: path.string, reason: "its release is not known; give --kernel-version")
            }
            return FoundKernel(release: release, path: path.string, form: .plain(initramfs: nil))
        }
        let kernels = try KernelSearch(tree).kernels()
        guard !kernels.isEmpty else { throw BootPlanError.noKernel(lookedAt: KernelSearch.places) }
        guard let version = options.kernelVersion else { return kernels[0] }
        guard let chosen = kernels.first(where: { $0.release == version }) else {
            throw BootPlanError.noSuchKernelVersion(version, available: kernels.map(\.release))
        }
        return chosen
    }

    // MARK: Kernel

    /// A file of our own: what QEMU opens by its path must not be a link that the image has made. It is not compressed, where
    /// such a kernel can be started.
    private func kernelFile(_ kernel: FoundKernel) throws -> FilePath {
        if let path = options.kernel { return path }
        let file = derived.appending("\(treeKey)-\(Self.fileName(kernel.path))")
        let direct = derived.appending("\(treeKey)-\(Self.fileName(kernel.path))-direct")
        if Files.exists(direct) { return direct }
        if Files.exists(file) { return file }
        let bytes: [UInt8]
        switch kernel.form {
        case .plain: bytes = try tree.readFile(kernel.path, limit: 256 << 20)
        case .unified:
            guard let linux = try UnifiedKernelImage(kernel.path, in: tree).section(".linux") else {
                throw BootPlanError.unreadableKernel(path: kernel.path, reason: "it has no section .linux")
            }
            bytes = linux
        }
        let image = try Self.check(Array(bytes.prefix(KernelImage.headerLength)), kernel.path)
        if image.architecture == "x86_64", let uncompressed = UncompressedKernel.extract(from: bytes) {
            try Files.writeAtomically(uncompressed, to: direct)
            return direct
        }
        try Files.writeAtomically(bytes, to: file)
        return file
    }

    private static func check(_ header: [UInt8], _ path: String) throws(BootPlanError) -> KernelImage {
        guard let image = KernelImage(header: header) else {
            throw .unreadableKernel(path: path, reason: "neither a bzImage nor an arm64 Image")
        }
        #if arch(arm64)
            let own = "aarch64"
        #else
            let own = "x86_64"
        #endif
        guard image.architecture == own else {
            throw .kernelForOtherMachine(path: path, architecture: image.architecture)
        }
        return image
    }

    private static func header(of file: borrowing OwnedDescriptor, _ path: String) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: KernelImage.headerLength)
        let count = bytes.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw SystemError("read", path) }
        return Array(bytes[..<count])
    }

    // MARK: Initramfs

    private func imageInitrd(_ kernel: FoundKernel) throws -> [UInt8] {
        let limit = 512 << 20
        if let path = options.initrd { return try Files.readWhole(path, limit: limit) }
        switch kernel.form {
        case .plain(let initramfs?): return try tree.readFile(initramfs, limit: limit)
        case .plain: break
        case .unified:
            if let initrd = try UnifiedKernelImage(kernel.path, in: tree).section(".initrd") { return initrd }
        }
        throw BootPlanError.noInitramfs(release: kernel.release)
    }

    private func base(_ kernel: FoundKernel, forImage: Bool, withManager: Bool) throws -> [UInt8] {
        let build = try guestBuild()
        let name = forImage ? "image" : withManager ? "own-tuned" : "own"
        let kind = ([name] + options.extraModules).joined(separator: "+")
        let file = derived.appending("\(treeKey)-\(Self.fileName(kernel.release))-\(kind)-\(build).cpio")
        if let bytes = try Files.readIfPresent(file, limit: 512 << 20) { return bytes }
        guard let modules = try KernelModules(of: kernel.release, in: tree) else {
            throw BootPlanError.noModules(release: kernel.release, directory: "/usr/lib/modules/\(kernel.release)")
        }
        let content = try Files.readWhole(guest)
        let loaded = try modules.forInitramfs(
            and: options.extraModules, later: withManager ? (try? ServiceManagerModules.names(in: tree)) ?? [] : [])
        let bytes =
            forImage
            ? ImageInitramfs.base(guest: content, modules: loaded, rootTag: Self.rootTag)
            : OwnInitramfs.base(guest: content, modules: loaded)
        try Files.writeAtomically(bytes, to: file)
        return bytes
    }

    /// The guest program is known by what an installation changes; hashing it would cost every start.
    private func guestBuild() throws -> String {
        let status = try OwnedDescriptor(opening: guest, .readOnly).status()
        return "\(status.size)-\(status.modified.seconds)-\(status.modified.nanoseconds)-\(status.inode)"
    }

    /// A path made into a file name.
    private static func fileName(_ text: String) -> String {
        String(text.map { $0.isLetter || $0.isNumber || "._+-".contains($0) ? $0 : "_" })
    }
}

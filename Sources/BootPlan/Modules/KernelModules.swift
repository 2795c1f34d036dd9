internal import Compression
public import LinuxSystem

/// The modules of one kernel in a tree.
public struct KernelModules {
    /// What a machine with a virtiofs root needs, and which of it a boot cannot do without.
    private static let root = [("virtio_pci", true), ("virtiofs", true), ("overlay", true)]
    /// The same beside the root. The last is loaded in any case; here it costs no process.
    private static let beside = [("virtio_net", false), ("virtio_console", false), ("configfs", false)]
    /// A module of more than this would not be one.
    private static let sizeLimit = 64 << 20

    /// What depmod wrote down.
    public let index: ModuleIndex
    private let tree: RootDirectory
    private let release: String
    private let directory: String

    /// The modules of a kernel; nil where the image has none for it.
    public init?(of release: String, in tree: RootDirectory) throws {
        self.tree = tree
        self.release = release
        let places = ["/usr/lib/modules/\(release)", "/lib/modules/\(release)"]
        guard let directory = try places.first(where: { try tree.status("\($0)/modules.dep") != nil }) else {
            return nil
        }
        self.directory = directory
        func text(_ name: String) throws -> String {
            String(decoding: try tree.readFileIfPresent("\(directory)/\(name)") ?? [], as: UTF8.self)
        }
        index = ModuleIndex(
            dependencies: try text("modules.dep"), builtIn: try text("modules.builtin"),
            softDependencies: try text("modules.softdep"))
    }

    /// How the kernel comes by what virtual machines are made of.
    public var capabilities: [String: ModuleIndex.Presence] {
        let names = ["virtiofs", "overlay", "virtio_pci", "virtio_net", "virtio_blk", "virtio_console", "erofs", "9p"]
        return Dictionary(uniqueKeysWithValues: names.map { ($0, index.presence(of: $0)) })
    }

    /// The modules for an initramfs.
    /// - Parameters:
    ///   - extra: more that this boot cannot do without.
    ///   - later: more that the image's init loads by itself.
    func forInitramfs(and extra: [String], later: [String]) throws -> ModuleStages {
        try stages(root: Self.root + extra.map { ($0, true) }, beside: Self.beside, later: later)
    }

    /// The same for other needs. Modules come decompressed: kernels need not be able to do that themselves.
    /// - Parameters: names, each with whether a boot cannot do without it.
    func stages(
        root: [(String, Bool)], beside: [(String, Bool)] = [], later: [String] = []
    ) throws -> ModuleStages {
        for (name, isRequired) in root + beside where isRequired && index.presence(of: name) == .absent {
            throw BootPlanError.missingModule(name, release: release)
        }
        var files: [String: [UInt8]] = [:]
        func load(_ names: [String]) throws -> [String] {
            try index.loadOrder(names).map { file in
                let name = "\(ModuleIndex.name(ofFile: file)).ko"
                if files[name] == nil { files[name] = try content(of: "\(directory)/\(file)") }
                return name
            }
        }
        // What a stage depends on is in its own list too: those before may still be at it.
        let first = try load(root.map(\.0))
        let second = try load(beside.map(\.0))
        // Nobody needs these from here.
        let third = (try? load(later)) ?? []
        return ModuleStages(root: first, beside: second, later: third, files: files)
    }

    private func content(of path: String) throws -> [UInt8] {
        let stored = try tree.readFile(path, limit: Self.sizeLimit)
        do {
            return try Decompression.whole(stored, limit: Self.sizeLimit)
        } catch {
            throw BootPlanError.damagedModule(path: path, reason: "\(error)")
        }
    }
}

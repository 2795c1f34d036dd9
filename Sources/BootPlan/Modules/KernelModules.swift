internal import Compression
public import LinuxSystem

/// The modules of one kernel in a tree.
public struct KernelModules {
    /// What a machine with a virtiofs root needs, and which of it a boot cannot do without. The last is loaded in any case; here it
    /// costs no process.
    private static let needed = [
        ("virtio_pci", true), ("virtiofs", true), ("overlay", true), ("virtio_net", false), ("virtio_console", false),
        ("configfs", false),
    ]
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

    /// The modules for an initramfs, in the order in which they are to be loaded, decompressed: kernels need not be able to
    /// do that themselves.
    /// - Parameter extra: more that this boot cannot do without.
    func forInitramfs(and extra: [String]) throws -> [(name: String, content: [UInt8])] {
        try loaded(Self.needed + extra.map { ($0, true) })
    }

    /// The same for other needs.
    /// - Parameter needed: names, each with whether a boot cannot do without it.
    func loaded(_ needed: [(String, Bool)]) throws -> [(name: String, content: [UInt8])] {
        for (name, isRequired) in needed where isRequired && index.presence(of: name) == .absent {
            throw BootPlanError.missingModule(name, release: release)
        }
        return try index.loadOrder(needed.map(\.0)).map { file in
            let path = "\(directory)/\(file)"
            let stored = try tree.readFile(path, limit: Self.sizeLimit)
            do {
                let content = try Decompression.whole(stored, limit: Self.sizeLimit)
                return ("\(ModuleIndex.name(ofFile: file)).ko", content)
            } catch {
                throw BootPlanError.damagedModule(path: path, reason: "\(error)")
            }
        }
    }
}

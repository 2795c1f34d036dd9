internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// GRUB's parts for one firmware, from the image or else the host, and images made of them by grub-mkimage(1).
struct GRUBPlatform {
    /// The parts' name: i386-pc, x86_64-efi, arm64-efi.
    let name: String
    /// The image, where it has the parts; nil for the host's.
    private let tree: RootDirectory?
    private let directory: String

    static let bios = "i386-pc"

    static func efi(_ architecture: Architecture) -> String {
        switch architecture {
        case .x86_64: "x86_64-efi"
        case .aarch64: "arm64-efi"
        }
    }

    /// Where the parts of a platform may be.
    static func places(_ name: String) -> [String] {
        ["/usr/lib/grub/\(name)", "/usr/lib/grub2/\(name)", "/usr/share/grub2/\(name)", "/usr/share/grub/\(name)"]
    }

    /// Debian's package of a platform's parts, and Fedora's.
    static func package(_ name: String) -> String {
        switch name {
        case bios: "grub-pc-bin (Debian, Ubuntu) or grub2-pc-modules (Fedora)"
        case "arm64-efi": "grub-efi-arm64-bin (Debian, Ubuntu) or grub2-efi-aa64-modules (Fedora)"
        default: "grub-efi-amd64-bin (Debian, Ubuntu) or grub2-efi-x64-modules (Fedora)"
        }
    }

    /// nil where neither image nor host has the parts.
    init?(_ name: String, tree: RootDirectory) throws {
        self.name = name
        for place in Self.places(name) where try tree.status("\(place)/kernel.img") != nil {
            self.tree = tree
            directory = place
            return
        }
        guard let place = Self.placeOnHost(name) else { return nil }
        self.tree = nil
        directory = place
    }

    /// Where this host has a platform's parts; nil where it has none.
    static func placeOnHost(_ name: String) -> String? {
        places(name).first { Files.exists(FilePath("\($0)/kernel.img")) }
    }

    /// The content of one part.
    func part(_ file: String) throws -> [UInt8] {
        if let tree { return try tree.readFile("\(directory)/\(file)") }
        return try Files.readWhole(FilePath("\(directory)/\(file)"))
    }

    /// Makes an image that executes `early` at its start.
    /// - Parameter work: an empty directory.
    func image(early: String, fileSystem: RootFileSystem, clock: Int64, work: FilePath) throws -> [UInt8] {
        let tool = try HostTool(.grubMkimage)
        let configuration = work.appending("early.cfg")
        try Files.writeAtomically(early, to: configuration)
        let output = work.appending("image")
        try tool.run(
            [
                "--format=\(name)", "--directory=\(try partsDirectory(work))",
                "--prefix=\(GRUBConfiguration.directory)",
                "--config=\(configuration)", "--output=\(output)",
            ] + modules(fileSystem), clock: clock)
        return try Files.readWhole(output)
    }

    /// What the tool reads must not be links that the image has made: its parts are copied out.
    private func partsDirectory(_ work: FilePath) throws -> String {
        guard let tree else { return directory }
        let copy = work.appending("parts")
        try Files.createDirectories(copy)
        for entry in try tree.entries(directory) where entry.kind == .regular {
            guard [".mod", ".img", ".lst", ".sh"].contains(where: entry.name.hasSuffix) else { continue }
            try Files.writeAtomically(try part(entry.name), to: copy.appending(entry.name))
        }
        return copy.string
    }

    private func modules(_ fileSystem: RootFileSystem) -> [String] {
        let driver =
            switch fileSystem {
            case .ext4: "ext2"
            case .xfs: "xfs"
            case .btrfs: "btrfs"
            }
        let common = [
            "part_gpt", driver, "search", "search_fs_uuid", "configfile", "normal", "linux", "gzio", "test", "true",
            "echo", "ls", "cat", "boot", "minicmd", "reboot", "halt", "loadenv",
        ]
        return common + (name == Self.bios ? ["biosdisk"] : ["fat", "all_video", "chain", "efi_gop"])
    }
}

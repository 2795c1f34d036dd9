public import LinuxSystem

/// Finding the kernels of an image.
public struct KernelSearch {
    private let tree: RootDirectory

    /// A search in a tree.
    public init(_ tree: RootDirectory) {
        self.tree = tree
    }

    /// Where is looked, for messages.
    public static let places = [
        "/usr/lib/modules/*/vmlinuz", "/boot/vmlinuz-*", "/boot/EFI/Linux/*.efi", "/usr/lib/modules/*/*.efi",
    ]

    /// All kernels, the newest first; of one release a plain kernel before a unified one, which takes more work.
    public func kernels() throws -> [FoundKernel] {
        var found: [FoundKernel] = []
        func add(_ kernel: FoundKernel) {
            let isKnown = found.contains { $0.release == kernel.release && Self.rank($0) <= Self.rank(kernel) }
            if !isKnown { found.append(kernel) }
        }
        for directory in try moduleDirectories() {
            let release = directory.split(separator: "/").last.map(String.init) ?? ""
            if try isFile("\(directory)/vmlinuz") {
                let initramfs =
                    try first(["\(directory)/initramfs.img", "\(directory)/initrd"]) ?? bootInitramfs(release)
                add(FoundKernel(release: release, path: "\(directory)/vmlinuz", form: .plain(initramfs: initramfs)))
            }
        }
        for entry in try tree.entries("/boot") where entry.name.hasPrefix("vmlinuz-") {
            let release = String(entry.name.dropFirst("vmlinuz-".count))
            // Fedora's rescue kernel is a copy of another under a name that is no release.
            guard try isFile("/boot/\(entry.name)"), !release.hasPrefix("0-rescue") else { continue }
            add(
                FoundKernel(
                    release: release, path: "/boot/\(entry.name)", form: .plain(initramfs: try bootInitramfs(release))))
        }
        for path in try unifiedImages() {
            if let release = try UnifiedKernelImage(path, in: tree).release() {
                add(FoundKernel(release: release, path: path, form: .unified))
            }
        }
        return found.sorted { left, right in
            if left.release == right.release { return Self.rank(left) < Self.rank(right) }
            return VersionOrder.isOlder(right.release, left.release)
        }
    }

    private static func rank(_ kernel: FoundKernel) -> Int {
        if case .unified = kernel.form { 1 } else { 0 }
    }

    private func moduleDirectories() throws -> [String] {
        try tree.entries("/usr/lib/modules").filter { $0.kind == .directory }.map { "/usr/lib/modules/\($0.name)" }
    }

    private func unifiedImages() throws -> [String] {
        let directories = ["/boot/EFI/Linux", "/boot/efi/EFI/Linux"] + (try moduleDirectories())
        return try directories.flatMap { directory in
            try tree.entries(directory).filter { $0.name.lowercased().hasSuffix(".efi") }.map {
                "\(directory)/\($0.name)"
            }
        }
    }

    private func bootInitramfs(_ release: String) throws -> String? {
        try first(["/boot/initrd.img-\(release)", "/boot/initramfs-\(release).img", "/boot/initrd-\(release)"])
    }

    private func first(_ paths: [String]) throws -> String? {
        try paths.first(where: isFile)
    }

    private func isFile(_ path: String) throws -> Bool {
        try tree.status(path)?.kind == .regular
    }
}

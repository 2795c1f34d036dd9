/// What a boot loader is to start, in the terms that all loaders share.
package struct BootEntry: Sendable {
    /// How the kernel comes.
    package enum Kernel: Sendable {
        /// A kernel with its initramfs.
        case plain(kernel: BootFile, initramfs: BootFile)
        /// A unified kernel image, and for BIOS the parts in it.
        case unified(BootFile, kernel: BootFile, initramfs: BootFile)
    }

    /// The system's name for people.
    let title: String
    /// The system's id (os-release(5), ID=): sorts entries, and names a directory of the EFI system partition.
    let system: String
    /// The kernel's release.
    let release: String
    let kernel: Kernel
    /// The kernel's command line.
    let options: [String]
    /// The root file system's UUID.
    let root: GUID

    package init(
        title: String, system: String, release: String, kernel: Kernel, options: [String], root: GUID
    ) {
        self.title = title
        self.system = system
        self.release = release
        self.kernel = kernel
        self.options = options
        self.root = root
    }

    /// What UEFI has to load beside a loader, in bytes.
    var efiSize: UInt64 {
        switch kernel {
        case .plain(let kernel, let initramfs): kernel.size + initramfs.size
        case .unified(let image, _, _): image.size
        }
    }
}

/// A file that is needed for booting.
package struct BootFile: Sendable {
    /// Where it is, or will be, in the root file system.
    let path: String
    /// Its content.
    let content: [UInt8]
    /// Whether the image has it at that path.
    let isInImage: Bool

    package init(path: String, content: [UInt8], isInImage: Bool) {
        self.path = path
        self.content = content
        self.isInImage = isInImage
    }

    var size: UInt64 { UInt64(content.count) }
}

/// A file of the EFI system partition.
package struct EFIFile: Sendable, Hashable {
    /// Its path, with slashes.
    let path: String
    let content: [UInt8]

    package init(path: String, content: [UInt8]) {
        self.path = path
        self.content = content
    }
}

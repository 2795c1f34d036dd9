/// What GRUB executes.
package enum GRUBConfiguration {
    /// The directory of GRUB's files in the root file system.
    static let directory = "/boot/grub"

    /// The few lines inside GRUB's image: they find the root file system, and there the real configuration.
    static func early(root: GUID) -> String {
        """
        search --no-floppy --fs-uuid --set=root \(root)
        set prefix=($root)\(directory)
        configfile $prefix/grub.cfg

        """
    }

    /// The configuration in the root file system.
    package static func main(_ entry: BootEntry) -> String {
        let options = entry.options.map(quoted).joined(separator: " ")
        let load: String
        switch entry.kernel {
        case .plain(let kernel, let initramfs):
            load = """
                linux \(quoted(kernel.path)) \(options)
                    initrd \(quoted(initramfs.path))
                """
        case .unified(let image, let kernel, let initramfs):
            load = """
                if [ "$grub_platform" = efi ]; then
                        chainloader \(quoted(image.path)) \(options)
                    else
                        linux \(quoted(kernel.path)) \(options)
                        initrd \(quoted(initramfs.path))
                    fi
                """
        }
        return """
            # Written by bcvk.
            set timeout=1
            set default=0
            if [ "$grub_platform" = efi ]; then
                insmod all_video
            fi
            menuentry \(quoted(entry.title)) --id \(quoted(entry.release)) {
                search --no-floppy --fs-uuid --set=root \(entry.root)
                \(load)
            }

            """
    }

    /// A word as GRUB's shell reads it.
    static func quoted(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}

/// bcvk's own initramfs: the guest program and the modules it needs to reach its root, nothing else.
enum OwnInitramfs {
    /// The part that is the same for every machine of an image.
    static func base(guest: [UInt8], modules: ModuleStages) -> [UInt8] {
        var archive = CPIOWriter()
        // Where the kernel opens the descriptors that its first process starts with.
        archive.directory("dev")
        archive.characterDevice("dev/console", major: 5, minor: 1, mode: 0o600)
        archive.file("init", guest, mode: 0o755)
        addModules(modules, to: &archive)
        archive.finish()
        return archive.bytes
    }

    /// The part that is one machine's own.
    static func machine(configuration: [UInt8]) -> [UInt8] {
        var archive = CPIOWriter()
        archive.file("bcvk/config", configuration, mode: 0o600)
        archive.finish()
        return archive.bytes
    }

    static func addModules(_ modules: ModuleStages, to archive: inout CPIOWriter) {
        let stages = [
            ("modules.list", modules.root), ("modules.beside", modules.beside), ("modules.later", modules.later),
        ]
        for (list, names) in stages { archive.file("bcvk/\(list)", Array(names.map { $0 + "\n" }.joined().utf8)) }
        for (name, content) in modules.files.sorted(by: { $0.key < $1.key }) {
            archive.file("bcvk/modules/\(name)", content)
        }
    }
}

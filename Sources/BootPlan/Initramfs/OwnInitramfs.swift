/// bcvk's own initramfs: the guest program and the modules it needs to reach its root, nothing else.
enum OwnInitramfs {
    /// The part that is the same for every machine of an image.
    static func base(guest: [UInt8], modules: [(name: String, content: [UInt8])]) -> [UInt8] {
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

    static func addModules(_ modules: [(name: String, content: [UInt8])], to archive: inout CPIOWriter) {
        let list = modules.map { $0.name + "\n" }.joined()
        archive.file("bcvk/modules.list", Array(list.utf8))
        for (name, content) in modules { archive.file("bcvk/modules/\(name)", content) }
    }
}

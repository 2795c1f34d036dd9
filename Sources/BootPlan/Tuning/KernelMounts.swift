package import GuestProtocol

/// File systems of the kernel's that systemd mounts by a unit each, which is two processes each.
package enum KernelMounts {
    /// The units, and those that load what they need.
    private static let units = [
        ("dev-hugepages.mount", nil), ("dev-mqueue.mount", nil), ("run-lock.mount", nil),
        ("sys-kernel-debug.mount", nil), ("sys-kernel-tracing.mount", nil),
        ("sys-kernel-config.mount", "modprobe@configfs.service"),
        ("sys-fs-fuse-connections.mount", "modprobe@fuse.service"),
    ]

    /// The file system of BPF's objects. systemd mounts it first of all, and the kernel starts a program then that looks for a module with
    /// objects of its own, which few kernels have: in the initramfs there is no such program.
    package static func bpf(modules: ModuleIndex) -> GuestMount? {
        guard modules.presence(of: "bpf_preload") == .absent else { return nil }
        return GuestMount(
            source: "bpf", place: "/sys/fs/bpf", type: "bpf", options: "nosuid,nodev,noexec,mode=0700", loader: nil)
    }

    /// What they mount, as their own files say; one that somebody has changed is left to systemd.
    package static func mounts(in units: UnitDirectory, extra: [String] = []) throws -> [GuestMount] {
        try Self.units.compactMap { name, loader in
            guard !extra.contains("systemd.mask=\(name)"), let text = try units.unchangedText(name),
                try ["sysinit.target", "local-fs.target"].contains(where: { try units.isWanted(name, by: $0) })
            else { return nil }
            return mount(text, loader: loader)
        }
    }

    /// - Parameter text: a unit (systemd.mount(5)).
    package static func mount(_ text: String, loader: String?) -> GuestMount? {
        var values: [String: String] = [:]
        var section = ""
        for line in ConfigurationLines(Array(text.utf8), comments: ["#", ";"]) {
            if line.hasPrefix("[") {
                section = String(line)
            } else if section == "[Mount]", let equals = line.firstIndex(of: "=") {
                values[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
        }
        guard let source = values["What"], let place = values["Where"], let type = values["Type"] else { return nil }
        return GuestMount(source: source, place: place, type: type, options: values["Options"] ?? "", loader: loader)
    }
}

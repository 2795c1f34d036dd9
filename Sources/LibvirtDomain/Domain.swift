public import Machine

/// A libvirt domain (libvirt, "Domain XML format").
public struct Domain: Sendable {
    /// What it boots.
    public enum Boot: Sendable, Hashable {
        /// A disk, by its firmware.
        case disk(file: String, format: Drive.Format, firmware: Firmware)
        /// A kernel, with a directory of the host as its root by virtiofs, which it must not write.
        case kernel(KernelBoot, tree: String, tag: String)
    }

    /// Its name.
    public var name: String
    /// What it boots.
    public var boot: Boot
    /// What it is a machine of.
    public var architecture: Architecture
    /// What executes it.
    public var accelerator: Accelerator
    /// Its memory.
    public var memory: ByteSize
    /// How many CPUs.
    public var processors: Int
    /// What bcvk notes of it.
    public var note: DomainNote

    /// A domain of these parts.
    public init(
        name: String, boot: Boot, architecture: Architecture = .host, accelerator: Accelerator, memory: ByteSize,
        processors: Int, note: DomainNote
    ) {
        self.name = name
        self.boot = boot
        self.architecture = architecture
        self.accelerator = accelerator
        self.memory = memory
        self.processors = processors
        self.note = note
    }

    /// The domain as libvirt takes it.
    public var xml: String {
        var parts = [
            XMLElement("name", text: name), XMLElement("metadata", [], [note.element]),
            XMLElement("memory", [("unit", "MiB")], text: "\(memory.mebibytes)"),
            XMLElement("vcpu", text: "\(processors)"),
        ]
        if case .kernel = boot {
            // virtiofsd sees the guest's memory.
            parts.append(
                XMLElement(
                    "memoryBacking", [],
                    [XMLElement("source", [("type", "memfd")]), XMLElement("access", [("mode", "shared")])]))
        }
        parts.append(XMLElement("os", [], operatingSystem))
        parts.append(
            XMLElement(
                "features", [], [XMLElement("acpi")] + (architecture == .x86_64 ? [XMLElement("apic")] : [])))
        parts.append(processor)
        parts.append(XMLElement("clock", [("offset", "utc")]))
        parts.append(XMLElement("on_poweroff", text: "destroy"))
        parts.append(XMLElement("on_reboot", text: "restart"))
        parts.append(XMLElement("on_crash", text: "destroy"))
        parts.append(XMLElement("devices", [], devices))
        parts.append(network)
        let attributes = [
            ("type", accelerator == .kvm ? "kvm" : "qemu"),
            ("xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0"),
        ]
        return XMLElement("domain", attributes, parts).rendered()
    }

    private var operatingSystem: [XMLElement] {
        let machine = architecture == .x86_64 ? "q35" : "virt"
        var parts = [XMLElement("type", [("arch", architecture.rawValue), ("machine", machine)], text: "hvm")]
        switch boot {
        case .disk(_, _, .bios): parts.append(XMLElement("boot", [("dev", "hd")]))
        case .disk(_, _, .uefi(let code, let variables)):
            let loader = [("readonly", "yes"), ("type", "pflash")]
            let format = code.format == .raw ? [] : [("format", code.format.rawValue)]
            parts.append(XMLElement("loader", loader + format, text: code.file))
            // libvirt makes the machine's own copy of it.
            parts.append(XMLElement("nvram", [("template", variables.file)]))
            parts.append(XMLElement("boot", [("dev", "hd")]))
        case .kernel(let kernel, _, _):
            parts.append(XMLElement("kernel", text: kernel.kernel))
            parts.append(XMLElement("initrd", text: kernel.initrd))
            parts.append(XMLElement("cmdline", text: kernel.commandLine.joined(separator: " ")))
        }
        return parts
    }

    private var processor: XMLElement {
        guard accelerator == .tcg else { return XMLElement("cpu", [("mode", "host-passthrough")]) }
        // The same exceptions as in our own machines: see Accelerator.
        let without = architecture == .x86_64 ? ["svm", "la57"] : []
        return XMLElement(
            "cpu", [("mode", "maximum")], without.map { XMLElement("feature", [("policy", "disable"), ("name", $0)]) })
    }

    private var devices: [XMLElement] {
        var parts: [XMLElement] = []
        switch boot {
        case .disk(let file, let format, _):
            parts.append(
                XMLElement(
                    "disk", [("type", "file"), ("device", "disk")],
                    [
                        XMLElement("driver", [("name", "qemu"), ("type", format.rawValue), ("discard", "unmap")]),
                        XMLElement("source", [("file", file)]),
                        XMLElement("target", [("dev", "vda"), ("bus", "virtio")]), XMLElement("serial", text: "root"),
                    ]))
        case .kernel(_, let tree, let tag):
            parts.append(
                XMLElement(
                    "filesystem", [("type", "mount"), ("accessmode", "passthrough")],
                    [
                        XMLElement("driver", [("type", "virtiofs"), ("queue", "1024")]),
                        XMLElement("binary", [("xattr", "on")], [XMLElement("cache", [("mode", "always")])]),
                        XMLElement("source", [("dir", tree)]), XMLElement("target", [("dir", tag)]),
                        XMLElement("readonly"),
                    ]))
        }
        parts.append(XMLElement("serial", [("type", "pty")], [XMLElement("target", [("port", "0")])]))
        parts.append(
            XMLElement("console", [("type", "pty")], [XMLElement("target", [("type", "serial"), ("port", "0")])]))
        parts.append(
            XMLElement(
                "rng", [("model", "virtio")], [XMLElement("backend", [("model", "random")], text: "/dev/urandom")]))
        return parts
    }

    /// QEMU's user network with the way in to ssh: libvirt forwards ports only with passt, which older versions do not know.
    private var network: XMLElement {
        let forward = "hostfwd=tcp:127.0.0.1:\(note.sshPort)-:22"
        let words = [
            "-netdev", "user,id=bcvk0,\(forward)", "-device",
            "virtio-net-pci,netdev=bcvk0,bus=pcie.0,addr=0x10,romfile=",
        ]
        return XMLElement("qemu:commandline", [], words.map { XMLElement("qemu:arg", [("value", $0)]) })
    }
}

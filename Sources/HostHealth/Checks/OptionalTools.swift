internal import ContainerImage
internal import DiskImage
internal import LibvirtDomain
internal import LinuxSystem
internal import Machine
internal import SystemPackage
internal import VirtualMachine

/// Programs and files without which some commands cannot do their work, and machines run all the same.
enum OptionalTools {
    static func look() -> [Finding] {
        [
            finding("skopeo", purpose: "images of registries and container storages") {
                try SourceProgram.skopeo.find(neededFor: "registries, container storages and docker").string
            },
            finding("engines", purpose: "images container:NAME") {
                try SourceProgram.engine.all(neededFor: "images container:NAME").map(\.string)
                    .joined(separator: ", ")
            },
            finding("containerd", purpose: "images containerd:REF") {
                try SourceProgram.ctr.find(neededFor: "images containerd:REF").string
            },
            diskTools(),
            finding("boot_loaders", purpose: "disks of images that have no boot loader") {
                try BootLoaders.onHost(.host).joined(separator: ", ")
            },
            finding("uefi", purpose: "disk run") { try UEFIFirmware.find(.host).code.file },
            finding("libvirt", purpose: "bcvk libvirt") {
                "virsh \(try Virsh(uri: "qemu:///session").version())"
            },
        ]
    }

    private static func finding(_ id: String, purpose: String, _ look: () throws -> String) -> Finding {
        do {
            return Finding(id, .ok, try look())
        } catch {
            var finding = Finding(id, .note, failure: error)
            if !finding.detail.contains(purpose) { finding.detail += "; needed for \(purpose)" }
            return finding
        }
    }

    /// All that are missing at once, so that they can be installed at once.
    private static func diskTools() -> Finding {
        var missing: [DiskTool] = []
        for tool in DiskTool.allCases {
            do {
                _ = try tool.find()
            } catch {
                missing.append(tool)
            }
        }
        guard !missing.isEmpty else {
            return Finding("disk_tools", .ok, DiskTool.allCases.map(\.rawValue).joined(separator: ", "))
        }
        var packages: [String] = []
        for tool in missing where !packages.contains(tool.packageName) { packages.append(tool.packageName) }
        return Finding(
            "disk_tools", .note,
            "\(missing.map(\.rawValue).joined(separator: ", ")) not installed; needed for to-disk and --scratch",
            cure: "install \(packages.joined(separator: ", "))")
    }
}

import BootPlan
import Glibc
import LinuxSystem
import SystemPackage

/// What is read of kernels and their modules.
let bootTargets: [String: FuzzTarget] = [
    "pe-sections": { bytes in
        guard let sections = PESections(header: bytes, fileSize: bytes.count * 2) else { return }
        for (_, range) in sections.sections {
            promise(range.lowerBound >= 0 && range.upperBound <= bytes.count * 2, "a section beyond the file")
        }
    },
    "kernel-image": { bytes in
        _ = KernelImage(header: bytes)
        _ = UncompressedKernel.extract(from: bytes)
    },
    "kernel-entry": { bytes in
        _ = UncompressedKernel.hasDirectEntry(bytes)
    },
    "kernel-search": { bytes in
        // A kernel, a unified kernel image and a list of modules in a tree, all of them the same bytes.
        guard let name = getenv("BCVK_FUZZ_SCRATCH") else { return }
        let tree = FilePath(String(cString: name)).appending("tree")
        do {
            for path in ["boot/EFI/Linux/fuzz.efi", "boot/vmlinuz-1", "usr/lib/modules/1/vmlinuz"] {
                let file = tree.appending(path)
                try Files.createDirectories(file.removingLastComponent(), mode: 0o755)
                try Files.writeAtomically(bytes, to: file)
            }
            _ = try? KernelSearch(try RootDirectory(tree)).kernels()
        } catch {
            fatalError("\(error)")
        }
    },
    "module-index": { bytes in
        let parts = text(bytes).split(separator: "\u{1}", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        let index = ModuleIndex(
            dependencies: parts[0], builtIn: parts.count > 1 ? parts[1] : "",
            softDependencies: parts.count > 2 ? parts[2] : "")
        let order = index.loadOrder(["virtiofs", "overlay"])
        promise(Set(order).count == order.count, "a module that is loaded twice")
        _ = index.presence(of: "virtiofs")
    },
    "cpio": { bytes in
        guard let modules = try? InitramfsModules(bytes) else { return }
        promise(modules.names.count <= bytes.count * 1024, "more modules than there can be")
    },
    "version-order": { bytes in
        let parts = text(bytes).split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return }
        let both = VersionOrder.isOlder(parts[0], parts[1]) && VersionOrder.isOlder(parts[1], parts[0])
        promise(!both, "two versions that are each older than the other")
        promise(!VersionOrder.isOlder(parts[0], parts[0]), "a version older than itself")
    },
]

import BootPlan
import ContainerImage
import FoundationEssentials
import GuestProtocol
import ImageStore
import LinuxSystem
import Machine
import SystemPackage
import VirtualMachine

/// Kernel and initramfs of a domain that has an image's tree as its root. They are kept, with the domain's key, beside the
/// cache's trees: in the directory of what is derived from them.
struct LibvirtKernelBoot {
    let boot: KernelBoot
    /// The private key that logs in.
    let key: FilePath

    init(_ image: StoredImage, _ store: ImageStore, name: String, isTranslated: Bool) throws {
        let architecture = Architecture.host
        var options = BootOptions()
        options.isTuned = false
        options.isTranslated = isTranslated
        options.console = architecture.console
        let tree = try RootDirectory(FilePath(image.tree))
        let plan = try BootPlanner(
            tree: tree, treeKey: image.treeKey, derived: store.derivedDirectory,
            guest: try GuestProgram.find(), options: options
        ).plan(try SystemFacts(tree))
        let base = "\(store.derivedDirectory)/\(image.treeKey)-libvirt-\(name)"
        key = FilePath("\(base).key")
        try Files.removeTree(key)
        try Files.removeTree(FilePath("\(base).key.pub"))
        let root: RootMode = image.configuration.labels["containers.bootc"] == "1" ? .bootc : .writable
        var configuration = GuestConfiguration(
            rootMode: root, rootTag: BootPlanner.rootTag, initProgram: plan.facts.initProgram, hostname: name,
            machineID: UUID().uuidString.lowercased().filter { $0 != "-" })
        configuration.authorizedKeys = [try SSHKeyPair.make(at: key, comment: "bcvk \(name)")]
        if plan.facts.hasSSHServer, !plan.facts.sshIsEnabled { configuration.sshUnit = plan.facts.sshUnit }
        configuration.usesResolved = plan.facts.resolvedIsEnabled
        configuration.network = GuestNetwork(
            interfaceName: nil, address: UserNetwork.guestAddress, prefixLength: UserNetwork.prefixLength,
            gateway: UserNetwork.gateway, resolvers: [UserNetwork.resolver])
        let initrd = FilePath("\(base).initrd")
        try plan.writeInitrd(to: initrd, configuration: configuration)
        boot = KernelBoot(kernel: plan.kernelFile.string, initrd: initrd.string, commandLine: plan.commandLine)
    }
}

public import ArgumentParser
public import DiskImage
import Glibc
public import Machine
import SystemPackage
import VirtualMachine

/// How a disk is made.
struct DiskOptions: ParsableArguments {
    @Option(help: "raw or qcow2; by default as the file's name ends, else raw.")
    var format: Drive.Format?

    @Option(
        help:
            "The disk's size: 20G, 8GiB; a bare number counts bytes. By default twice what the image takes, at least 4G."
    )
    var diskSize: DiskSize?

    @Option(help: "The root partition's size; by default all that is left.")
    var rootSize: DiskSize?

    @Option(help: "The root's file system: ext4, xfs, btrfs, where this host's tools can fill it without mounting it.")
    var filesystem = RootFileSystem.ext4

    @Option(help: "What is to boot it: uefi, bios, both.")
    var firmware: FirmwareSupport = Architecture.host == .x86_64 ? .both : .uefi

    @Option(help: "systemd-boot, grub, or auto for systemd-boot where there is one. BIOS is always GRUB's.")
    var bootloader = BootLoaderChoice.auto

    @Option(
        help: """
            image: the image's; own: bcvk's small one; make: one that the image's dracut or update-initramfs makes in a \
            machine; auto: the image's where it has what a disk takes, else own.
            """)
    var initramfs = DiskInitramfsChoice.auto

    @Option(help: "Which of the image's kernels; by default the newest.")
    var kernelVersion: String?

    @Option(name: .customLong("karg"), help: "A word for the kernel's command line; may be repeated.")
    var kernelArguments: [String] = []

    @Option(help: "The host name; by default the image's, else one made of the image's name.")
    var hostname: MachineName?

    @Option(
        help: ArgumentHelp(
            "The public key that may log in as root. By default a pair is made beside the disk, in FILE.key.",
            valueName: "file"))
    var sshKey: String?

    @Flag(help: "Let nobody log in by a key of bcvk's.")
    var noSSHKey = false

    @Flag(help: "Leave bcvk's agent out: bcvk disk exec, cp and wait then do not work.")
    var noAgent = false

    @Flag(help: "Mount the root with data=writeback: faster, less safe when power fails.")
    var optimize = false

    @Flag(help: "Grow the root to the disk when it boots.")
    var grow = false

    func validate() throws {
        if sshKey != nil, noSSHKey { throw ValidationError("--ssh-key and --no-ssh-key exclude each other") }
        for word in kernelArguments where word.isEmpty || word.contains(where: \.isNewline) {
            throw ValidationError("--karg takes a word")
        }
    }

    /// The recipe that these options make, but for the keys.
    func recipe(output: FilePath) throws -> DiskRecipe {
        var recipe = DiskRecipe()
        recipe.format = format ?? (output.string.hasSuffix(".qcow2") ? .qcow2 : .raw)
        recipe.diskSize = diskSize?.size.bytes
        recipe.rootSize = rootSize?.size.bytes
        recipe.fileSystem = filesystem
        recipe.firmware = firmware
        recipe.bootLoader = bootloader
        recipe.initramfs = initramfs
        recipe.kernelVersion = kernelVersion
        recipe.kernelArguments = kernelArguments
        recipe.hostname = hostname?.text
        recipe.hasAgent = !noAgent
        recipe.isOptimized = optimize
        recipe.grows = grow
        if let text = getenv("SOURCE_DATE_EPOCH").map({ String(cString: $0) }), !text.isEmpty {
            guard let seconds = Int64(text), seconds >= 0 else {
                throw ValidationError("SOURCE_DATE_EPOCH: \(text) is no number of seconds")
            }
            recipe.epoch = seconds
        }
        return recipe
    }
}

extension Drive.Format: ExpressibleByArgument {}
extension RootFileSystem: ExpressibleByArgument {}
extension FirmwareSupport: ExpressibleByArgument {}
extension BootLoaderChoice: ExpressibleByArgument {}
extension DiskInitramfsChoice: ExpressibleByArgument {}

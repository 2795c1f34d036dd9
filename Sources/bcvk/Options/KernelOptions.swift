public import ArgumentParser
public import BootPlan
public import GuestProtocol
import LinuxSystem
import SystemPackage
import VirtualMachine

/// What is booted and how.
struct KernelOptions: ParsableArguments {
    @Option(name: .customLong("karg"), help: "A word for the kernel's command line; may be repeated.")
    var kernelArguments: [String] = []

    @Option(
        help: "bootc: / read-only, /etc and /var writable; writable: everything. By default as the image is labelled.")
    var root: RootMode?

    @Option(
        help:
            "own: bcvk's own small one; image: the image's, which must run systemd. By default own, with --ignition image."
    )
    var initramfs: BootOptions.InitramfsChoice?

    @Flag(
        help:
            "Go on from the saved state of a machine like this one in place of a boot; the first time such a machine is booted and saved."
    )
    var warm = false

    @Flag(help: "Boot everything that the image starts, even what makes no sense in a machine without hardware.")
    var noTuning = false

    @Option(help: "Which of the image's kernels; by default the newest.")
    var kernelVersion: String?

    @Option(help: ArgumentHelp("A kernel of this host instead of the image's.", valueName: "file"))
    var kernel: String?

    @Option(
        help: ArgumentHelp(
            "An initramfs of this host instead of the image's; implies --initramfs image.", valueName: "file"))
    var initrd: String?

    @Option(
        help: ArgumentHelp(
            "A configuration for Ignition, which images with the label coreos.ignition or com.coreos.osname have.",
            valueName: "file"))
    var ignition: String?

    func validate() throws {
        for path in [kernel, initrd].compactMap({ $0 }) where !Files.exists(FilePath(path)) {
            throw ValidationError("\(path): no such file")
        }
    }

    func apply(to request: inout MachineRequest) {
        request.root = root
        request.isWarm = warm
        request.boot.isTuned = !noTuning
        request.ignition = ignition
        request.boot.kernelVersion = kernelVersion
        request.boot.kernel = kernel.map { FilePath($0) }
        request.boot.initrd = initrd.map { FilePath($0) }
        // Ignition is a part of the image's initramfs.
        request.boot.initramfs = initramfs ?? (ignition == nil ? .own : .image)
        request.boot.extraArguments = kernelArguments
    }
}

extension BootOptions.InitramfsChoice: ExpressibleByArgument {}

extension RootMode: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "bootc": self = .bootc
        case "writable": self = .writable
        default: return nil
        }
    }

    public static var allValueStrings: [String] { ["bootc", "writable"] }
}

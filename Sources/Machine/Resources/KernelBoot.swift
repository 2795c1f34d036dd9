/// A boot without firmware or boot loader: QEMU puts kernel and initramfs into memory.
public struct KernelBoot: Sendable, Hashable, Codable {
    /// The kernel's file.
    public var kernel: String
    /// The initramfs' file.
    public var initrd: String
    /// The kernel's command line.
    public var commandLine: [String]

    /// A boot of this kernel.
    public init(kernel: String, initrd: String, commandLine: [String]) {
        self.kernel = kernel
        self.initrd = initrd
        self.commandLine = commandLine
    }

    var arguments: [String] {
        ["-kernel", kernel, "-initrd", initrd, "-append", commandLine.joined(separator: " ")]
    }
}

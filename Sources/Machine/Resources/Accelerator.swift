/// What executes the guest's instructions.
public enum Accelerator: String, Sendable, Hashable, Codable {
    /// The processor itself, through /dev/kvm.
    case kvm
    /// QEMU's translator: works everywhere, several times slower.
    case tcg

    /// The CPU model that suits it.
    ///
    /// Under TCG `max`, because distributions ask for x86-64-v2 and v3, less some features: with `svm` the guest would load a
    /// hypervisor that nobody asked for; with `la57` kernels on QEMU 7.2 cannot read their own names (every mount point becomes
    /// "xxx"); with `erms` and `fsrm` kernel and libc copy and zero by `rep movsb` and `rep stosb`, which are translated byte by
    /// byte.
    /// - Parameter isTuned: whether it may lack what only costs time when translated: with `smap` each access of the kernel to a
    ///   process's memory is two more instructions that end a translated block, and code is translated twice.
    func defaultCPU(_ architecture: Architecture, isTuned: Bool) -> String {
        switch (self, architecture) {
        case (.kvm, _): "host"
        case (.tcg, .x86_64): "max,svm=off,la57=off,erms=off,fsrm=off" + (isTuned ? ",smap=off" : "")
        case (.tcg, .aarch64): "max"
        }
    }
}

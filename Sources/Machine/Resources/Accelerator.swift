/// What executes the guest's instructions.
public enum Accelerator: String, Sendable, Hashable, Codable {
    /// The processor itself, through /dev/kvm.
    case kvm
    /// QEMU's translator: works everywhere, several times slower.
    case tcg

    /// The CPU model that suits it.
    ///
    /// Under TCG `max`, because distributions ask for x86-64-v2 and v3, less two features: with `svm` the guest would load a
    /// hypervisor that nobody asked for, and with `la57` kernels on QEMU 7.2 cannot read their own names (every mount point
    /// becomes "xxx").
    func defaultCPU(_ architecture: Architecture) -> String {
        switch (self, architecture) {
        case (.kvm, _): "host"
        case (.tcg, .x86_64): "max,svm=off,la57=off"
        case (.tcg, .aarch64): "max"
        }
    }
}

/// What executes the guest's instructions.
public enum Accelerator: String, Sendable, Hashable, Codable {
    /// The processor itself, through /dev/kvm.
    case kvm
    /// QEMU's translator: works everywhere, several times slower.
    case tcg

    /// The CPU model that suits it.
    ///
    /// Under TCG `max` without nested virtualization: distributions ask for x86-64-v2 and v3, and with `svm` the guest
    /// would load a hypervisor that nobody asked for.
    func defaultCPU(_ architecture: Architecture) -> String {
        switch (self, architecture) {
        case (.kvm, _): "host"
        case (.tcg, .x86_64): "max,svm=off"
        case (.tcg, .aarch64): "max"
        }
    }
}

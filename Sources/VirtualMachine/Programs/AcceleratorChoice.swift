internal import Glibc
internal import LinuxSystem
public import Machine
internal import SystemPackage

/// What the user asked for.
public enum AcceleratorRequest: String, Sendable, Hashable, CaseIterable {
    case auto, kvm, tcg
}

/// Which accelerator is taken, and why.
public struct AcceleratorChoice: Sendable, Hashable {
    /// The one.
    public let accelerator: Accelerator
    /// Why KVM is not taken; nil when it is, or was not asked for.
    public let reason: String?

    /// Takes KVM only where it can really work: a device that opens, and a processor with the extension. The device alone
    /// proves nothing, some hypervisors offer one on which no kernel boots.
    public static func make(_ request: AcceleratorRequest) throws(MachineError) -> AcceleratorChoice {
        switch (request, obstacleToKVM()) {
        case (.tcg, _): return AcceleratorChoice(accelerator: .tcg, reason: nil)
        case (_, nil): return AcceleratorChoice(accelerator: .kvm, reason: nil)
        case (.auto, let reason?): return AcceleratorChoice(accelerator: .tcg, reason: reason)
        case (.kvm, let reason?): throw .acceleratorUnusable(reason)
        }
    }

    private static func obstacleToKVM() -> String? {
        let device = open("/dev/kvm", O_RDWR | O_CLOEXEC)
        guard device >= 0 else {
            return errno == ENOENT ? "there is no /dev/kvm" : "/dev/kvm: \(String(cString: strerror(errno)))"
        }
        close(device)
        guard Architecture.host == .x86_64 else { return nil }
        let text = (try? Files.readWhole("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return processorHasVirtualization(text)
            ? nil : "/dev/kvm exists, but the processor shows neither vmx nor svm"
    }

    package static func processorHasVirtualization(_ text: String) -> Bool {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return false }
        return line.split(separator: " ").contains { $0 == "vmx" || $0 == "svm" }
    }
}

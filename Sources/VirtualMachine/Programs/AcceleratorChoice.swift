internal import Glibc
public import LinuxSystem
public import Machine
internal import SystemPackage

/// What the user asked for.
public enum AcceleratorRequest: String, Sendable, Hashable, CaseIterable {
    case auto, kvm, tcg
}

/// What keeps a host from KVM.
public enum KVMObstacle: Sendable, Hashable, CustomStringConvertible {
    /// The kernel offers none.
    case noDevice
    /// The device does not open.
    case notOpened(SystemError)
    /// The device alone proves nothing: some hypervisors offer one on which no kernel boots.
    case noExtension

    public var description: String {
        switch self {
        case .noDevice: "there is no /dev/kvm"
        case .notOpened(let failure): "/dev/kvm: \(failure.errno)"
        case .noExtension: "/dev/kvm exists, but the processor shows neither vmx nor svm"
        }
    }

    /// What helps against it.
    public var cure: String {
        switch self {
        case .notOpened(let failure) where failure.errno == .permissionDenied:
            "as root: usermod --append --groups kvm USER, and log in again"
        case .noDevice, .notOpened:
            "enable virtualization in the firmware and load kvm_intel or kvm_amd; in a container, hand /dev/kvm in"
        case .noExtension: "enable nested virtualization in the hypervisor below"
        }
    }
}

/// Which accelerator is taken, and why.
public struct AcceleratorChoice: Sendable, Hashable {
    /// The one.
    public let accelerator: Accelerator
    /// Why KVM is not taken; nil when it is, or was not asked for.
    public let obstacle: KVMObstacle?
    /// The same in words.
    public var reason: String? { obstacle?.description }

    /// A choice with its reason.
    package init(_ accelerator: Accelerator, obstacle: KVMObstacle? = nil) {
        self.accelerator = accelerator
        self.obstacle = obstacle
    }

    /// Takes KVM only where it can really work: a device that opens, and a processor with the extension.
    public static func make(_ request: AcceleratorRequest) throws(MachineError) -> AcceleratorChoice {
        switch (request, obstacleToKVM()) {
        case (.tcg, _): return AcceleratorChoice(.tcg)
        case (_, nil): return AcceleratorChoice(.kvm)
        case (.auto, let obstacle?): return AcceleratorChoice(.tcg, obstacle: obstacle)
        case (.kvm, let obstacle?): throw .acceleratorUnusable(obstacle.description)
        }
    }

    private static func obstacleToKVM() -> KVMObstacle? {
        let device = open("/dev/kvm", O_RDWR | O_CLOEXEC)
        guard device >= 0 else {
            return errno == ENOENT ? .noDevice : .notOpened(SystemError("open", "/dev/kvm"))
        }
        close(device)
        guard Architecture.host == .x86_64 else { return nil }
        let text = (try? Files.readWhole("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return processorHasVirtualization(text) ? nil : .noExtension
    }

    package static func processorHasVirtualization(_ text: String) -> Bool {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return false }
        return line.split(separator: " ").contains { $0 == "vmx" || $0 == "svm" }
    }
}

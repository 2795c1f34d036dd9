public import LinuxSystem

/// Why an image cannot be booted.
public enum BootPlanError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case noKernel(lookedAt: [String])
    case noSuchKernelVersion(String, available: [String])
    case kernelForOtherMachine(path: String, architecture: String)
    case unreadableKernel(path: String, reason: String)
    case noInit(lookedAt: [String])
    case missingDirectories([String])
    case noModules(release: String, directory: String)
    case missingModule(String, release: String)
    case damagedModule(path: String, reason: String)
    case noInitramfs(release: String)

    public var description: String {
        switch self {
        case .noKernel(let places): "no kernel found; looked at \(places.joined(separator: ", "))"
        case .noSuchKernelVersion(let version, let available):
            "no kernel \(version); the image has \(available.joined(separator: ", "))"
        case .kernelForOtherMachine(let path, let architecture): "\(path) is a kernel for \(architecture)"
        case .unreadableKernel(let path, let reason): "\(path) is no kernel: \(reason)"
        case .noInit(let places): "no init system found; looked at \(places.joined(separator: ", "))"
        case .missingDirectories(let names): "the image has no directory \(names.joined(separator: ", "))"
        case .noModules(let release, let directory): "no modules for kernel \(release) in \(directory)"
        case .missingModule(let name, let release): "kernel \(release) has no \(name), neither built in nor as a module"
        case .damagedModule(let path, let reason): "\(path): \(reason)"
        case .noInitramfs(let release): "the image has no initramfs for kernel \(release)"
        }
    }

    public var hint: String? {
        switch self {
        case .noKernel: "install a kernel package in the image, or take another image's with --kernel-from"
        case .noInit, .missingDirectories:
            "an image that was made for a container runs on another image's kernel: --kernel-from IMAGE"
        case .noInitramfs: "leave --initramfs image out: bcvk's own needs none in the image"
        default: nil
        }
    }
}

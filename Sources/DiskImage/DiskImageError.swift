public import LinuxSystem

/// Why a disk could not be made or read.
public enum DiskImageError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case toolMissing(String, package: String)
    case toolFailed(String, reason: String)
    case initramfsNotMade(image: String, reason: String)
    case cannotFill(String, reason: String)
    case diskTooSmall(asked: String, needed: String, why: String)
    case partitionTooSmall(option: String, asked: String, needed: String)
    case loaderMissing(String, lookedAt: [String], package: String)
    case loaderUnusable(String, reason: String)
    case kernelTooLarge(needed: String, room: String)
    case outputIsNoFile(String, what: String)
    case outputInUse(String, by: String)
    case outputIsForeign(String)
    case noSpace(String, needed: String, free: String)
    case notADisk(String, reason: String)
    case growthImpossible
    case invalidKey(String, reason: String)

    public var description: String {
        switch self {
        case .toolMissing(let name, _): "\(name) is not installed"
        case .toolFailed(let name, let reason): "\(name) failed: \(reason)"
        case .initramfsNotMade(let image, let reason): "no initramfs could be made in a machine of \(image): \(reason)"
        case .cannotFill(let fileSystem, let reason): "a \(fileSystem) root cannot be made: \(reason)"
        case .diskTooSmall(let asked, let needed, let why):
            "a disk of \(asked) is too small: \(needed) are needed (\(why))"
        case .partitionTooSmall(let option, let asked, let needed):
            "\(option) \(asked) is too small: \(needed) are needed"
        case .loaderMissing(let what, let places, _):
            "\(what) is neither in the image nor on this host (looked at \(places.joined(separator: ", ")))"
        case .loaderUnusable(let what, let reason): "\(what) cannot be used: \(reason)"
        case .kernelTooLarge(let needed, let room):
            "kernel and initramfs take \(needed), and the EFI system partition has \(room)"
        case .outputIsNoFile(let path, let what): "\(path) is \(what), and a disk image is written to a file"
        case .outputInUse(let path, let who): "\(path) is in use by \(who)"
        case .outputIsForeign(let path): "\(path) exists and was not made by bcvk: it is not replaced"
        case .noSpace(let place, let needed, let free): "\(place) has \(free) free, and \(needed) are needed"
        case .notADisk(let path, let reason): "\(path): \(reason)"
        case .growthImpossible: "--grow: the image has none of systemd-repart, growpart and sfdisk"
        case .invalidKey(let path, let reason): "\(path) is no public ssh key: \(reason)"
        }
    }

    public var hint: String? {
        switch self {
        case .toolMissing(_, let package), .loaderMissing(_, _, let package): "install \(package)"
        case .initramfsNotMade: "--initramfs own needs no tool of the image's"
        case .cannotFill: "use --filesystem ext4"
        case .diskTooSmall: "leave --disk-size out, or give more"
        case .outputInUse: "stop it first, or write to another file"
        case .outputIsForeign: "remove it, or add --force"
        case .growthImpossible: "install one of them in the image (growpart is in cloud-guest-utils, sfdisk in fdisk)"
        case .invalidKey: "give the public half, one line that begins with the key's type"
        default: nil
        }
    }
}

import CGuest

/// The kernel modules that the host has put into the initramfs, in the order in which they depend on each other.
enum Modules {
    /// When they are loaded.
    enum Stage {
        /// Before the root is mounted.
        case root
        /// Beside that.
        case beside
        /// While the image's init starts, which would load them by itself.
        case later

        fileprivate var list: String {
            switch self {
            case .root: "/bcvk/modules.list"
            case .beside: "/bcvk/modules.beside"
            case .later: "/bcvk/modules.later"
            }
        }
    }

    /// A module's file.
    struct Opened {
        fileprivate let file: Int32
        fileprivate let path: String
    }

    private static let directory = "/bcvk/modules"

    /// Loads a stage's; a name that does not load is fatal only if what needs it fails later.
    static func load(_ stage: Stage) throws(GuestError) { load(try open(stage)) }

    /// Opens a stage's files: they can be loaded when the initramfs is gone.
    static func open(_ stage: Stage) throws(GuestError) -> [Opened] {
        var files: [Opened] = []
        for line in try WholeFile.read(stage.list).split(separator: UInt8(ascii: "\n")) {
            let path = directory + "/" + String(decoding: line, as: UTF8.self)
            let file = guest_open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw GuestError("open", path) }
            files.append(Opened(file: file, path: path))
        }
        return files
    }

    static func load(_ modules: [Opened]) {
        for module in modules {
            if guest_load_module(module.file) != 0 { Console.warn(GuestError("load module", module.path).text) }
            close(module.file)
        }
    }
}

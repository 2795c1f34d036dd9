import CGuest

/// Directories of the host, mounted where the user wants them before any service of the image runs.
enum Shares {
    private static let runtime = "/run/"

    static func mount(_ shares: [GuestShare], into tree: RootTree) throws(GuestError) {
        for share in shares {
            // Data of the host: neither its setuid programs nor its devices are this machine's.
            var flags = Mounting.noSuid | Mounting.noDevices
            if share.isReadOnly { flags |= Mounting.readOnly }
            if isRuntime(share.path) {
                // /run is still the initramfs', and goes over into the root with all that is mounted in it.
                try Mounting.makeDirectories(share.path)
                try Mounting.mount(share.tag, on: share.path, type: "virtiofs", flags: flags)
            } else {
                try makePlace(share.path, in: tree)
                try tree.mount(share.tag, on: share.path, type: "virtiofs", flags: flags)
            }
        }
    }

    /// Mounts those that have just come to a machine that runs: its kernel finds their devices in a moment.
    static func mountPlugged(_ shares: [GuestShare], into tree: RootTree) throws(GuestError) {
        var patience = 500
        for share in shares {
            while true {
                do throws(GuestError) {
                    try mount([share], into: tree)
                    break
                } catch {
                    // That is what an unknown tag is called.
                    guard error.code == EINVAL, patience > 0 else { throw error }
                    patience -= 1
                    usleep(20_000)
                }
            }
        }
    }

    private static func makePlace(_ path: String, in tree: RootTree) throws(GuestError) {
        do throws(GuestError) {
            try tree.makeDirectory(path)
        } catch {
            guard error.code == EROFS else { throw error }
            throw GuestError(
                "create", path,
                reason: "the root is read-only there; name a directory of the image, or use --root writable")
        }
    }

    private static func isRuntime(_ path: String) -> Bool {
        path.utf8.starts(with: runtime.utf8)
    }
}

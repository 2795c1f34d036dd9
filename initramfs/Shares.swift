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

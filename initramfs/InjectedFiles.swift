import CGuest

/// Files of the host's for this machine: what the user wants in the root, and what is for /run, which is not the image's.
enum InjectedFiles {
    private static let runtime = "/run/"

    static func write(_ files: [GuestFile], into tree: RootTree) throws(GuestError) {
        for file in files {
            if file.path.utf8.starts(with: runtime.utf8) {
                try Mounting.makeDirectories(RootTree.parent(of: file.path))
                switch file.content {
                case .bytes(let bytes): try WholeFile.write(bytes, to: file.path)
                case .link(let target):
                    let target = String(decoding: target, as: UTF8.self)
                    if symlink(target, file.path) != 0 { throw GuestError("create", file.path) }
                }
                continue
            }
            try tree.makeDirectory(RootTree.parent(of: file.path))
            switch file.content {
            case .bytes(let bytes): try tree.replace(file.path, with: bytes, mode: file.isPublic ? 0o644 : 0o600)
            case .link(let target):
                try tree.makeLink(at: file.path, to: String(decoding: target, as: UTF8.self))
            }
        }
    }
}

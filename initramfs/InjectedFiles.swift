import CGuest

/// Files of the host that the user wants in the root.
enum InjectedFiles {
    static func write(_ files: [GuestFile], into tree: RootTree) throws(GuestError) {
        for file in files {
            try tree.makeDirectory(RootTree.parent(of: file.path))
            switch file.content {
            case .bytes(let bytes): try tree.replace(file.path, with: bytes, mode: file.isPublic ? 0o644 : 0o600)
            case .link(let target):
                try tree.makeLink(at: file.path, to: String(decoding: target, as: UTF8.self))
            }
        }
    }
}

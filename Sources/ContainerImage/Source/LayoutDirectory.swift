internal import LinuxSystem
internal import SystemPackage

/// An OCI layout in a directory (OCI image specification, "Image Layout").
struct LayoutDirectory: BlobHolder {
    let name: String
    private let path: FilePath

    init(_ path: String) throws(ImageError) {
        name = path
        self.path = FilePath(path)
        let layout: [UInt8]?
        do {
            layout = try Files.readIfPresent(self.path.appending("oci-layout"), limit: 1 << 16)
        } catch {
            throw .notALayout(path, reason: "\(error)")
        }
        guard layout != nil else {
            guard Files.exists(self.path) else { throw .missingPath(path) }
            throw .notALayout(path, reason: "it has no file oci-layout")
        }
    }

    func index() throws -> [UInt8] {
        try Files.readWhole(path.appending("index.json"), limit: Documents.limit)
    }

    func locate(_ digest: Digest) throws -> BlobLocation? {
        let file = path.appending("blobs/\(digest.algorithm.rawValue)/\(digest.hex)")
        guard Files.exists(file) else { return nil }
        let size = try OwnedDescriptor(opening: file, .readOnly, options: [.nonBlocking]).status().size
        return BlobLocation(path: file.string, offset: 0, size: size)
    }
}

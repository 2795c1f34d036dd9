internal import Compression
internal import LinuxSystem
internal import SystemPackage
internal import Tar

/// An OCI layout in a tar file that is read in place: only where each member stands is remembered.
struct LayoutArchive: BlobHolder {
    let name: String
    private let path: FilePath
    private var members: [String: BlobLocation] = [:]

    /// - Parameter shownAs: what messages call it, where the file is a decompressed copy.
    init(_ path: FilePath, shownAs name: String) throws {
        self.name = name
        self.path = path
        do {
            try readMembers()
        } catch let failure as TarError {
            throw ImageError.notAnArchive(name, reason: "\(failure)")
        }
        guard members["oci-layout"] != nil else {
            let isDocker = members["manifest.json"] != nil
            throw ImageError.notAnArchive(
                name,
                reason: isDocker
                    ? "it is a docker-archive: name it as docker-archive:\(name)" : "it has no file oci-layout")
        }
    }

    private mutating func readMembers() throws {
        let source = try FileSource(path)
        let end = source.remaining
        var reader = TarReader(source)
        while let entry = try reader.next() {
            guard entry.kind == .file, entry.extents == nil else { continue }
            // A member that the file's end cuts off is found now, not in the middle of the work.
            guard reader.position + entry.storedSize <= end else { throw TarError.truncated(after: entry.name) }
            var name = entry.name[...]
            while name.hasPrefix("./") { name = name.dropFirst(2) }
            members[String(name)] = BlobLocation(path: path.string, offset: reader.position, size: entry.storedSize)
        }
    }

    func index() throws -> [UInt8] {
        guard let member = members["index.json"] else {
            throw ImageError.notAnArchive(name, reason: "it has no file index.json")
        }
        return try member.read(limit: Documents.limit)
    }

    func locate(_ digest: Digest) -> BlobLocation? {
        members["blobs/\(digest.algorithm.rawValue)/\(digest.hex)"]
    }
}

extension BlobLocation {
    /// The blob's bytes.
    func read(limit: Int) throws -> [UInt8] {
        var source = try FileSource(FilePath(path), offset: offset, length: size)
        return try source.readAll(limit: limit)
    }
}

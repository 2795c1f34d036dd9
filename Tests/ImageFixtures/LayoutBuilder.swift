public import ContainerImage
internal import LinuxSystem
public import SystemPackage
internal import TarFixtures

/// Makes an OCI layout for tests, in a directory or as an archive. What it holds may be wrong on purpose.
public struct LayoutBuilder {
    /// An entry of an index.
    public struct Reference {
        public var mediaType = "application/vnd.oci.image.manifest.v1+json"
        public var digest: Digest
        public var size: Int
        /// `os/architecture`, or none.
        public var platform: String? = nil
        public var tag: String? = nil

        public init(digest: Digest, size: Int) {
            self.digest = digest
            self.size = size
        }

        init(mediaType: String, digest: Digest, size: Int, platform: String? = nil) {
            self.init(digest: digest, size: size)
            self.mediaType = mediaType
            self.platform = platform
        }
    }

    /// File names below the layout and their content.
    public var files: [(name: String, content: [UInt8])] = []

    public init() {
        files.append(("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)))
    }

    /// Adds a blob and returns its digest.
    @discardableResult
    public mutating func blob(_ content: [UInt8]) -> Digest {
        let digest = Digest.sha256(content)
        files.append(("blobs/sha256/\(digest.hex)", content))
        return digest
    }

    /// Adds an image and returns its place in an index.
    /// - Parameter layers: what is stored, and the archive that this is when it is decompressed.
    public mutating func image(
        layers: [(stored: [UInt8], archive: [UInt8])], architecture: String = "amd64",
        labels: [String: String] = ["containers.bootc": "1"], isDocker: Bool = false
    ) -> Reference {
        let diffIDs = layers.map { #""\#(Digest.sha256($0.archive))""# }.joined(separator: ",")
        let labelText = labels.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        let configuration = Array(
            #"""
            {"architecture":"\#(architecture)","os":"linux","config":{"Labels":{\#(labelText)},"Cmd":["/sbin/init"]},
            "rootfs":{"type":"layers","diff_ids":[\#(diffIDs)]}}
            """#.utf8)
        let type = isDocker ? "application/vnd.docker.distribution.manifest.v2+json" : Self.manifestType
        let layerText = layers.map { layer in
            #"{"mediaType":"application/x","digest":"\#(blob(layer.stored))","size":\#(layer.stored.count)}"#
        }.joined(separator: ",")
        let manifest = Array(
            #"""
            {"schemaVersion":2,"mediaType":"\#(type)","config":{"mediaType":"c","digest":"\#(blob(configuration))",
            "size":\#(configuration.count)},"layers":[\#(layerText)]}
            """#.utf8)
        return Reference(
            mediaType: type, digest: blob(manifest), size: manifest.count, platform: "linux/\(architecture)")
    }

    /// Adds an index as a blob and returns its place in another index.
    public mutating func index(_ references: [Reference]) -> Reference {
        let text = Self.indexText(references)
        return Reference(
            mediaType: "application/vnd.oci.image.index.v1+json", digest: blob(text), size: text.count)
    }

    /// Sets index.json.
    public mutating func top(_ references: [Reference]) {
        files.append(("index.json", Self.indexText(references)))
    }

    /// Writes the layout into a directory.
    public func write(to directory: FilePath) throws {
        for (name, content) in files {
            let path = directory.appending(name)
            try Files.createDirectories(path.removingLastComponent(), mode: 0o755)
            try Files.writeAtomically(content, to: path)
        }
    }

    /// The layout as an archive.
    public var archive: [UInt8] {
        var builder = TarBuilder()
        for (name, content) in files { builder.add(TarBuilder.Header(name), content) }
        return builder.finished
    }

    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"

    private static func indexText(_ references: [Reference]) -> [UInt8] {
        let entries = references.map { reference in
            var text =
                #"{"mediaType":"\#(reference.mediaType)","digest":"\#(reference.digest)","size":\#(reference.size)"#
            if let platform = reference.platform?.split(separator: "/"), platform.count == 2 {
                text += #","platform":{"os":"\#(platform[0])","architecture":"\#(platform[1])"}"#
            }
            if let tag = reference.tag {
                text += #","annotations":{"org.opencontainers.image.ref.name":"\#(tag)"}"#
            }
            return text + "}"
        }
        return Array(#"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#.utf8)
    }
}

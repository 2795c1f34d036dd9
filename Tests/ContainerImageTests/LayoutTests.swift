import ContainerImage
import ImageFixtures
import LinuxSystem
import SystemPackage
import Testing

/// How a layout comes.
enum Packing: CaseIterable, Sendable {
    case directory, archive
}

@Suite("OCI layouts")
struct LayoutTests {
    private func resolve(
        _ builder: LayoutBuilder, _ packing: Packing = .directory, tag: String? = nil,
        platform: Platform = Platform(os: "linux", architecture: "amd64")
    ) throws -> ResolvedImage {
        try withScratchDirectory { scratch in
            let place = scratch.appending("image")
            let suffix = tag.map { ":\($0)" } ?? ""
            switch packing {
            case .directory: try builder.write(to: place)
            case .archive: try Files.writeAtomically(builder.archive, to: place)
            }
            let transport = packing == .directory ? "oci" : "oci-archive"
            let temporary = scratch.appending("temporary")
            try Files.createDirectories(temporary)
            return try ImageSource.resolve(
                try ImageReference("\(transport):\(place)\(suffix)"),
                SourceRequest(platform: platform, temporary: temporary))
        }
    }

    private let layer: (stored: [UInt8], archive: [UInt8]) = (Array("stored".utf8), Array("archive".utf8))

    @Test("give an image with its configuration and the places of its layers", arguments: Packing.allCases)
    func plain(packing: Packing) throws {
        var builder = LayoutBuilder()
        let image = builder.image(layers: [layer])
        builder.top([image])
        let resolved = try resolve(builder, packing)
        #expect(resolved.digest == image.digest)
        #expect(resolved.configuration.labels == ["containers.bootc": "1"])
        #expect(resolved.configuration.config?.command == ["/sbin/init"])
        #expect(resolved.configuration.platform == Platform(os: "linux", architecture: "amd64"))
        #expect(resolved.layers.map(\.digest) == [Digest.sha256(layer.stored)])
        #expect(resolved.layers.map(\.diffID) == [Digest.sha256(layer.archive)])
        #expect(resolved.layers.map(\.location.size) == [6])
    }

    @Test("may hold Docker's manifests")
    func docker() throws {
        var builder = LayoutBuilder()
        builder.top([builder.image(layers: [layer], isDocker: true)])
        #expect(try resolve(builder).layers.count == 1)
    }

    @Test("hold images by tag", arguments: Packing.allCases)
    func tags(packing: Packing) throws {
        var builder = LayoutBuilder()
        var one = builder.image(layers: [layer], labels: ["n": "1"])
        var two = builder.image(layers: [layer], labels: ["n": "2"])
        one.tag = "one"
        two.tag = "two"
        builder.top([one, two])
        #expect(try resolve(builder, packing, tag: "two").configuration.labels == ["n": "2"])
        #expect {
            try resolve(builder, packing, tag: "three")
        } throws: { error in
            "\(error)".hasSuffix("has no tag three; it has one, two")
        }
        #expect {
            try resolve(builder, packing)
        } throws: { error in
            "\(error)".hasSuffix("holds several images: one, two") && (error as? any HintedError)?.hint != nil
        }
        two.tag = "latest"
        var other = builder
        other.top([one, two])
        other.files.removeAll { $0.name == "index.json" }
        other.top([one, two])
        #expect(try resolve(other, packing).configuration.labels == ["n": "2"])
    }

    @Test("choose the platform, through indexes in indexes, past attestations")
    func platforms() throws {
        var builder = LayoutBuilder()
        let amd = builder.image(layers: [layer], architecture: "amd64")
        let arm = builder.image(layers: [layer], architecture: "arm64")
        var attestation = builder.image(layers: [])
        attestation.platform = "unknown/unknown"
        let inner = builder.index([attestation, arm, amd])
        builder.top([builder.index([inner])])
        #expect(try resolve(builder).digest == amd.digest)
        #expect(try resolve(builder, platform: Platform(os: "linux", architecture: "arm64")).digest == arm.digest)
        #expect {
            try resolve(builder, platform: Platform(os: "linux", architecture: "riscv64"))
        } throws: { error in
            "\(error)".hasSuffix("has no image for linux/riscv64; it has linux/arm64, linux/amd64")
        }
    }

    @Test("take the only image of an index that says no platform")
    func noPlatform() throws {
        var builder = LayoutBuilder()
        var image = builder.image(layers: [layer])
        image.platform = nil
        builder.top([builder.index([image])])
        #expect(try resolve(builder).digest == image.digest)
    }

    @Test("refuse an index that leads to itself for ever")
    func endlessIndex() throws {
        var builder = LayoutBuilder()
        var reference = builder.index([])
        for _ in 0..<20 { reference = builder.index([reference]) }
        builder.top([reference])
        #expect(throws: ImageError.self) { try resolve(builder) }
    }

    @Test("are refused when a document is not what its digest says", arguments: Packing.allCases)
    func damaged(packing: Packing) throws {
        var builder = LayoutBuilder()
        let image = builder.image(layers: [layer])
        builder.top([image])
        let place = try #require(builder.files.firstIndex { $0.name.hasSuffix(image.digest.hex) })
        builder.files[place].content.append(0x20)
        #expect {
            try resolve(builder, packing)
        } throws: { error in
            guard case ImageError.wrongDigest(_, _, let expected, let found) = error else { return false }
            return expected == image.digest && found != expected
        }
    }

    @Test("are refused when a blob is missing", arguments: Packing.allCases)
    func missing(packing: Packing) throws {
        var builder = LayoutBuilder()
        builder.top([builder.image(layers: [layer])])
        let digest = Digest.sha256(layer.stored)
        builder.files.removeAll { $0.name.hasSuffix(digest.hex) }
        #expect {
            try resolve(builder, packing)
        } throws: { error in
            guard case ImageError.missingBlob(_, digest) = error else { return false }
            return true
        }
    }

    @Test("are refused when a layer has another size", arguments: Packing.allCases)
    func wrongSize(packing: Packing) throws {
        var builder = LayoutBuilder()
        builder.top([builder.image(layers: [layer])])
        let place = try #require(builder.files.firstIndex { $0.content == layer.stored })
        builder.files[place].content.removeLast()
        #expect {
            try resolve(builder, packing)
        } throws: { error in
            guard case ImageError.wrongSize(_, _, 6, 5) = error else { return false }
            return true
        }
    }

    @Test("are refused when layers and diff IDs do not match")
    func layerCount() throws {
        var builder = LayoutBuilder()
        let configuration = Array(
            #"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
        let layerDigest = builder.blob(layer.stored)
        let manifest = Array(
            #"""
            {"config":{"digest":"\#(builder.blob(configuration))","size":1},"layers":[{"digest":"\#(layerDigest)","size":6}]}
            """#.utf8)
        builder.top([LayoutBuilder.Reference(digest: builder.blob(manifest), size: 1)])
        #expect {
            try resolve(builder)
        } throws: { error in
            guard case ImageError.layerCountMismatch(_, 1, 0) = error else { return false }
            return true
        }
    }

    @Test(
        "are refused with one line when a document is no such thing",
        arguments: [
            "", "[]", "{}", "not json", #"{"manifests":[]}"#,
            #"{"manifests":[{"digest":"sha256:../../etc/passwd","size":1}]}"#,
            #"{"manifests":[{"digest":7,"size":1}]}"#, "{\"manifests\":[" + String(repeating: "[", count: 20000),
        ])
    func malformed(index: String) {
        var builder = LayoutBuilder()
        builder.files.append(("index.json", Array(index.utf8)))
        #expect {
            try resolve(builder)
        } throws: { error in
            guard case ImageError.malformedDocument(_, "index.json", _) = error else { return false }
            return !"\(error)".contains("\n")
        }
    }

    @Test("are refused when the directory is none")
    func noLayout() throws {
        try withScratchDirectory { scratch in
            for name in ["nothing-there", "."] {
                #expect(throws: ImageError.self) {
                    try ImageSource.resolve(
                        try ImageReference("oci:\(scratch)/\(name)"), SourceRequest(platform: .host, temporary: scratch)
                    )
                }
            }
        }
    }
}

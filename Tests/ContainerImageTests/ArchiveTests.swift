import ContainerImage
import ImageFixtures
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("OCI archives")
struct ArchiveTests {
    private func resolve(_ bytes: [UInt8]) throws -> ResolvedImage {
        try withScratchDirectory { scratch in
            let file = scratch.appending("image.tar")
            try Files.writeAtomically(bytes, to: file)
            return try ImageSource.resolve(
                try ImageReference("oci-archive:\(file)"),
                SourceRequest(platform: Platform(os: "linux", architecture: "amd64"), temporary: scratch))
        }
    }

    private var sample: LayoutBuilder {
        var builder = LayoutBuilder()
        builder.top([builder.image(layers: [(Array(repeating: 0x61, count: 2000), [1])])])
        return builder
    }

    @Test("may have names that begin with ./")
    func dotted() throws {
        var builder = sample
        builder.files = builder.files.map { ("./" + $0.name, $0.content) }
        #expect(try resolve(builder.archive).layers.count == 1)
    }

    @Test("give the place of a layer's bytes in the file")
    func places() throws {
        let archive = sample.archive
        let location = try #require(try resolve(archive).layers.first?.location)
        let start = Int(location.offset)
        #expect(archive[start..<(start + Int(location.size))].allSatisfy { $0 == 0x61 })
        #expect(location.size == 2000)
    }

    @Test(
        "are refused when the file is none", arguments: ["", "this is no archive", String(repeating: "x", count: 4096)])
    func noArchive(text: String) {
        #expect {
            try resolve(Array(text.utf8))
        } throws: { error in
            guard case ImageError.notAnArchive = error else { return false }
            return !"\(error)".contains("\n")
        }
    }

    @Test("are refused when the file is cut off anywhere before its last member's end")
    func truncated() {
        let archive = sample.archive
        for length in stride(from: 512, to: archive.count - 1024 - 600, by: 700) {
            #expect(throws: ImageError.self, "cut at \(length)") { try resolve(Array(archive[..<length])) }
        }
    }

    @Test("are told from Docker's archives")
    func dockerArchive() {
        var builder = TarBuilder()
        builder.add("manifest.json", "0", "[]")
        #expect {
            try resolve(builder.finished)
        } throws: { error in
            "\(error)".contains("docker-archive:")
        }
    }

    @Test("are refused when the file is missing, with a name")
    func missing() {
        #expect {
            try ImageSource.resolve(
                try ImageReference("oci-archive:/nowhere/at-all.tar"),
                SourceRequest(platform: .host, temporary: "/nowhere"))
        } throws: { error in
            "\(error)" == "no such image: /nowhere/at-all.tar does not exist"
        }
    }

    @Test("are told from directories")
    func directory() {
        #expect {
            try ImageSource.resolve(
                try ImageReference("oci-archive:/tmp"), SourceRequest(platform: .host, temporary: "/nowhere"))
        } throws: { error in
            "\(error)" == "/tmp is no OCI archive: it is a directory"
                && (error as? any HintedError)?.hint == "a directory is named oci:/tmp"
        }
    }

    @Test("are not looked for under their bare path", arguments: ["/tmp/x.tar", "./x", "image.tar", "~/x"])
    func path(name: String) {
        #expect {
            try ImageSource.resolve(try ImageReference(name), SourceRequest(platform: .host, temporary: "/nowhere"))
        } throws: { error in
            (error as? any HintedError)?.hint?.contains("oci-archive:\(name)") == true
        }
    }
}

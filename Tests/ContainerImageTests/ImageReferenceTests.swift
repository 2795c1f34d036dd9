import ContainerImage
import Testing

@Suite("Image references")
struct ImageReferenceTests {
    @Test(
        "name a transport, a place and a tag",
        arguments: [
            ("oci:/dir", .oci(path: "/dir", tag: nil)),
            ("oci:dir:tag", .oci(path: "dir", tag: "tag")),
            ("oci:/a:b/dir", .oci(path: "/a:b/dir", tag: nil)),
            ("oci:/a:b/dir:tag", .oci(path: "/a:b/dir", tag: "tag")),
            ("oci-archive:file.tar", .ociArchive(path: "file.tar", tag: nil)),
            ("oci-archive:./file.tar:v1", .ociArchive(path: "./file.tar", tag: "v1")),
            ("docker://quay.io/a/b:c", .skopeo("docker://quay.io/a/b:c")),
            ("containers-storage:localhost/a", .skopeo("containers-storage:localhost/a")),
            ("docker-archive:/x.tar", .skopeo("docker-archive:/x.tar")),
            ("docker-daemon:a:latest", .skopeo("docker-daemon:a:latest")),
            ("debian", .name("debian")),
            ("localhost:5000/a/b:tag", .name("localhost:5000/a/b:tag")),
        ] as [(String, ImageReference.Transport)])
    func transports(text: String, transport: ImageReference.Transport) throws {
        let reference = try ImageReference(text)
        #expect(reference.transport == transport)
        #expect(reference.description == text)
    }

    @Test(
        "are refused when something is missing or strange",
        arguments: [
            "", "oci:", "oci-archive:", "oci::tag", "oci:dir:", "oci-archive::x", "docker://", "containers-storage:",
            "http://host/x", "-v", "two words", "line\nbreak", "tab\t",
        ])
    func malformed(text: String) {
        #expect(throws: ImageError.self) { try ImageReference(text) }
    }
}

import ContainerImage
import Glibc
import LinuxSystem
import QMP
import SystemPackage
import TarFixtures
import Testing

/// Where images come from beside registries, each with the real program that has them.
@Suite("Images", .serialized)
struct StoreSourceTests {
    /// A root with a shell of this host in it, so that containers of it can be started.
    private func shellRoot(_ host: Host) throws -> FilePath {
        let root = try host.laboratory.directory("root", mode: 0o755)
        let script = """
            cd "$1" && mkdir -p bin etc usr
            cp -L /bin/sh /bin/sleep bin
            ldd /bin/sh /bin/sleep | grep -o '/[^ :]*\\.so[^ :]*' | sort -u | while read -r library; do
                mkdir -p ".$(dirname "$library")" && cp -L "$library" ".$library"
            done
            printf one >etc/name && printf gone >etc/removed
            tar -cf "$1.tar" .
            chmod a+r "$1.tar"
            """
        let result = try ChildProgram("/bin/sh", ["-ec", script, "sh", root.string]).run()
        try #require(result.exit == .exited(0), "\(result.story)")
        return root
    }

    private func tree(_ result: ProgramResult) throws -> RootDirectory {
        try RootDirectory(FilePath(try #require(try result.json()["tree"]?.stringValue)))
    }

    @Test("of the container storage are found by name, and noticed when they are built anew", arguments: Host.users)
    func containersStorage(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let root = try shellRoot(host)
        let storage = try PodmanStorage(host)
        try storage.podman("import", "\(root).tar", "localhost/one:1")
        for name in ["localhost/one:1", "containers-storage:localhost/one:1"] {
            let pulled = try tree(storage.bcvk(["images", "pull", "--json", name]))
            try #expect(pulled.readFile("etc/name") == Array("one".utf8))
        }
        try storage.podman("create", "--name", "changer", "localhost/one:1", "/bin/sh")
        let file = root.appending("etc/name")
        // Of another size: podman's driver vfs looks at that and at whole seconds, and this may be the same second still.
        try Files.writeAtomically("another", to: file)
        chmod(file.string, 0o644)
        try storage.podman("cp", file.string, "changer:/etc/name")
        try storage.podman("commit", "--quiet", "changer", "localhost/one:1")
        let pulled = try tree(storage.bcvk(["images", "pull", "--json", "localhost/one:1"]))
        try #expect(pulled.readFile("etc/name") == Array("another".utf8))
        #expect(try host.unfinished() == [])
    }

    @Test("of a container that was never started have what was copied into it", arguments: Host.users)
    func createdContainer(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let root = try shellRoot(host)
        let storage = try PodmanStorage(host)
        try storage.podman("import", "--change", "LABEL containers.bootc=1", "\(root).tar", "localhost/one:1")
        try storage.podman("create", "--name", "box", "localhost/one:1", "/bin/sh")
        try storage.podman("cp", "\(root)/etc/name", "box:/usr/added")
        let result = try storage.bcvk(["images", "pull", "--json", "container:box"])
        let tree = try tree(result)
        try #expect(tree.readFile("usr/added") == Array("one".utf8))
        try #expect(tree.readFile("etc/removed") == Array("gone".utf8))
        // Its configuration is the container's.
        #expect(try result.json()["bootc"] == .bool(true))
        let missing = try storage.bcvk(["images", "pull", "container:nobody"])
        #expect(missing.exit == .exited(125) && missing.complaint.contains("nobody"), "\(missing.story)")
    }

    @Test(
        "of a running container have what it has changed, and again when it has changed more",
        .enabled(if: geteuid() == 0))
    func runningContainer() throws {
        let host = try Host(sharesCache: false)
        let root = try shellRoot(host)
        let storage = try PodmanStorage(host)
        try storage.podman("import", "\(root).tar", "localhost/one:1")
        try storage.start(
            "live", "localhost/one:1",
            "echo changed >/etc/name; while [ ! -e /usr/go ]; do sleep 0.1; done; echo more >/usr/more; exec sleep 600")
        try expect(storage, "etc/name", "changed\n")
        // It runs on, and goes on to change things.
        try storage.podman("cp", "\(root)/etc/name", "live:/usr/go")
        try expect(storage, "usr/more", "more\n")
        // The engine's own marks would make a guest take itself for a container.
        let last = try tree(storage.bcvk(["images", "pull", "--json", "container:live"]))
        try #expect(last.status("run/.containerenv") == nil)
        #expect(try storage.podman("inspect", "--format", "{{.State.Running}}", "live") == "true\n")
    }

    /// Expects that a container's image has a file, as soon as the container has written it.
    private func expect(_ storage: PodmanStorage, _ path: String, _ text: String) throws {
        let isThere = try eventually {
            let tree = try tree(storage.bcvk(["images", "pull", "--json", "container:live"]))
            return try tree.readFileIfPresent(path) == Array(text.utf8)
        }
        #expect(isThere, "\(path)")
    }

    @Test("of containerd come through its own client", .enabled(if: geteuid() == 0))
    func containerd() throws {
        var host = try Host(sharesCache: false)
        let server = try ContainerdServer(host.laboratory)
        let images = try StoreImages(host)
        let stack = try StoreImages.stack(files: 100, bytes: 1000)
        let expected = try host.reference(try images.write("image", stack))
        let archive = images.directory.appending("image.tar")
        let packed = try ChildProgram(
            "/usr/bin/skopeo",
            ["copy", "--quiet", "oci:\(images.directory)/image", "oci-archive:\(archive):localhost/one:1"]
        ).run()
        try #require(packed.exit == .exited(0), "\(packed.story)")
        try server.load(archive, as: "localhost/one")
        host.variables = server.variables
        let tree = try host.pull("containerd:localhost/one:1")
        try #expect(TreeFingerprint.of(tree) == expected)
        let missing = try host.bcvk("images", "pull", "containerd:localhost/nothing:1")
        #expect(missing.exit == .exited(125) && missing.complaint.contains("nothing"), "\(missing.story)")
        host.variables = ["CONTAINERD_ADDRESS=/nonexistent"]
        let nobody = try host.bcvk("images", "pull", "containerd:localhost/nothing:1")
        #expect(nobody.complaint.contains("no containerd at /nonexistent"), "\(nobody.story)")
        #expect(try host.unfinished() == [])
    }

    @Test("of docker-archive are those that podman saves", arguments: Host.users)
    func dockerArchive(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let root = try shellRoot(host)
        let storage = try PodmanStorage(host)
        try storage.podman("import", "\(root).tar", "localhost/one:1")
        let bytes = try storage.podmanBytes("save", "--quiet", "--format", "docker-archive", "localhost/one:1")
        let archive = root.appending("image.tar")
        try Files.writeAtomically(bytes, to: archive)
        chmod(archive.string, 0o644)
        let pulled = try tree(host.bcvk("images", "pull", "--json", "docker-archive:\(archive)"))
        try #expect(pulled.readFile("etc/name") == Array("one".utf8))
        // Under the other name for archives it is told what it is.
        let wrong = try host.bcvk("images", "pull", "oci-archive:\(archive)")
        #expect(wrong.exit == .exited(125) && wrong.complaint.contains("docker-archive:\(archive)"), "\(wrong.story)")
    }

    @Test("of a root file system in an archive, compressed or not", arguments: Host.users)
    func rootArchive(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let root = try shellRoot(host)
        for (program, suffix) in [("", "tar"), ("gzip -k", "tar.gz"), ("xz -k -1", "tar.xz"), ("zstd -q", "tar.zst")] {
            if !program.isEmpty {
                #expect(try ChildProgram("/bin/sh", ["-c", "\(program) '\(root).tar'"]).run().exit == .exited(0))
            }
            let pulled = try tree(host.bcvk("images", "pull", "--json", "tar:\(root).\(suffix)"))
            try #expect(pulled.readFile("etc/name") == Array("one".utf8))
        }
        // One layer, however it was compressed.
        #expect(try RootDirectory(host.cache).entries("layers/sha256").count == 1)
    }

    @Test("of a directory are used where they are, and nothing is copied", arguments: Host.users)
    func directory(user: Host.User) throws {
        let host = try Host(user, sharesCache: false)
        let root = try shellRoot(host)
        let before = try TreeFingerprint.of(root.string)
        let tree = try host.pull("dir:\(root)")
        #expect(tree == root.string)
        #expect(try RootDirectory(host.cache).entries("trees") == [])
        try #expect(TreeFingerprint.of(root.string) == before)
        let missing = try host.bcvk("images", "pull", "dir:/nonexistent")
        #expect(missing.exit == .exited(125) && missing.complaint.contains("/nonexistent"), "\(missing.story)")
    }
}

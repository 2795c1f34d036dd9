import ContainerImage
import Glibc
import ImageFixtures
import LinuxSystem
import SystemPackage
import Testing

/// Images from a real registry on loopback, which says in its log what it was asked for.
@Suite("A registry", .serialized)
struct StoreRegistryTests {
    private let small = StoreImages.single("small", StoreImages.noise(3000, seed: 1))
    private let large = StoreImages.single("large", StoreImages.noise(3 << 20, seed: 2))
    private let more = StoreImages.single("more", StoreImages.noise(5000, seed: 3))

    /// An ordinary user has no home here, and so no credentials but those that are given.
    private func host(_ user: Host.User = .root) throws -> Host {
        var host = try Host(user, sharesCache: false)
        host.variables = ["BCVK_CREDS=\(RegistryServer.credentials)", "XDG_RUNTIME_DIR=\(host.state)"]
        return host
    }

    private func hex(_ layer: StoreImages.Layer) -> String { Digest.sha256(layer.stored).hex }

    private func pull(_ host: Host, _ server: RegistryServer, _ name: String = "image:1") throws -> ProgramResult {
        try host.bcvk("images", "pull", "docker://\(server.address)/\(name)")
    }

    @Test("gives an image to who has its password, and a blob only once", arguments: Host.users)
    func once(user: Host.User) throws {
        let host = try host(user)
        let images = try StoreImages(host)
        let server = try RegistryServer(host.laboratory)
        try server.push(images.write("one", [small, large]), as: "image:1")
        for _ in 0..<2 {
            let pulled = try pull(host, server)
            #expect(pulled.exit == .exited(0), "\(pulled.story)")
        }
        try #expect(server.fetches(of: hex(small)) == 1 && server.fetches(of: hex(large)) == 1)
        // The image is made anew with another layer.
        try server.push(images.write("two", [small, large, more]), as: "image:1")
        #expect(try pull(host, server).exit == .exited(0))
        try #expect(server.fetches(of: hex(small)) == 1 && server.fetches(of: hex(large)) == 1)
        try #expect(server.fetches(of: hex(more)) == 1)
        let tree = try host.pull("docker://\(server.address)/image:1")
        try #expect(RootDirectory(FilePath(tree)).readFile("large") == StoreImages.noise(3 << 20, seed: 2))
        #expect(try host.unfinished() == [])
        #expect(try RootDirectory(host.cache).entries("blobs/sha256") == [])
    }

    @Test("refuses who has not, in one line")
    func password() throws {
        let server = try RegistryServer(try Laboratory.shared.get())
        try server.push(try StoreImages(try host()).write("one", [small]), as: "image:1")
        let file = try Laboratory.shared.get().directory("auth").appending("auth.json")
        let value = try ChildProgram("/bin/sh", ["-c", "printf %s '\(RegistryServer.credentials)' | base64 -w0"]).run()
        try Files.writeAtomically(#"{"auths":{"\#(server.address)":{"auth":"\#(value.text)"}}}"#, to: file)
        let image = "docker://\(server.address)/image:1"
        for (variables, options, works) in [
            ([], [], false), (["BCVK_CREDS=someone:wrong"], [], false), ([], ["--creds", "someone:wrong"], false),
            ([], ["--creds", RegistryServer.credentials], true), ([], ["--authfile", file.string], true),
            (["BCVK_CREDS=\(RegistryServer.credentials)"], [], true),
        ] as [([String], [String], Bool)] {
            var host = try host()
            host.variables = variables + ["XDG_RUNTIME_DIR=\(host.state)"]
            let result = try host.bcvk(["images", "pull"] + options + [image])
            #expect(result.exit == .exited(works ? 0 : 125), "\(result.story)")
            if works { continue }
            #expect(result.complaint.contains("bcvk: \(image): "), "\(result.story)")
            #expect(result.complaint.contains("authentication required"), "\(result.story)")
            #expect(try host.unfinished() == [])
        }
    }

    @Test("is asked with TLS where that is demanded")
    func tls() throws {
        let host = try host()
        let server = try RegistryServer(host.laboratory)
        try server.push(try StoreImages(host).write("one", [small]), as: "image:1")
        let result = try host.bcvk(
            "images", "pull", "--tls-verify", "true", "docker://\(server.address)/image:1")
        #expect(result.exit == .exited(125) && result.complaint.contains("HTTPS client"), "\(result.story)")
    }

    @Test("with an image for several platforms gives this one's, and nothing of the others")
    func platforms() throws {
        let host = try host()
        let server = try RegistryServer(host.laboratory)
        var builder = LayoutBuilder()
        let other = builder.image(layers: [large], architecture: "s390x")
        let own = builder.image(layers: [small], architecture: Platform.host.architecture)
        var index = builder.index([other, own])
        index.tag = "latest"
        builder.top([index])
        try server.push(try StoreImages(host).write("several", builder), as: "image:1")
        let pulled = try pull(host, server)
        #expect(pulled.exit == .exited(0), "\(pulled.story)")
        #expect(pulled.text == "\(own.digest)\n")
        try #expect(server.fetches(of: hex(small)) == 1)
        try #expect(server.fetches(of: hex(large)) == 0)
        // By the index' own digest it is the same.
        #expect(try pull(host, server, "image@\(index.digest)").text == "\(own.digest)\n")
    }

    @Test("without an image for this platform is told so")
    func otherPlatform() throws {
        let host = try host()
        let server = try RegistryServer(host.laboratory)
        var builder = LayoutBuilder()
        var index = builder.index([builder.image(layers: [small], architecture: "s390x")])
        index.tag = "latest"
        builder.top([index])
        try server.push(try StoreImages(host).write("other", builder), as: "image:1")
        let result = try pull(host, server)
        #expect(result.exit == .exited(125) && result.complaint.contains("it has linux/s390x"), "\(result.story)")
    }

    @Test("that fails in the middle is not asked again for what has come")
    func interrupted() throws {
        let host = try host()
        let server = try RegistryServer(host.laboratory)
        try server.push(try StoreImages(host).write("one", [small, large]), as: "image:1")
        let blob = server.file(of: hex(large))
        let whole = try Files.readWhole(blob)
        // Half of it is there, and what the registry promises is the whole.
        try Files.writeAtomically(Array(whole.prefix(whole.count / 2)), to: blob)
        let failed = try pull(host, server)
        #expect(failed.exit == .exited(125), "\(failed.story)")
        #expect(try host.unfinished() == [])
        try Files.writeAtomically(whole, to: blob)
        let pulled = try pull(host, server)
        #expect(pulled.exit == .exited(0), "\(pulled.story)")
        try #expect(server.fetches(of: hex(small)) == 1)
    }

    @Test("gives again what was damaged here, and only that")
    func repair() throws {
        let host = try host()
        let server = try RegistryServer(host.laboratory)
        try server.push(try StoreImages(host).write("one", [small, large]), as: "image:1")
        let image = "docker://\(server.address)/image:1"
        let tree = try host.pull(image)
        // One byte more, by somebody who must not: the file is the layer's as well.
        let shell = try ChildProgram("/bin/sh", ["-c", "printf x >> '\(tree)/large'"]).run()
        #expect(shell.exit == .exited(0))
        let seen = try host.bcvk("images", "check", "--no-repair", image)
        #expect(seen.exit == .exited(125) && seen.text == "damaged  \(image)\n", "\(seen.story)")
        #expect(seen.complaint.contains("large"))
        let repaired = try host.bcvk("images", "check", image)
        #expect(repaired.exit == .exited(0) && repaired.text == "repaired  \(image)\n", "\(repaired.story)")
        try #expect(server.fetches(of: hex(large)) == 2 && server.fetches(of: hex(small)) == 1)
        try #expect(host.bcvk("images", "check", image).text == "whole  \(image)\n")
        try #expect(RootDirectory(FilePath(tree)).readFile("large").count == 3 << 20)
    }

    @Test("that has lost what is damaged here is named with the entry that cannot be repaired")
    func lost() throws {
        let host = try host()
        let image: String
        do {
            let server = try RegistryServer(host.laboratory)
            try server.push(try StoreImages(host).write("one", [small, large]), as: "image:1")
            image = "docker://\(server.address)/image:1"
            _ = try ChildProgram("/bin/rm", [try host.pull(image) + "/small"]).run()
            // What the tree alone has lost its layers have still.
            try #expect(host.bcvk("images", "check", image).text == "repaired  \(image)\n")
            let tree = try host.pull(image)
            _ = try ChildProgram("/bin/sh", ["-c", "printf x >> '\(tree)/small'"]).run()
        }
        let result = try host.bcvk("images", "check", image)
        #expect(result.exit == .exited(125) && result.text == "damaged  \(image)\n", "\(result.story)")
        #expect(result.complaint.contains("small") && result.complaint.contains("not repaired:"), "\(result.story)")
    }
}

import Glibc
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("A layer becomes files")
struct LayerTests {
    @Test("with their modes, setuid bits and times to the nanosecond")
    func attributes() throws {
        let archive = layer {
            $0.pax(["mtime": "1500000000.987654321"])
            $0.add("sticky/", "5") { $0.mode = 0o1777 }
            $0.add("sticky/su", "0", "x") { $0.mode = 0o4755 }
            $0.pax(["mtime": "-1.5"])
            $0.add("sticky/old", "0") { $0.mode = 0 }
            $0.pax(["mtime": "4000000000.000000001"])
            $0.add("sticky/link", "2", link: "nowhere")
        }
        try withTree(archive) { tree in
            try #expect(tree.status("sticky").mode == 0o1777)
            try #expect(tree.status("sticky").modified == Timestamp(seconds: 1_500_000_000, nanoseconds: 987_654_321))
            try #expect(tree.status("sticky/su").mode == 0o4755)
            try #expect(tree.status("sticky/old").modified == Timestamp(seconds: -2, nanoseconds: 500_000_000))
            try #expect(tree.status("sticky/link").modified == Timestamp(seconds: 4_000_000_000, nanoseconds: 1))
        }
    }

    @Test("with their owners", .enabled(if: geteuid() == 0))
    func owners() throws {
        let archive = layer {
            $0.add("dir/", "5") { ($0.owner, $0.group) = (7, 8) }
            $0.add("dir/file") { ($0.owner, $0.group, $0.mode) = (1000, 65534, 0o6755) }
            $0.add("dir/link", "2", link: "x") { ($0.owner, $0.group) = (9, 10) }
        }
        try withTree(archive) { tree in
            try #expect(tree.status("dir").owner == 7)
            try #expect(tree.status("dir/file").group == 65534)
            try #expect(tree.status("dir/file").mode == 0o6755)
            try #expect(tree.status("dir/link").group == 10)
        }
    }

    @Test("with devices and FIFOs", .enabled(if: geteuid() == 0))
    func nodes() throws {
        let archive = layer {
            $0.add("char", "3") { ($0.major, $0.minor, $0.mode) = (1, 3, 0o666) }
            $0.add("block", "4") { ($0.major, $0.minor) = (259, 70000) }
            $0.add("pipe", "6") { $0.mode = 0o620 }
        }
        try withTree(archive) { tree in
            try #expect(tree.status("char").kind == .characterDevice)
            try #expect(tree.status("char").specialDevice == 0x103)
            try #expect(tree.status("char").mode == 0o666)
            try #expect(tree.status("block").specialDevice == 0x1111_0370)
            try #expect(tree.status("pipe").kind == .fifo)
            try #expect(tree.status("pipe").mode == 0o620)
        }
    }

    @Test("with hard links, also to files without any other name left")
    func hardLinks() throws {
        let archive = layer {
            $0.add("dir/", "5")
            $0.add("dir/one", "0", "text")
            $0.add("two", "1", link: "./dir/one")
            $0.add("three", "1", link: "/two")
            $0.add("soft", "2", link: "dir/one")
            $0.add("hard-soft", "1", link: "soft")
        }
        try withTree(archive) { tree in
            try #expect(tree.status("two").inode == tree.status("dir/one").inode)
            try #expect(tree.status("three").inode == tree.status("dir/one").inode)
            try #expect(tree.status("hard-soft").kind == .symbolicLink)
            try #expect(tree.text("three") == "text")
        }
    }

    @Test("with file capabilities, which a change of owner would take away", .enabled(if: geteuid() == 0))
    func capabilities() throws {
        let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let archive = layer {
            $0.pax([("SCHILY.xattr.security.capability", capability)])
            $0.add("ping", "0", "x") { ($0.owner, $0.mode) = (33, 0o755) }
        }
        try withTree(archive) { tree in
            #expect(tree.attribute("security.capability", of: "ping") == capability)
        }
    }

    @Test("with the attributes of a directory's last entry only")
    func directoryTwice() throws {
        let archive = layer {
            $0.pax(["SCHILY.xattr.user.one": "1"])
            $0.add("dir/", "5")
            $0.pax(["SCHILY.xattr.user.two": "2"])
            $0.add("dir/", "5")
        }
        try withTree(archive) { tree in
            #expect(tree.attribute("user.one", of: "dir") == nil)
            #expect(tree.attribute("user.two", of: "dir") == Array("2".utf8))
        }
    }

    @Test(
        "with a directory's rules for what is made in it, which what it has does not follow", arguments: ["", "dir/"])
    func defaultRules(parent: String) throws {
        // acl(5) as the kernel has it: version 2; then tag, permissions and id: owner, user 33, group, mask, others.
        let rules: [UInt8] =
            [2, 0, 0, 0] + [1, 0, 7, 0, 255, 255, 255, 255] + [2, 0, 7, 0, 33, 0, 0, 0]
            + [4, 0, 5, 0, 255, 255, 255, 255] + [16, 0, 7, 0, 255, 255, 255, 255] + [32, 0, 5, 0, 255, 255, 255, 255]
        let name = "system.posix_acl_default"
        let archive = layer {
            $0.pax([("SCHILY.xattr." + name, rules)])
            $0.add(parent.isEmpty ? "./" : parent, "5")
            $0.add(parent + "file", "0", "x") { $0.mode = 0o640 }
            $0.add(parent + "sub/", "5") { $0.mode = 0o750 }
        }
        try withTree(archive) { tree in
            #expect(tree.attribute(name, of: parent.isEmpty ? "." : parent) == rules)
            #expect(tree.attribute("system.posix_acl_access", of: parent + "file") == nil)
            #expect(tree.attribute("system.posix_acl_access", of: parent + "sub") == nil)
            #expect(tree.attribute(name, of: parent + "sub") == nil)
            try #expect(tree.status(parent + "file").mode == 0o640)
            try #expect(tree.status(parent + "sub").mode == 0o750)
        }
    }

    @Test("without the attributes that container engines keep for themselves", .enabled(if: geteuid() == 0))
    func engineAttributes() throws {
        let archive = layer {
            $0.pax(["SCHILY.xattr.trusted.overlay.opaque": "y", "SCHILY.xattr.user.overlay.whiteout": "y"])
            $0.add("dir/", "5")
        }
        try withTree(archive) { tree in
            #expect(tree.attribute("trusted.overlay.opaque", of: "dir") == nil)
            #expect(tree.attribute("user.overlay.whiteout", of: "dir") == nil)
        }
    }

    @Test("with holes where there were holes")
    func sparse() throws {
        let archive = layer {
            $0.pax(["GNU.sparse.size": "100000000", "GNU.sparse.map": "0,3,50000000,2,100000000,0"])
            $0.add("sparse", "0", "abcde")
        }
        try withTree(archive) { tree in
            let status = try tree.status("sparse")
            #expect(status.size == 100_000_000)
            #expect(status.allocated < 1_000_000)
            let bytes = try RootDirectory(tree.root).readFile("sparse", limit: 1 << 28)
            #expect(Array(bytes[..<4]) == Array("abc\0".utf8))
            #expect(Array(bytes[49_999_999..<50_000_003]) == Array("\0de\0".utf8))
        }
    }

    @Test("with holes that nobody could read to their end")
    func hugeHole() throws {
        let size: Int64 = 4 << 40
        let archive = layer {
            $0.pax(["GNU.sparse.size": "\(size)", "GNU.sparse.map": "0,3,\(size),0"])
            $0.add("sparse", "0", "abc")
        }
        try withTree(archive) { try #expect($0.status("sparse").size == size) }
    }

    @Test("with names in any encoding")
    func rawNames() throws {
        let name: [UInt8] = [0xFF, 0x0A, 0xFE]
        let archive = layer { builder in
            var header = TarBuilder.Header(bytes: name + Array("/".utf8))
            header.type = "5"
            header.mode = 0o755
            (header.owner, header.group) = (builder.owner, builder.group)
            builder.add(header)
            header.name = name + Array("/".utf8) + name
            header.type = "0"
            builder.add(header, Array("text".utf8))
        }
        try withTree(archive) { tree in
            let top = try OwnedDescriptor(opening: tree.root, .readOnly, options: [.directory])
            try #expect(top.rawEntries(subject: "root").map(\.name.bytes) == [name])
        }
    }

    @Test("whatever form the paths have: ./, //, /, and / at the end")
    func pathForms() throws {
        let archive = layer {
            $0.add("./", "5") { $0.mode = 0o711 }
            $0.add("./a//b/./c/", "5")
            $0.add("/a/b/c/file", "0", "text")
        }
        try withTree(archive) { tree in
            try #expect(tree.names() == ["a", "a/b", "a/b/c", "a/b/c/file"])
            try #expect(RootDirectory(tree.root).status("/")?.mode == 0o711)
        }
    }

    @Test("with the later of two entries of the same name")
    func repeated() throws {
        let archive = layer {
            $0.add("same", "0", "first")
            $0.add("same", "0", "second")
            $0.add("dir/", "5") { $0.modified = 1000 }
            $0.add("dir/kept", "0", "x")
            $0.add("dir/", "5") { ($0.mode, $0.modified) = (0o700, 2000) }
            $0.add("gone/", "5")
            $0.add("gone/inner/", "5")
            $0.add("gone/inner/file")
            $0.add("gone", "2", link: "dir")
            $0.add("now-directory", "2", link: "dir")
            $0.add("now-directory/", "5")
            $0.add("now-directory/file")
            $0.add("self", "0", "x")
            $0.add("self", "1", link: "self")
        }
        try withTree(archive) { tree in
            try #expect(tree.text("same") == "second")
            try #expect(tree.status("dir").mode == 0o700)
            try #expect(tree.status("dir").modified.seconds == 2000)
            try #expect(tree.linkTarget("gone") == "dir")
            try #expect(
                tree.names() == [
                    "dir", "dir/kept", "gone", "now-directory", "now-directory/file", "same", "self",
                ])
        }
    }

    @Test("through links to directories that the layer itself has, absolute ones inside the layer")
    func throughLinks() throws {
        let archive = layer {
            $0.add("usr/", "5")
            $0.add("usr/lib/", "5") { $0.modified = 5000 }
            $0.add("lib", "2", link: "usr/lib")
            $0.add("lib64", "2", link: "/lib")
            $0.add("lib64/one", "0", "1")
            $0.add("lib/sub/two", "0", "2")
        }
        try withTree(archive) { tree in
            try #expect(
                tree.names() == ["lib", "lib64", "usr", "usr/lib", "usr/lib/one", "usr/lib/sub", "usr/lib/sub/two"])
            try #expect(tree.status("usr/lib").modified.seconds == 5000)
        }
    }
}

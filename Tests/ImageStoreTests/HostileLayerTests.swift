import Glibc
import ImageStore
import LinuxSystem
import Tar
import TarFixtures
import Testing

@Suite("A hostile layer")
struct HostileLayerTests {
    private func expectRefusal(_ expected: LayerError, _ write: (inout TarBuilder) -> Void) {
        #expect(throws: expected) { try withTree(layer(write)) { _ in } }
    }

    @Test(
        "cannot leave its directory by its names",
        arguments: ["../outside/file", "a/../../outside/file", "/../outside/file", "..", "./..", "a/..", "a/b/../c"])
    func dotDot(name: String) {
        expectRefusal(.pathLeadsOut(entry: name)) { $0.add(name, "0", "evil") }
        expectRefusal(.pathLeadsOut(entry: name)) { $0.add(name, "5") }
        expectRefusal(.pathLeadsOut(entry: name)) { $0.add(name, "2", link: "x") }
    }

    @Test(
        "cannot leave it by the target of a hard link", arguments: ["../outside/file", "/../outside/file", "a/../../x"])
    func hardLinkOut(target: String) {
        expectRefusal(.pathLeadsOut(entry: "link")) { $0.add("link", "1", link: target) }
    }

    @Test(
        "cannot leave it through a link, wherever that points",
        arguments: ["../outside", "/tmp", "../../../../../../tmp"])
    func throughLink(target: String) throws {
        // The write lands inside, where the link leads with the layer's root as "/".
        let archive = layer {
            $0.add("way", "2", link: target)
            $0.add("way/bcvk-escaped", "0", "evil")
        }
        try withTree(archive) { tree in
            #expect(access("/tmp/bcvk-escaped", F_OK) != 0)
            try #expect(tree.names().filter { $0.hasSuffix("bcvk-escaped") }.count == 1)
        }
    }

    @Test("cannot reach a file outside through a hard link to a link")
    func hardLinkThroughLink() throws {
        let archive = layer {
            $0.add("way", "2", link: "../outside")
            $0.add("stolen", "1", link: "way/file")
        }
        #expect(throws: LayerError.missingLinkTarget(entry: "stolen", target: "way/file")) {
            try withTree(archive) { _ in }
        }
    }

    @Test("writes a new file where a link was, and not where that pointed")
    func overLink() throws {
        let archive = layer {
            $0.add("name", "2", link: "../outside/file")
            $0.add("name", "0", "evil")
        }
        try withTree(archive) { tree in
            try #expect(tree.status("name").kind == .regular)
        }
    }

    @Test("does not write through a hard link to what it linked before")
    func overHardLink() throws {
        let archive = layer {
            $0.add("one", "0", "first")
            $0.add("two", "1", link: "one")
            $0.add("two", "0", "second")
        }
        try withTree(archive) { tree in
            try #expect(tree.text("one") == "first")
            try #expect(tree.text("two") == "second")
        }
    }

    @Test("cannot make its root something else than a directory", arguments: [".", "./", "/", "//", "./."])
    func root(name: String) {
        for type in ["0", "1", "2", "3", "6"] as [Character] {
            // A file whose name ends with a slash is a directory, as it is for every other program.
            if type == "0", name.hasSuffix("/") { continue }
            expectRefusal(.rootIsNoDirectory) { $0.add(name, type, link: "/etc") }
        }
    }

    @Test("cannot hide what is above its root", arguments: [".wh.", ".wh..", ".wh...", "dir/.wh..."])
    func whiteouts(name: String) {
        expectRefusal(.badWhiteout(entry: name)) { $0.add(name) }
    }

    @Test("cannot hide anything outside through a link in a lower layer")
    func whiteoutThroughLink() throws {
        let lower = layer { $0.add("way", "2", link: "../outside") }
        let upper = layer {
            $0.add("way/.wh.file")
            $0.add("way/.wh..wh..opq")
        }
        try withTree(lower, upper) { tree in
            try #expect(tree.linkTarget("way") == "../outside")
        }
    }

    @Test("cannot write outside through a link in a lower layer")
    func writeThroughLowerLink() throws {
        let lower = layer { $0.add("way", "2", link: "../outside") }
        let upper = layer { $0.add("way/file", "0", "evil") }
        try withTree(lower, upper) { tree in
            try #expect(tree.text("way/file") == "evil")
        }
    }

    @Test("is refused for a hard link to a directory, or to nothing")
    func hardLinkToDirectory() {
        expectRefusal(.linkToDirectory(entry: "link", target: "dir")) {
            $0.add("dir/", "5")
            $0.add("link", "1", link: "dir")
        }
        expectRefusal(.linkToDirectory(entry: "link", target: "its root")) { $0.add("link", "1", link: "/") }
        expectRefusal(.emptyLinkTarget(entry: "link")) { $0.add("link", "1") }
        expectRefusal(.emptyLinkTarget(entry: "link")) { $0.add("link", "2") }
        expectRefusal(.missingLinkTarget(entry: "link", target: "nothing")) { $0.add("link", "1", link: "nothing") }
    }

    @Test("is refused for an entry below a file")
    func belowFile() {
        expectRefusal(.parentIsNoDirectory(entry: "file/inner")) {
            $0.add("file", "0", "x")
            $0.add("file/inner")
        }
    }

    @Test("is refused for links that go round in circles")
    func linkLoop() {
        #expect(throws: LayerError.self) {
            try withTree(
                layer {
                    $0.add("a", "2", link: "b")
                    $0.add("b", "2", link: "a")
                    $0.add("a/file")
                }
            ) { _ in }
        }
    }

    @Test("is refused for names that no file system takes", arguments: [256, 5000])
    func longNames(length: Int) {
        #expect(throws: LayerError.self) {
            try withTree(
                layer {
                    $0.gnuLong([UInt8](repeating: 0x61, count: length))
                    $0.add("long")
                }
            ) { _ in }
        }
    }

    @Test("is refused for directories with more extended attributes than can be kept until the end")
    func largeAttributes() throws {
        let error = #expect(throws: LayerError.self) {
            try withTree(
                layer { tar in
                    for number in 0..<20 {
                        tar.pax([("SCHILY.xattr.user.large", [UInt8](repeating: 0x61, count: 4_000_000))])
                        tar.add("\(number)/", "5")
                    }
                }
            ) { _ in }
        }
        #expect(error == .tooManyAttributes(entry: "16/", limit: 64 << 20))
    }

    @Test("is refused for a tree too deep to be opened, and leaves nothing that cannot be removed")
    func tooDeep() {
        // By way of links every name is short, and the directories still lie one in the other.
        #expect(throws: LayerError.self) {
            try withTree(
                layer { builder in
                    let step = String(repeating: "d/", count: 100)
                    var way = ""
                    for index in 0..<50 {
                        builder.gnuLong(Array("\(way)\(step)".utf8))
                        builder.add("x", "5") { $0.mode = 0o755 }
                        builder.gnuLong(Array("\(way)\(step)".dropLast().utf8), type: "K")
                        builder.add("link\(index)", "2")
                        way = "link\(index)/"
                    }
                }
            ) { _ in }
        }
    }

    @Test("that is cut off names the entry in which it ends")
    func truncated() {
        let whole = layer { $0.add("file", "0", String(repeating: "x", count: 5000)) }
        #expect(throws: TarError.truncated(after: "file")) { try withTree(Array(whole[..<3000])) { _ in } }
    }

    @Test("cannot smuggle entries in by disagreeing sizes")
    func sizes() throws {
        var inner = TarBuilder()
        inner.add("smuggled", "0", "evil")
        let content = inner.bytes
        let archive = layer { builder in
            builder.pax(["size": "\(content.count)"])
            var header = TarBuilder.Header("outer")
            (header.owner, header.group) = (builder.owner, builder.group)
            header.size = 0
            builder.add(header, content)
        }
        try withTree(archive) { tree in
            try #expect(tree.names() == ["outer"])
            try #expect(tree.status("outer").size == Int64(content.count))
        }
    }
}

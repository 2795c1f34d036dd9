import Glibc
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("Layers on top of each other")
struct TreeTests {
    private let base = layer {
        $0.add("./", "5") { ($0.mode, $0.modified) = (0o555, 111) }
        $0.add("etc/", "5") { ($0.mode, $0.modified) = (0o750, 222) }
        $0.add("etc/keep", "0", "kept")
        $0.add("etc/drop", "0", "dropped")
        $0.add("dir/", "5")
        $0.add("dir/one", "0", "1")
        $0.add("dir/sub/", "5")
        $0.add("dir/sub/two", "0", "2")
        $0.add("link", "2", link: "dir")
    }

    @Test("share the files of the layers, without a copy")
    func shared() throws {
        try withTree(base) { tree in
            let inLayer = try #require(try RootDirectory(tree.scratch).status("layer0/etc/keep"))
            try #expect(tree.status("etc/keep").inode == inLayer.inode)
        }
    }

    @Test("keep the attributes of directories that a layer only passes through, and of the root")
    func implicitDirectories() throws {
        let upper = layer { $0.add("etc/new", "0", "n") }
        try withTree(base, upper) { tree in
            try #expect(tree.text("etc/new") == "n")
            try #expect(tree.status("etc").mode == 0o750)
            try #expect(tree.status("etc").modified.seconds == 222)
            try #expect(RootDirectory(tree.root).status("/")?.mode == 0o555)
            try #expect(RootDirectory(tree.root).status("/")?.modified.seconds == 111)
        }
    }

    @Test("take the attributes of the topmost layer that has the directory")
    func explicitDirectories() throws {
        let upper = layer { $0.add("etc/", "5") { ($0.mode, $0.modified) = (0o711, 333) } }
        try withTree(base, upper) { tree in
            try #expect(tree.status("etc").mode == 0o711)
            try #expect(tree.status("etc").modified.seconds == 333)
            try #expect(tree.text("etc/keep") == "kept")
        }
    }

    @Test("lose a lower directory's extended attributes when an upper one has none", .enabled(if: geteuid() == 0))
    func directoryAttributes() throws {
        let lower = layer {
            $0.pax(["SCHILY.xattr.user.lower": "1", "SCHILY.xattr.user.both": "1"])
            $0.add("dir/", "5")
        }
        let upper = layer {
            $0.pax(["SCHILY.xattr.user.both": "2"])
            $0.add("dir/", "5")
        }
        try withTree(lower, upper) { tree in
            #expect(tree.attribute("user.lower", of: "dir") == nil)
            #expect(tree.attribute("user.both", of: "dir") == Array("2".utf8))
        }
    }

    @Test("replace files, in any type's place")
    func replacedTypes() throws {
        let upper = layer {
            $0.add("etc/keep/", "5")
            $0.add("etc/keep/inner", "0", "i")
            $0.add("dir", "0", "now a file")
            $0.add("link/", "5")
            $0.add("link/inner", "0", "not through the link")
        }
        try withTree(base, upper) { tree in
            try #expect(
                tree.names() == ["dir", "etc", "etc/drop", "etc/keep", "etc/keep/inner", "link", "link/inner"])
            try #expect(tree.text("dir") == "now a file")
        }
    }

    @Test("leave a replaced file as it was in the layer below")
    func lowerUntouched() throws {
        let upper = layer { $0.add("etc/keep", "0", "changed") { $0.mode = 0o600 } }
        try withTree(base, upper) { tree in
            try #expect(tree.text("etc/keep") == "changed")
            try #expect(Files.readWhole(tree.scratch.appending("layer0/etc/keep")) == Array("kept".utf8))
        }
    }

    @Test("hide what a whiteout names, and nothing of their own layer")
    func whiteouts() throws {
        let upper = layer {
            $0.add("etc/.wh.drop")
            $0.add("etc/.wh.own")
            $0.add("etc/own", "0", "stays")
            $0.add(".wh.dir")
            $0.add(".wh.link")
            $0.add(".wh.never-was")
            $0.add("nowhere/.wh.at-all")
        }
        try withTree(base, upper) { tree in
            try #expect(tree.names() == ["etc", "etc/keep", "etc/own"])
        }
    }

    @Test("hide a whole directory's content where it is opaque, before or after its own entries")
    func opaque() throws {
        for isFirst in [true, false] {
            let upper = layer {
                $0.add("dir/", "5") { $0.modified = 444 }
                if isFirst { $0.add("dir/.wh..wh..opq") }
                $0.add("dir/sub/", "5")
                $0.add("dir/new", "0", "n")
                if !isFirst { $0.add("dir/.wh..wh..opq") }
            }
            try withTree(base, upper) { tree in
                try #expect(tree.names() == ["dir", "dir/new", "dir/sub", "etc", "etc/drop", "etc/keep", "link"])
                try #expect(tree.status("dir").modified.seconds == 444)
            }
        }
    }

    @Test("keep what a link leads to when an opaque directory takes the link's place")
    func opaqueOverLink() throws {
        let upper = layer {
            $0.add("link/", "5")
            $0.add("link/.wh..wh..opq")
        }
        try withTree(base, upper) { tree in
            try #expect(tree.status("link").kind == .directory)
            try #expect(tree.text("dir/one") == "1")
        }
    }

    @Test("bring a hidden name back in a later layer, without what was in it")
    func whiteoutAndBack() throws {
        let hiding = layer { $0.add(".wh.dir") }
        let again = layer {
            $0.add("dir/", "5")
            $0.add("dir/fresh")
        }
        try withTree(base, hiding, again) { tree in
            try #expect(tree.names() == ["dir", "dir/fresh", "etc", "etc/drop", "etc/keep", "link"])
        }
    }

    @Test("follow a lower layer's link where they only pass through it")
    func throughLowerLink() throws {
        let upper = layer { $0.add("link/new", "0", "n") }
        try withTree(base, upper) { tree in
            try #expect(tree.linkTarget("link") == "dir")
            try #expect(tree.text("dir/new") == "n")
        }
    }

    @Test("may have names that a link makes the same: the last one stays, whole")
    func sameByLink() throws {
        let lower = layer { $0.add("here", "2", link: ".") }
        let upper = layer {
            for number in 0..<8 {
                $0.add("here/name\(number)", "0", "file")
                $0.add("name\(number)/", "5")
                $0.add("name\(number)/inner", "0", "inner")
            }
        }
        try withTree(lower, upper) { tree in
            try #expect(tree.linkTarget("here") == ".")
            for number in 0..<8 {
                if try tree.status("name\(number)").kind == .directory {
                    try #expect(tree.text("name\(number)/inner") == "inner")
                } else {
                    try #expect(tree.text("name\(number)") == "file")
                }
            }
        }
    }

    @Test("follow their own link to what only a lower layer has")
    func ownLinkToLower() throws {
        let upper = layer {
            $0.add("way", "2", link: "/dir/sub")
            $0.add("way/three", "0", "3")
        }
        try withTree(base, upper) { tree in
            try #expect(tree.linkTarget("way") == "/dir/sub")
            try #expect(tree.text("dir/sub/three") == "3")
            try #expect(tree.text("dir/sub/two") == "2")
        }
    }

    @Test("link to files of lower layers, to links and to links of links")
    func lateLinks() throws {
        let upper = layer {
            $0.add("hard", "1", link: "dir/sub/two")
            $0.add("harder", "1", link: "hard")
            $0.add("dir/one", "1", link: "/etc/keep")
            $0.add("new/deep/name", "1", link: "etc/keep")
        }
        try withTree(base, upper) { tree in
            let inode = try tree.status("dir/sub/two").inode
            try #expect(tree.status("hard").inode == inode)
            try #expect(tree.status("harder").inode == inode)
            try #expect(tree.text("dir/one") == "kept")
            try #expect(tree.text("new/deep/name") == "kept")
        }
    }

    @Test("link to what a lower layer has, even where they replace or hide that themselves")
    func lateLinkToReplaced() throws {
        let upper = layer {
            $0.add("old-keep", "1", link: "etc/keep")
            $0.add("etc/keep", "0", "new")
            $0.add("old-two", "1", link: "dir/sub/two")
            $0.add(".wh.dir")
            $0.add("old-drop", "1", link: "etc/drop")
            $0.add("etc/drop/", "5")
        }
        try withTree(base, upper) { tree in
            try #expect(tree.text("old-keep") == "kept")
            try #expect(tree.text("etc/keep") == "new")
            try #expect(tree.text("old-two") == "2")
            try #expect(tree.text("old-drop") == "dropped")
            try #expect(tree.names().contains("dir") == false)
            try #expect(RootDirectory(tree.scratch).status("links") == nil)
        }
    }

    @Test("keep what was linked to a late link that another one replaces")
    func lateLinkChain() throws {
        let upper = layer {
            $0.add("one", "1", link: "etc/keep")
            $0.add("two", "1", link: "one")
            $0.add("one", "1", link: "etc/drop")
            $0.add("three", "1", link: "etc/keep")
            $0.add("four", "1", link: "three")
            $0.add("three", "0", "file")
        }
        try withTree(base, upper) { tree in
            let texts = try ["one", "two", "three", "four"].map { try tree.text($0) }
            #expect(texts == ["dropped", "kept", "file", "kept"])
        }
    }

    @Test(
        "hide a lower directory by a file, even when a directory comes back in the same layer", arguments: ["0", "1"])
    func fileAndDirectoryAgain(type: Character) throws {
        let upper = layer {
            $0.add("dir", type, link: "etc/keep")
            $0.add("dir/", "5")
        }
        try withTree(base, upper) { tree in
            try #expect(tree.names() == ["dir", "etc", "etc/drop", "etc/keep", "link"])
        }
    }

    @Test("take a file in place of an earlier late link of the same name")
    func lateLinkReplaced() throws {
        let upper = layer {
            $0.add("hard", "1", link: "etc/keep")
            $0.add("hard", "0", "file")
        }
        try withTree(base, upper) { tree in
            try #expect(tree.text("hard") == "file")
            try #expect(tree.text("etc/keep") == "kept")
        }
    }

    @Test("are nothing when there are none, or when they hold nothing")
    func empty() throws {
        try withTree(layer { _ in }) { tree in try #expect(tree.names().isEmpty) }
        try withTree([]) { tree in try #expect(tree.names().isEmpty) }
    }

    @Test("keep everything when a layer changes only the root")
    func rootOnly() throws {
        try withTree(base, layer { _ in }, layer { $0.add("./", "5") { $0.mode = 0o700 } }) { tree in
            try #expect(tree.text("etc/keep") == "kept")
            try #expect(RootDirectory(tree.root).status("/")?.mode == 0o700)
        }
    }

    @Test("keep the times of directories that other names lead to now")
    func staleTimes() throws {
        let links = layer {
            $0.add("dir", "2", link: "/etc")
            $0.add("to-root", "2", link: "/")
        }
        let upper = layer { $0.add("dir", "1", link: "to-root") }
        try withTree(base, links, upper) { tree in
            try #expect(tree.status("etc").modified.seconds == 222)
            try #expect(RootDirectory(tree.root).status("/")?.modified.seconds == 111)
        }
    }
}

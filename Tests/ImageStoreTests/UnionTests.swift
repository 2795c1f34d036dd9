import Glibc
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("Layers put together in one walk")
struct UnionTests {
    @Test("make the tree that they make one after another, whatever they have", arguments: 0..<150)
    func sameTree(seed: UInt64) throws {
        var random = Random(state: seed)
        let layers = (0..<Int.random(in: 1...5, using: &random)).map { _ in
            Self.anyLayer(seed.isMultiple(of: 3), &random)
        }
        // It compares both.
        try withTree(of: layers) { _ in }
    }

    @Test("notice that somebody removes what was made", arguments: ["dir/file", "dir/empty"])
    func removedMeanwhile(path: String) throws {
        let archive = layer {
            $0.add("dir/", "5")
            $0.add("dir/file", "0", "f")
            $0.add("dir/empty/", "5")
        }
        try withScratchDirectory { scratch in
            let extracted = try extractedLayer(archive, into: scratch.appending("layer"))
            let root = scratch.appending("root")
            try Files.createDirectories(root, mode: 0o755)
            let builder = try TreeBuilder(into: root)
            try builder.build([extracted]) { _, _ in
                #expect(remove(root.appending(path).string) == 0)
            }
            #expect(builder.united == 1)
            #expect(throws: SystemError.self) { try builder.finish() }
        }
    }

    @Test("are counted once where an image has one of them twice", arguments: [false, true])
    func layerTwice(isHidden: Bool) throws {
        let (one, other) = (
            layer {
                $0.add("dir/", "5")
                $0.add("dir/file", "0", "six by")
                $0.add("dir/same", "1", link: "dir/file")
                $0.add("other", "0", "ten bytes.")
            },
            layer {
                $0.add("dir/", "5")
                $0.add(isHidden ? "dir/.wh..wh..opq" : "dir/third", "0", isHidden ? "" : "abc")
            }
        )
        try withScratchDirectory { scratch in
            let twice = try extractedLayer(one, into: scratch.appending("one"))
            let between = try extractedLayer(other, into: scratch.appending("other"))
            let root = scratch.appending("root")
            try Files.createDirectories(root, mode: 0o755)
            let builder = try TreeBuilder(into: root)
            try builder.build(isHidden ? [twice, twice, between] : [twice, between, twice]) { _, _ in }
            #expect(builder.united == 3)
            try #expect(builder.finish().bytes == (isHidden ? 10 : 19))
        }
    }

    @Test("leave what a lower link leads to where a directory of their own takes its place")
    func ownDirectoryOverLink() throws {
        let lower = layer {
            $0.add("dir/", "5")
            $0.add("dir/stays", "0", "s")
            $0.add("link", "2", link: "dir")
        }
        let upper = layer {
            $0.add("link/", "5")
            $0.add("link/.wh.stays")
            $0.add("link/sub/", "5")
            $0.add("link/sub/.wh..wh..opq")
        }
        try withTree(lower, upper) { tree in
            #expect(tree.united == 2)
            try #expect(tree.names() == ["dir", "dir/stays", "link", "link/sub"])
        }
    }

    @Test(
        "pass through a lower link although something above hides it",
        arguments: [("var/.wh.run", "0"), ("var/run", "0"), ("var/run", "2"), ("var/.wh..wh..opq", "0"), ("var", "0")])
    func hiddenLink(path: String, type: Character) throws {
        let top = layer {
            // Without it a layer that hides names in it is not plain.
            if path != "var" { $0.add("var/", "5") }
            $0.add(path, type, link: type == "2" ? "elsewhere" : "")
        }
        let lower = layer {
            $0.add("run/", "5")
            $0.add("run/gone", "0", "g")
            $0.add("var/", "5")
            $0.add("var/run", "2", link: "/run")
        }
        let middle = layer {
            $0.add("var/run/there", "0", "t")
            $0.add("var/run/.wh.gone")
        }
        try withTree(of: [lower, middle, top]) { tree in
            #expect(tree.united == 1)
            try #expect(tree.names().filter { $0.hasPrefix("run") } == ["run", "run/there"])
        }
    }

    @Test("keep what is said of a directory that an upper layer only passes through, and make it opaque")
    func passedAndOpaque() throws {
        let lower = layer {
            $0.add("dir/", "5") { ($0.mode, $0.modified) = (0o710, 222) }
            $0.add("dir/old", "0", "o")
        }
        let upper = layer {
            $0.add("dir/.wh..wh..opq")
            $0.add("dir/new", "0", "n")
        }
        try withTree(lower, upper) { tree in
            #expect(tree.united == 2)
            try #expect(tree.names() == ["dir", "dir/new"])
            try #expect(tree.status("dir").mode == 0o710)
        }
    }

    /// A few names in a few directories, so that layers meet.
    /// - Parameter passes: whether it often passes through directories without saying what they are, and has more links.
    private static func anyLayer(_ passes: Bool, _ random: inout Random) -> [UInt8] {
        layer { tar in
            var isDirectory: [String: Bool] = [:]
            for number in 0..<Int.random(in: 0...14, using: &random) {
                let depth = Int.random(in: 1...3, using: &random)
                let parts = (0..<depth).map { _ in String("abc".randomElement(using: &random) ?? "a") }
                let path = parts.joined(separator: "/")
                let above = (1..<max(depth, 1)).map { parts[..<$0].joined(separator: "/") }
                // Nothing below a file, and nothing twice.
                if isDirectory[path] != nil || above.contains(where: { isDirectory[$0] == false }) { continue }
                // Mostly with the directories above, as archives have them.
                if Int.random(in: 0..<10, using: &random) < (passes ? 2 : 7) {
                    for directory in above where isDirectory.updateValue(true, forKey: directory) == nil {
                        tar.add("\(directory)/", "5") { $0.modified = number }
                    }
                }
                let parent = parts.dropLast().map { "\($0)/" }.joined()
                let kind = Int.random(in: (passes ? 3 : 0)..<12, using: &random)
                switch kind {
                case 0..<4: tar.add(path, "0", "\(number)")
                case 4..<7: tar.add("\(path)/", "5") { ($0.mode, $0.modified) = (0o700 + number, 1000 + number) }
                case 7: tar.add(path, "2", link: String("abc".randomElement(using: &random) ?? "a"))
                case 8: tar.add(path, "2", link: "/" + parts.reversed().joined(separator: "/"))
                case 9, 10: tar.add("\(parent).wh.\(parts[depth - 1])")
                default: tar.add("\(parent).wh..wh..opq")
                }
                if kind < 9 { isDirectory[path] = (4..<7).contains(kind) }
            }
        }
    }

    /// SplitMix64: the same numbers every time.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
    }
}

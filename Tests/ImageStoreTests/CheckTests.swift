import CLinux
import ContainerImage
import Glibc
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("Checking an image")
struct CheckTests {
    private let base = layer {
        $0.add("./", "5")
        $0.add("etc/", "5")
        $0.add("etc/release", "0", "one")
        $0.add("etc/same", "1", link: "etc/release")
        $0.add("bin", "2", link: "usr/bin")
    }
    private let top = layer { $0.add("etc/top", "0", "top") }

    private func pull(_ place: StorePlace) throws -> StoredImage {
        try place.pull(place.write("image", [(base, base), (top, top)]))
    }

    private func check(_ image: StoredImage, in place: StorePlace, repairs: Bool = true) throws -> CheckReport {
        try place.store.check(image, repairs: repairs) { _ in }
    }

    @Test("finds nothing wrong in what was just unpacked")
    func whole() throws {
        try withPlace { place in
            let report = try check(pull(place), in: place)
            #expect(report.state == .whole)
            #expect(report.findings.isEmpty)
            try #expect(place.names("tmp") == [])
        }
    }

    /// Something that happens to a file, and what a check says of it.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let path: String
        let what: String
        let action: @Sendable (String) -> Void
    }

    static let damages = [
        Damage(
            testDescription: "other bytes of the same length", path: "etc/release",
            what: "has another content, has another time"
        ) {
            try? Files.writeWhole("two", over: $0)
        },
        Damage(testDescription: "more bytes", path: "etc/top", what: "has 6 bytes in place of 3, has another time") {
            try? Files.writeWhole("longer", over: $0)
        },
        Damage(testDescription: "another mode", path: "etc/top", what: "has the mode 0777 in place of 0644") {
            chmod($0, 0o777)
        },
        Damage(testDescription: "another attribute", path: "etc/top", what: "has other attributes") {
            let directory = open(FilePath($0).removingLastComponent().string, O_RDONLY | O_DIRECTORY)
            _ = clinux_set_attribute(directory, FilePath($0).lastComponent?.string ?? "", "user.test", "x", 1)
            close(directory)
        },
    ]

    @Test("finds and repairs what happened to a file", arguments: damages)
    func damage(_ damage: Damage) throws {
        try withPlace { place in
            let image = try pull(place)
            damage.action("\(image.tree)/\(damage.path)")
            let found = try check(image, in: place, repairs: false)
            #expect(found.state == .damaged)
            #expect(Set(found.findings.map(\.what)) == [damage.what])
            #expect(found.findings.contains { $0.path == damage.path && $0.layer != nil })
            let repaired = try check(image, in: place)
            #expect(repaired.state == .repaired)
            #expect(repaired.findings == found.findings)
            try #expect(check(image, in: place).state == .whole)
            try #expect(place.text("etc/release", in: image) == "one")
            try #expect(place.text("etc/top", in: image) == "top")
            try #expect(place.names("tmp") == [])
        }
    }

    @Test("makes a tree again that differs from its layers, which are whole")
    func tree() throws {
        try withPlace { place in
            let image = try pull(place)
            // The layers are not needed for it, nor their source.
            try Files.removeTree(place.scratch.appending("image"))
            unlink("\(image.tree)/etc/top")
            chmod("\(image.tree)/etc", 0o700)
            try Files.writeAtomically("new", to: FilePath(image.tree).appending("etc/new"))
            let found = try check(image, in: place)
            #expect(found.state == .repaired)
            #expect(found.findings.allSatisfy { $0.layer == nil })
            #expect(
                Set(found.findings.map(\.text)) == [
                    "tree: etc has another mode, owner, time or attributes", "tree: etc/top is missing",
                    "tree: etc/new should not be there",
                ])
            try #expect(check(image, in: place).state == .whole)
        }
    }

    @Test("says what is damaged and why it stays so when the source is gone")
    func sourceGone() throws {
        try withPlace { place in
            let image = try pull(place)
            try Files.removeTree(place.scratch.appending("image"))
            try Files.writeWhole("two", over: "\(image.tree)/etc/release")
            let report = try check(image, in: place)
            #expect(report.state == .damaged)
            #expect(report.reason == "no such image: \(place.scratch)/image does not exist")
            #expect(report.findings.first?.path == "etc/release")
        }
    }

    @Test("leaves alone what a machine uses")
    func inUse() throws {
        try withPlace { place in
            let image = try pull(place)
            let lease = try place.store.lease(image)
            try Files.writeWhole("two", over: "\(image.tree)/etc/release")
            let report = try check(image, in: place)
            #expect(report.state == .damaged)
            #expect(report.reason == "a machine uses it")
            try #expect(place.text("etc/release", in: image) == "two")
            withExtendedLifetime(lease) {}
            // A layer that is missing in the tree alone is no other case.
            try #expect(check(image, in: place, repairs: false).state == .damaged)
        }
    }

    @Test("is not needed where a part has vanished: the next use brings it back")
    func vanished() throws {
        try withPlace { place in
            let image = try pull(place)
            for gone in ["trees", "trees/\(image.treeKey)/root", "trees/\(image.treeKey)/size.json", "layers/sha256"] {
                try Files.removeTree(place.cache.appending(gone))
                let again = try place.pull(try ImageReference(image.reference))
                #expect(again.treeKey == image.treeKey)
                try #expect(place.text("etc/release", in: again) == "one")
            }
        }
    }

    @Test("is not needed where a layer has lost a file: it is extracted again before a tree is made of it")
    func lostFile() throws {
        try withPlace { place in
            _ = try pull(place)
            let files = place.cache.appending("layers/sha256/\(Digest.sha256(base).hex)/files")
            unlink(files.appending("etc/release").string)
            var notes: [ImageStore.Progress] = []
            let other = try place.write("other", [(base, base)])
            let image = try withoutActuallyEscaping({ notes.append($0) }) { note in
                try place.store.image(other, freshness: .cached, progress: note)
            }
            try #expect(place.text("etc/release", in: image) == "one")
            #expect(notes.contains(.note("layer \(Digest.sha256(base)) has lost files: extracting it again")))
        }
    }
}

extension Files {
    /// Writes into a file that is there, as damage does.
    fileprivate static func writeWhole(_ text: String, over path: String) throws {
        try OwnedDescriptor(opening: FilePath(path), .writeOnly, options: [.truncate]).writeAll(text, subject: path)
    }
}

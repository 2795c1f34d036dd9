import ContainerImage
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("Removing images")
struct RemovalTests {
    private let base = layer {
        $0.add("./", "5")
        $0.add("etc/release", "0", "one")
    }
    private let top = layer { $0.add("etc/top", "0", "top") }
    private let other = layer { $0.add("etc/other", "0", "other") }

    private func twoImages(_ place: StorePlace) throws -> (one: StoredImage, two: StoredImage) {
        (
            try place.pull(place.write("one", [(base, base), (top, top)])),
            try place.pull(place.write("two", [(base, base), (other, other)]))
        )
    }

    private func derive(from image: StoredImage, in place: StorePlace) throws {
        let file = place.store.derivedDirectory.appending("\(image.treeKey)-vmlinuz")
        try Files.writeAtomically("a kernel", to: file)
    }

    @Test("takes the saved machines of an image with it, and of no other")
    func templates() throws {
        try withPlace { place in
            let (one, two) = try twoImages(place)
            for image in [one, two] {
                try place.store.makeTemplate(tree: image.treeKey, key: "k\(image.treeKey)", progress: { _ in }) {
                    try Files.writeAtomically("a state", to: $0.appending("memory"))
                }
            }
            try #expect(place.names("tmp") == [])
            let usage = try place.store.usage().parts.first { $0.kind == .template }
            #expect(usage?.count == 2 && usage?.reclaimable == 0)
            let removed = try place.store.remove([one.reference]) { _ in }
            #expect(removed.count { $0.kind == .template } == 1)
            try #expect(
                place.store.templateDirectories().map(\.path) == [
                    place.store.templateDirectory(tree: two.treeKey, key: "k\(two.treeKey)")
                ])
        }
    }

    @Test("takes what no other image needs, and leaves the rest")
    func remove() throws {
        try withPlace { place in
            let (one, two) = try twoImages(place)
            try derive(from: one, in: place)
            try derive(from: two, in: place)
            let removed = try place.store.remove([one.reference]) { _ in }
            #expect(removed.map(\.kind) == [.image, .tree, .layer, .derived])
            #expect(removed.allSatisfy { $0.kind == .image || $0.bytes > 0 })
            try #expect(place.store.images() == [two])
            try #expect(place.names("trees") == [two.treeKey])
            try #expect(place.names("layers/sha256").sorted() == [base, other].map { Digest.sha256($0).hex }.sorted())
            try #expect(place.names("derived") == ["\(two.treeKey)-vmlinuz"])
            try #expect(place.text("etc/release", in: two) == "one")
            try #expect(place.names("tmp") == [])
            try #expect(!place.names("locks").contains { $0.contains(one.treeKey) })
        }
    }

    @Test("takes a name away and nothing else while another name means the same tree")
    func sameTree() throws {
        try withPlace { place in
            let one = try place.pull(place.write("one", [(base, base)]))
            let two = try place.pull(place.write("two", [(base, base)]))
            try #expect(place.store.remove([one.reference]) { _ in }.map(\.kind) == [.image])
            try #expect(place.text("etc/release", in: two) == "one")
        }
    }

    @Test("goes by the beginning of a digest where only one image has it")
    func byDigest() throws {
        try withPlace { place in
            let (one, _) = try twoImages(place)
            try #expect(place.store.images(named: String(one.digest.hex.prefix(12))) == [one])
            try #expect(place.store.images(named: one.digest.description) == [one])
            #expect(throws: StoreError.noSuchImage("beef0000")) { try place.store.images(named: "beef0000") }
            #expect(throws: StoreError.noSuchImage("abc")) { try place.store.images(named: "abc") }
            #expect(throws: StoreError.noSuchImage("nothing")) { try place.store.remove(["nothing"]) { _ in } }
        }
    }

    @Test("never takes a tree that a machine uses, and then takes nothing")
    func inUse() throws {
        try withPlace { place in
            let (one, two) = try twoImages(place)
            let lease = try place.store.lease(two)
            #expect(throws: StoreError.inUse(two.reference)) {
                try place.store.remove([one.reference, two.reference]) { _ in }
            }
            try #expect(place.store.images() == [one, two])
            try #expect(place.store.prune(all: true) { _ in }.filter { $0.kind == .image }.map(\.id) == [one.reference])
            try #expect(place.store.images() == [two])
            try #expect(place.text("etc/other", in: two) == "other")
            withExtendedLifetime(lease) {}
        }
    }

    @Test("prunes what an image was before it changed, and blobs that were left")
    func prune() throws {
        try withPlace { place in
            let old = try place.pull(place.write("image", [(top, top)]))
            let new = try place.pull(place.write("image", [(base, base)]), .current)
            #expect(old.reference == new.reference)
            let blob = Digest.sha256("left".utf8)
            try Files.writeAtomically("left", to: place.cache.appending("blobs/sha256/\(blob.hex)"))
            let wanted: [RemovedItem.Kind] = [.tree, .layer, .blob]
            try #expect(place.store.prune(all: false, isTrial: true) { _ in }.map(\.kind) == wanted)
            try #expect(place.names("trees").count == 2)
            try #expect(place.store.prune(all: false, olderThan: 3600) { _ in }.isEmpty)
            try #expect(place.store.prune(all: false) { _ in }.map(\.kind) == wanted)
            try #expect(place.names("trees") == [new.treeKey])
            try #expect(place.names("blobs/sha256").isEmpty)
            try #expect(place.store.prune(all: false) { _ in }.isEmpty)
        }
    }

    @Test("prunes images by age only when all are meant")
    func pruneAll() throws {
        try withPlace { place in
            _ = try twoImages(place)
            try #expect(place.store.prune(all: true, olderThan: 3600) { _ in }.isEmpty)
            try #expect(place.store.prune(all: true, olderThan: 0) { _ in }.filter { $0.kind == .image }.count == 2)
            for part in ["trees", "layers/sha256", "images", "tmp"] { try #expect(place.names(part).isEmpty) }
        }
    }

    @Test("has nothing to do where there is no cache")
    func nothing() throws {
        try withPlace { place in
            try #expect(place.store.prune(all: true) { _ in }.isEmpty)
            try #expect(place.store.usage().images.isEmpty)
        }
    }

    @Test("counts what images have in common and what they have for themselves")
    func usage() throws {
        try withPlace { place in
            let (one, two) = try twoImages(place)
            let before = try place.store.usage()
            #expect(before.images.map(\.references) == [[one.reference], [two.reference]])
            for image in before.images {
                #expect(image.shared > 0)
                #expect(image.own > 0)
                #expect(image.size == image.shared + image.own)
                #expect(!image.inUse)
            }
            #expect(before.reclaimable == 0)
            let freed = try place.store.remove([one.reference]) { _ in }.reduce(0) { $0 + $1.bytes }
            #expect(freed == before.images[0].own)
            let after = try place.store.usage()
            #expect(after.size == before.size - freed)
            #expect(after.images[0].shared == 0)
            #expect(after.images[0].size == before.images[1].size)
        }
    }
}

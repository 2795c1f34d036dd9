import ContainerImage
import Glibc
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("The store of images")
struct StoreTests {
    private let base = layer {
        $0.add("./", "5")
        $0.add("etc/", "5")
        $0.add("etc/release", "0", "one")
        $0.add("bin", "2", link: "usr/bin")
    }
    private let top = layer { $0.add("etc/release", "0", "two") }

    @Test("unpacks an image and remembers it")
    func plain() throws {
        try withPlace { place in
            let image = try place.pull(place.write("image", [(storedGzip(base), base), (top, top)]))
            try #expect(place.text("etc/release", in: image) == "two")
            #expect(image.layers.count == 2)
            #expect(image.size == 3)
            try #expect(place.store.images() == [image])
            try #expect(place.names("tmp") == [])
            try #expect(RootDirectory(place.scratch).status("cache")?.mode == 0o700)
        }
    }

    @Test("reads nothing again as long as the source looks the same, and notices when it does not")
    func fingerprint() throws {
        try withPlace { place in
            let reference = try place.write("image", [(base, base)])
            let first = try place.pull(reference)
            try Files.removeTree(place.scratch.appending("image/blobs"))
            try #expect(place.pull(reference) == first)
            let changed = try place.pull(place.write("image", [(base, base), (top, top)]))
            #expect(changed.treeKey != first.treeKey)
            try #expect(place.text("etc/release", in: changed) == "two")
            try #expect(place.text("etc/release", in: first) == "one")
        }
    }

    @Test("extracts a layer once, whoever has it, however it is compressed")
    func sharedLayers() throws {
        try withPlace { place in
            let one = try place.pull(place.write("one", [(base, base)]))
            let two = try place.pull(place.write("two", [(storedGzip(base), base), (top, top), (top, top)]))
            try #expect(place.names("layers/sha256").count == 2)
            let inodes = try [one, two].map {
                try RootDirectory(FilePath($0.tree)).status("bin", followLinks: false)?.inode
            }
            #expect(inodes[0] == inodes[1])
        }
    }

    @Test("removes what a run left that was killed with the tree finished and the image not yet recorded")
    func killedBeforeTheRecord() throws {
        try withPlace { place in
            let reference = try place.write("image", [(base, base)])
            let first = try place.pull(reference)
            for record in try place.names("images") {
                try Files.removeTree(place.cache.appending("images/\(record)"))
            }
            try Files.createDirectories(place.cache.appending("tmp/source-aBcDeF"))
            try #expect(place.pull(reference).treeKey == first.treeKey)
            try #expect(place.names("tmp") == [])
        }
    }

    @Test("refuses a blob that is not what its digest says, and keeps nothing of it")
    func wrongDigest() throws {
        try withPlace { place in
            let reference = try place.write("image", [(storedGzip(base), base)])
            let blob = place.scratch.appending("image/blobs/sha256/\(Digest.sha256(storedGzip(base)).hex)")
            var bytes = try Files.readWhole(blob)
            bytes[100] ^= 1
            try Files.writeAtomically(bytes, to: blob)
            #expect {
                try place.pull(reference)
            } throws: { error in
                let text = "\(error)"
                return text.contains("layer \(Digest.sha256(storedGzip(self.base))) is damaged")
                    && text.contains("\(Digest.sha256(bytes))") && !text.contains("\n")
            }
            try place.expectNothingLeft()
            try #expect(place.names("layers/sha256") == [])
        }
    }

    @Test("refuses a layer whose content is not what its diff ID says")
    func wrongDiffID() throws {
        try withPlace { place in
            #expect {
                try place.pull(place.write("image", [(storedGzip(self.base), self.top)]))
            } throws: { error in
                "\(error)".contains(
                    "its digest is \(Digest.sha256(self.base)), it should be \(Digest.sha256(self.top))")
            }
            try place.expectNothingLeft()
            try #expect(place.names("layers/sha256") == [])
        }
    }

    @Test("names the layer and the entry of what cannot be unpacked")
    func badLayer() throws {
        let bad = layer {
            $0.add("fine")
            $0.add("../out", "0", "evil")
        }
        try withPlace { place in
            #expect {
                try place.pull(place.write("image", [(bad, bad)]))
            } throws: { error in
                "\(error)".hasSuffix("entry ../out: its path leads out of the layer")
            }
            try place.expectNothingLeft()
            #expect(Files.exists(place.scratch.appending("cache/out")) == false)
        }
    }

    @Test("says which blob is damaged when it is no archive at all", arguments: [[], Array("not an archive".utf8)])
    func noArchive(bytes: [UInt8]) throws {
        try withPlace { place in
            if bytes.isEmpty {
                // No entries at all: such layers exist.
                try #expect(place.pull(place.write("image", [(bytes, bytes)])).size == 0)
            } else {
                #expect(throws: StoreError.self) { try place.pull(place.write("image", [(bytes, bytes)])) }
                try place.expectNothingLeft()
            }
        }
    }

    @Test("makes a damaged record anew")
    func damagedRecord() throws {
        try withPlace { place in
            let reference = try place.write("image", [(base, base)])
            let image = try place.pull(reference)
            let record = try #require(place.names("images").first)
            try Files.writeAtomically("{", to: place.cache.appending("images/\(record)"))
            try #expect(place.store.images() == [])
            try #expect(place.pull(reference).tree == image.tree)
            try #expect(place.store.images().count == 1)
        }
    }

    @Test("removes what a killed run has left, but not what another run works on")
    func leftovers() throws {
        try withPlace { place in
            let reference = try place.write("image", [(base, base)])
            for name in ["layer-dead", "layer-alive"] {
                try Files.createDirectories(place.cache.appending("tmp/\(name)/files"))
            }
            let alive = try OwnedDescriptor(
                opening: place.cache.appending("tmp/layer-alive"), .readOnly, options: [.directory])
            #expect(flock(alive.raw, LOCK_EX | LOCK_NB) == 0)
            _ = try place.pull(reference)
            try #expect(place.names("tmp") == ["layer-alive"])
        }
    }

    @Test("does not believe what another boot has left unsynced")
    func otherBoot() throws {
        try withPlace { place in
            let reference = try place.write("image", [(base, base)])
            let image = try place.pull(reference)
            let tree = FilePath(image.tree)
            let layerName = try #require(place.names("layers/sha256").first)
            for directory in [tree.removingLastComponent(), place.cache.appending("layers/sha256/\(layerName)")] {
                #expect(Files.exists(directory.appending("unsynced")))
                try Files.writeAtomically("another boot", to: directory.appending("unsynced"))
            }
            try Files.writeAtomically("", to: tree.appending("etc/release"))
            let again = try place.pull(reference)
            #expect(again.tree == image.tree)
            try #expect(place.text("etc/release", in: again) == "one")
        }
    }

    @Test("is sure of what was written a while ago when it is used again")
    func settled() throws {
        try withPlace { place in
            let reference = try place.write("image", [(base, base), (top, top)])
            let image = try place.pull(reference)
            let tree = FilePath(image.tree).removingLastComponent()
            let layers = try place.names("layers/sha256").map { place.cache.appending("layers/sha256/\($0)") }
            let marks = ([tree] + layers).map { $0.appending("unsynced") }
            _ = try place.pull(reference)
            #expect(marks.allSatisfy(Files.exists))
            var old = [timespec(tv_sec: time(nil) - 600, tv_nsec: 0), timespec(tv_sec: time(nil) - 600, tv_nsec: 0)]
            try #require(utimensat(AT_FDCWD, marks[0].string, &old, 0) == 0)
            try #expect(place.pull(reference) == image)
            #expect(!marks.contains(where: Files.exists))
        }
    }

    @Test("lets one of several do the work; all get the same")
    func concurrent() throws {
        try withPlace { place in
            let reference = try place.write("image", [(storedGzip(base), base), (top, top)])
            try Threads.forEach(6, width: 6) { _ in
                let image = try place.pull(reference)
                guard try place.text("etc/release", in: image) == "two" else { throw StoreError.removed("image") }
            }
            try #expect(place.names("trees").count == 1)
            try #expect(place.names("tmp") == [])
        }
    }

    @Test("keeps a leased tree from being locked for removal")
    func lease() throws {
        try withPlace { place in
            let image = try place.pull(place.write("image", [(base, base)]))
            let lock = place.cache.appending("locks/tree-\(image.treeKey)")
            do {
                let lease = try place.store.lease(image)
                try #expect(FileLock.exclusive(lock, wait: false) == nil)
                withExtendedLifetime(lease) {}
            }
            try #expect(FileLock.exclusive(lock, wait: false) != nil)
            try Files.removeTree(FilePath(image.tree).removingLastComponent())
            #expect(throws: StoreError.removed(image.reference)) { try place.store.lease(image) }
        }
    }

    @Test("says how a worker ended that has not even read what it was asked for")
    func deafWorker() throws {
        try withPlace { place in
            // More layers than a pipe holds the names of: what is sent finds its reader gone.
            let image = try place.write("image", Array(repeating: (base, base), count: 600))
            let store = ImageStore(directory: place.cache, worker: ["-c", "exit 3"], program: "/bin/sh")
            #expect(throws: StoreError.workerDied("unpacking \(image)", reason: "exit code 3")) {
                try store.image(image, freshness: .cached, progress: { _ in })
            }
            try place.expectNothingLeft()
        }
    }

    @Test("refuses an image for another platform")
    func otherPlatform() throws {
        try withPlace { place in
            var builder = LayoutBuilder()
            builder.top([builder.image(layers: [], architecture: "s390x")])
            try builder.write(to: place.scratch.appending("image"))
            #expect {
                try place.pull(try ImageReference("oci:\(place.scratch)/image"))
            } throws: { error in
                "\(error)".hasSuffix("has no image for \(Platform.host); it has linux/s390x")
            }
        }
    }

    @Test("says what to do when its directory cannot be used")
    func unusable() throws {
        try withPlace { place in
            try Files.writeAtomically("a file", to: place.cache)
            #expect {
                try place.pull(place.write("image", [(self.base, self.base)]))
            } throws: { error in
                (error as? any HintedError)?.hint == "set BCVK_CACHE to a directory that you may write"
            }
        }
    }
}

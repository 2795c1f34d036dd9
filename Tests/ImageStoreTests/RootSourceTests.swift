import ContainerImage
import ImageFixtures
import ImageStore
import LinuxSystem
import SystemPackage
import TarFixtures
import Testing

@Suite("A root without an image")
struct RootSourceTests {
    private let root = layer {
        $0.add("./", "5")
        $0.add("etc/", "5")
        $0.add("usr/", "5")
        $0.add("etc/release", "0", "one")
    }

    @Test("in an archive is an image of one layer, compressed or not")
    func archive() throws {
        try withPlace { place in
            for (name, content) in [("root.tar", root), ("root.tar.gz", storedGzip(root))] {
                let path = place.scratch.appending(name)
                try Files.writeAtomically(content, to: path)
                let image = try place.pull(try ImageReference("tar:\(path)"))
                #expect(image.digest == Digest.sha256(content))
                #expect(image.layers.map(\.diffID) == [Digest.sha256(root)])
                #expect(!image.saysWhatItIs)
                try #expect(place.text("etc/release", in: image) == "one")
                // Nothing is read again as long as the file is the same.
                try #expect(place.pull(try ImageReference("tar:\(path)")) == image)
            }
            try #expect(place.names("trees").count == 1)
        }
    }

    @Test("in a directory is used where it is, and leaves nothing in the cache")
    func directory() throws {
        try withPlace { place in
            let path = place.scratch.appending("root")
            for part in ["etc", "usr"] { try Files.createDirectories(path.appending(part)) }
            let image = try place.pull(try ImageReference("dir:\(path)"))
            #expect(image.tree == path.string)
            #expect(image.isInPlace)
            let lease = try place.store.lease(image)
            try #expect(place.store.images().isEmpty)
            try #expect(place.store.check(image, repairs: true) { _ in }.state == .whole)
            withExtendedLifetime(lease) {}
            // What is derived from it must not outlive a change of its kernels.
            try Files.createDirectories(path.appending("boot"))
            try Files.writeAtomically("a kernel", to: path.appending("boot/vmlinuz"))
            try #expect(place.pull(try ImageReference("dir:\(path)")).treeKey != image.treeKey)
        }
    }

    @Test("that is none is refused with the reason")
    func refused() throws {
        try withPlace { place in
            let file = place.scratch.appending("file")
            try Files.writeAtomically("text", to: file)
            let cases = [
                ("tar:/nowhere.tar", "no such image: /nowhere.tar does not exist"),
                ("tar:\(place.scratch)", "\(place.scratch) is no archive of a root file system: it is a directory"),
                ("dir:/nowhere", "no such image: /nowhere does not exist"),
                ("dir:\(file)", "\(file) is no root directory: Not a directory"),
                ("dir:\(place.scratch)", "\(place.scratch) is no root directory: it has no /usr"),
            ]
            for (name, reason) in cases {
                #expect {
                    try place.pull(try ImageReference(name))
                } throws: { error in
                    "\(error)" == reason
                }
            }
            #expect {
                try place.pull(try ImageReference("tar:\(file)"))
            } throws: { error in
                "\(error)".hasSuffix("the archive ends in the middle of its first header")
            }
        }
    }
}

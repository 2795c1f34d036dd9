import ContainerImage
import ImageFixtures
import LinuxSystem
import SystemPackage
import TarFixtures

/// Images for tests of the store: small beside real ones, but with enough in them that unpacking takes a moment.
struct StoreImages {
    /// Where the images are put.
    let directory: FilePath

    init(_ host: Host) throws {
        directory = try host.laboratory.directory("images", mode: 0o755)
    }

    /// A layer as it is stored, and the archive that this is.
    typealias Layer = (stored: [UInt8], archive: [UInt8])

    /// Writes an OCI layout and returns its name for bcvk.
    func write(_ name: String, _ layers: [Layer]) throws -> String {
        var builder = LayoutBuilder()
        builder.top([builder.image(layers: layers, architecture: Platform.host.architecture)])
        return try write(name, builder)
    }

    /// Writes an OCI layout and returns its name for bcvk.
    func write(_ name: String, _ builder: LayoutBuilder) throws -> String {
        let place = directory.appending(name)
        try builder.write(to: place)
        // Ordinary users read it too.
        let result = try ChildProgram("/bin/chmod", ["-R", "a+rX", place.string]).run()
        guard result.exit == .exited(0) else { throw Missing("a readable \(place): \(result.errorText)") }
        return "oci:\(place)"
    }

    /// Three layers: files in directories, then whiteouts, replaced files and links to the first layer, then more files.
    static func stack(files: Int, bytes: Int) throws -> [Layer] {
        let base = archive { builder in
            // A directory that nobody mentions gets the time at which it is made, which is another every time.
            for path in ["./", "etc/", "usr/", "usr/bin/", "usr/share/"] { builder.add(path, "5") }
            addFiles(&builder, below: "usr/share/one", count: files, bytes: bytes, seed: 1)
            builder.add("usr/bin/tool", "0", "tool") { $0.mode = 0o4755 }
            builder.add("bin", "2", link: "usr/bin")
            builder.add("etc/settings", "0", "one") { ($0.owner, $0.group) = (100, 101) }
        }
        let middle = archive { builder in
            builder.add("usr/share/one/d0/.wh.f0")
            builder.add("usr/share/one/d1/.wh..wh..opq")
            builder.add("usr/share/link", "1", link: "usr/share/one/d0/f10")
            builder.add("etc/settings", "0", "two")
        }
        let top = archive { addFiles(&$0, below: "usr/share/two", count: files / 2, bytes: bytes, seed: 2) }
        return [(try compressed(base, by: "gzip"), base), (middle, middle), (try compressed(top, by: "zstd"), top)]
    }

    /// A layer of one file; what is stored is the archive itself.
    static func single(_ path: String, _ content: [UInt8]) -> Layer {
        let bytes = archive { builder in
            builder.add("./", "5")
            var header = TarBuilder.Header(path)
            header.mode = 0o644
            builder.add(header, content)
        }
        return (bytes, bytes)
    }

    static func archive(_ body: (inout TarBuilder) -> Void) -> [UInt8] {
        var builder = TarBuilder()
        body(&builder)
        return builder.finished
    }

    /// The bytes as a program of this machine compresses them.
    static func compressed(_ bytes: [UInt8], by name: String) throws -> [UInt8] {
        guard let path = ProgramSearch.find(name) else { throw Missing(name) }
        var program = ChildProgram(path, ["-c", "-1"])
        program.input = bytes
        let result = try program.run()
        guard result.exit == .exited(0) else { throw Missing("\(name): \(result.errorText)") }
        return result.output
    }

    /// Bytes that hardly get smaller, and are the same every time.
    static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                buffer[index] = UInt8(truncatingIfNeeded: state >> 32)
            }
            filled = count
        }
    }

    private static func addFiles(_ builder: inout TarBuilder, below top: String, count: Int, bytes: Int, seed: UInt64) {
        builder.add("\(top)/", "5")
        for index in 0..<count {
            if index % 50 == 0 { builder.add("\(top)/d\(index / 50)/", "5") }
            var header = TarBuilder.Header("\(top)/d\(index / 50)/f\(index)")
            header.modified += index
            builder.add(header, noise(bytes, seed: seed << 32 + UInt64(index) + 1))
        }
    }
}

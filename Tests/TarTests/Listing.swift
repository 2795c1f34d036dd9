import Compression
import Tar
import TarFixtures

/// An entry with its content.
struct Listed {
    let entry: TarEntry
    let content: [UInt8]
    var name: String { entry.name }
    var text: String { String(decoding: content, as: UTF8.self) }
}

/// Everything that an archive holds.
func list(_ archive: [UInt8]) throws -> [Listed] {
    var reader = TarReader(MemorySource(archive))
    var found: [Listed] = []
    while let entry = try reader.next() {
        var content: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { buffer in
            while true {
                let piece = try reader.read(through: buffer)
                if piece.isEmpty { break }
                content += piece
            }
        }
        found.append(Listed(entry: entry, content: content))
    }
    return found
}

/// The only entry of an archive that a test writes.
func only(_ write: (inout TarBuilder) -> Void) throws -> Listed {
    var builder = TarBuilder()
    write(&builder)
    let found = try list(builder.finished)
    guard let first = found.first, found.count == 1 else { throw TarError.truncated(after: "\(found.count) entries") }
    return first
}

import Compression
import ContainerImage
import ImageStore
import Testing

@Suite("A stream that is read ahead and hashed")
struct PipelinedSourceTests {
    @Test("is the same stream", arguments: [0, 1, PipelinedSource.chunkSize, 9 * PipelinedSource.chunkSize + 77])
    func sameStream(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        let source = try PipelinedSource(MemorySource(bytes), hashedWith: .sha256)
        var stream: any ByteSource = source
        #expect(try stream.readAll(limit: count + 1) == bytes)
        source.stop()
        #expect(source.digest == Digest.sha256(bytes))
    }

    @Test("gives what there was before it failed, and then the failure")
    func failure() throws {
        let good = 2 * PipelinedSource.chunkSize
        let source = try PipelinedSource(FailingSource(left: good + 5), hashedWith: .sha256)
        var stream: any ByteSource = source
        #expect(try stream.skip(Int64(good)) == Int64(good))
        #expect(throws: FailingSource.Failure.self) { try stream.skip(1 << 30) }
        source.stop()
    }

    @Test("can be stopped at any place")
    func stopped() throws {
        for taken in [0, 1, PipelinedSource.chunkSize + 1] {
            let source = try PipelinedSource(FailingSource(left: .max), hashedWith: .sha512)
            var stream: any ByteSource = source
            #expect(try stream.skip(Int64(taken)) == Int64(taken))
            source.stop()
        }
    }
}

/// So many bytes, and then an error.
private struct FailingSource: ByteSource {
    struct Failure: Error {}

    var left: Int

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if left == 0 { throw Failure() }
        let count = min(left, buffer.count)
        left -= count
        for index in 0..<count { buffer[index] = 1 }
        return count
    }
}

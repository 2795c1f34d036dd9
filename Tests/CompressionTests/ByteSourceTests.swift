import Compression
import Testing

@Suite("Byte sources")
struct ByteSourceTests {
    @Test("skip what is there and tell how much it was")
    func skipping() throws {
        var source = MemorySource(Array(0..<100))
        #expect(try source.skip(90) == 90)
        var rest = [UInt8](repeating: 0, count: 4)
        #expect(try rest.withUnsafeMutableBytes { try source.fill($0) } == 4)
        #expect(rest == [90, 91, 92, 93])
        #expect(try source.skip(90) == 6)
    }

    @Test("give no more than the limit")
    func limit() throws {
        var source = MemorySource([1, 2, 3])
        #expect(try source.readAll(limit: 3) == [1, 2, 3])
        var again = MemorySource([1, 2, 3])
        #expect(throws: DecompressionError.tooLarge(limit: 2)) { try again.readAll(limit: 2) }
    }
}

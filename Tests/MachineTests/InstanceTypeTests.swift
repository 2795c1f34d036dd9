import Machine
import Testing

@Suite("Sizes by name")
struct InstanceTypeTests {
    @Test("are what clouds mean by them")
    func table() {
        let sizes = InstanceType.allCases.map { "\($0.rawValue) \($0.processors)/\($0.memory.mebibytes)" }
        #expect(
            sizes == [
                "u1.nano 1/512", "u1.micro 1/1024", "u1.small 1/2048", "u1.medium 1/4096", "u1.2xmedium 2/4096",
                "u1.large 2/8192", "u1.xlarge 4/16384", "u1.2xlarge 8/32768", "u1.4xlarge 16/65536",
                "u1.8xlarge 32/131072",
            ])
    }
}

@Suite("Swap space")
struct SwapSpaceTests {
    @Test("has mkswap's header")
    func header() {
        let page = SwapSpace.header(size: ByteSize(mebibytes: 64))
        #expect(page.count == 4096)
        // Version 1, and the number of the last page: 64 MiB are 16384 pages.
        #expect(page[1024..<1032].elementsEqual([1, 0, 0, 0, 0xFF, 0x3F, 0, 0]))
        #expect(page.suffix(10).elementsEqual("SWAPSPACE2".utf8))
        #expect(page[..<1024].allSatisfy { $0 == 0 })
    }
}

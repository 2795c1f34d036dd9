import DiskImage
import Machine
import Testing

@Suite("A disk's layout")
struct LayoutTests {
    private func layout(
        _ size: ByteSize?, root: ByteSize? = nil, _ support: FirmwareSupport = .both, need: UInt64 = 300
    ) throws -> DiskLayout {
        try DiskLayout(size: size, rootSize: root, support: support, need: ByteSize(mebibytes: need))
    }

    @Test("has all partitions at whole MiB, one after another", arguments: FirmwareSupport.allCases)
    func alignment(support: FirmwareSupport) throws {
        let table = try layout(nil, support).table(architecture: .x86_64, grows: false) { _ in .zero }
        var end: UInt64 = 2047
        for partition in table.partitions {
            #expect(partition.sectors.lowerBound == end + 1)
            #expect(partition.offset % (1 << 20) == 0 && partition.size % (1 << 20) == 0)
            end = partition.sectors.upperBound
        }
        #expect(end < table.sectorCount - 33)
        #expect(table.sectorCount * 512 == 4 << 30)
    }

    @Test(
        "has a partition for what each firmware needs",
        arguments: [
            (FirmwareSupport.uefi, [PartitionType.efiSystem, .root(.x86_64)]),
            (.bios, [.biosBoot, .root(.x86_64)]), (.both, [.biosBoot, .efiSystem, .root(.x86_64)]),
        ])
    func partitions(support: FirmwareSupport, types: [PartitionType]) throws {
        let table = try layout(nil, support).table(architecture: .x86_64, grows: false) { _ in .zero }
        #expect(table.partitions.map(\.type) == types)
    }

    @Test("leaves as much free as a large image takes")
    func usualSize() throws {
        #expect(try layout(nil, need: 5000).size == ByteSize(mebibytes: 10_515))
    }

    @Test("of a size that is too small says how much is needed")
    func tooSmall() throws {
        let failure = #expect(throws: DiskImageError.self) { try layout(ByteSize(mebibytes: 700)) }
        #expect(failure?.description.contains("700 MiB") ?? false)
        #expect(failure?.description.contains("815 MiB") ?? false)
        #expect(try layout(ByteSize(mebibytes: 815)).rootSize == ByteSize(mebibytes: 300))
        #expect(throws: DiskImageError.self) { try layout(ByteSize(mebibytes: 814)) }
        #expect(throws: DiskImageError.self) { try layout(nil, root: ByteSize(mebibytes: 299)) }
    }

    @Test("asks for more inodes where a tree has many small files")
    func inodes() {
        var survey = TreeSurvey()
        survey.entries = 1_000_000
        #expect(Ext4Space.inodes(survey, size: 4 << 30) == 1_251_024)
        survey.entries = 1000
        #expect(Ext4Space.inodes(survey, size: 4 << 30) == 262_144)
    }
}

import DiskImage
import Machine
import Testing

/// The table's bytes: what the specification says of each, and what tools of others take them for (sgdisk and sfdisk read the
/// same bytes in the integration tests).
@Suite("A partition table")
struct PartitionTableTests {
    private static let disk = GUID("01020304-0506-0708-090a-0b0c0d0e0f10") ?? .zero
    private static let part = GUID("11111111-2222-3333-4444-555555555555") ?? .zero
    private let table = PartitionTable(
        id: disk, sectorCount: 8192,
        partitions: [
            Partition(type: .efiSystem, id: part, name: "esp", sectors: 2048...4095, attributes: 1 << 59)
        ])

    @Test("checks by ISO 3309 and Castagnoli's polynomial, as published for the text 123456789")
    func checksums() {
        let text = Array("123456789".utf8)
        #expect(CRC32.iso(text) == 0xCBF4_3926)
        #expect(~CRC32.castagnoli(~0, text) == 0xE306_9283)
    }

    @Test("begins with a protective master boot record over the whole disk")
    func protectiveRecord() {
        let sector = Array(table.primary(bootCode: [0xEB, 0x63]).prefix(512))
        #expect(sector.prefix(3) == [0xEB, 0x63, 0x00])
        #expect(
            sector[446..<462] == [
                0x00, 0x00, 0x02, 0x00, 0xEE, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0x00, 0xFF, 0x1F, 0x00, 0x00,
            ])
        #expect(sector[462..<510].allSatisfy { $0 == 0 })
        #expect(sector.suffix(2) == [0x55, 0xAA])
    }

    @Test("has a header whose two copies point at each other")
    func headers() {
        let primary = Array(table.primary()[512..<1024])
        let backup = Array(table.backup.suffix(512))
        #expect(Array(primary[0..<8]) == Array("EFI PART".utf8))
        #expect(primary[8..<16] == [0x00, 0x00, 0x01, 0x00, 92, 0, 0, 0])
        #expect(primary[24..<40] == [1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0x1F, 0, 0, 0, 0, 0, 0])
        #expect(backup[24..<40] == [0xFF, 0x1F, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        // First and last usable sector, the disk's GUID with its first fields swapped, the entries' place.
        #expect(primary[40..<56] == [34, 0, 0, 0, 0, 0, 0, 0, 0xDE, 0x1F, 0, 0, 0, 0, 0, 0])
        #expect(primary[56..<72] == [4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16])
        #expect(primary[72] == 2)
        #expect(backup[72..<74] == [0xDF, 0x1F])
        #expect(table.primary().count == 34 * 512)
        #expect(table.backupOffset + UInt64(table.backup.count) == 8192 * 512)
    }

    @Test("has entries of 128 bytes")
    func entry() {
        let entry = Array(table.primary()[1024..<1152])
        #expect(
            entry.prefix(16) == [
                0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11, 0xBA, 0x4B, 0x00, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B,
            ])
        #expect(entry[32..<48] == [0, 8, 0, 0, 0, 0, 0, 0, 0xFF, 0x0F, 0, 0, 0, 0, 0, 0])
        #expect(entry[48..<56] == [0, 0, 0, 0, 0, 0, 0, 8])
        #expect(entry[56..<62] == [0x65, 0, 0x73, 0, 0x70, 0])
    }

    @Test("reads back as it was written")
    func roundTrip() throws {
        #expect(try PartitionTable(primary: table.primary()) == table)
    }

    @Test("is not believed when a byte has changed", arguments: [512, 512 + 24, 512 + 56, 1024, 1024 + 40])
    func damage(offset: Int) {
        var bytes = table.primary()
        bytes[offset] ^= 0xFF
        #expect(throws: PartitionTableError.self) { try PartitionTable(primary: bytes) }
    }

    @Test("is not found in what is shorter")
    func truncation() {
        #expect(throws: PartitionTableError.noTable) {
            try PartitionTable(primary: Array(table.primary().prefix(4096)))
        }
    }
}

@Suite("A GUID")
struct GUIDTests {
    @Test("is read in either case and written in lower case")
    func text() {
        #expect(
            GUID("C12A7328-F81F-11D2-BA4B-00A0C93EC93B")?.description == "c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "c12a7328f81f11d2ba4b00a0c93ec93b", "c12a7328-f81f-11d2-ba4b-00a0c93ec93",
            "g12a7328-f81f-11d2-ba4b-00a0c93ec93b",
        ])
    func malformed(text: String) {
        #expect(GUID(text) == nil)
    }

    @Test("that is derived is always the same, and marked as RFC 9562 asks")
    func derived() {
        let value = GUID.derived(from: "root")
        #expect(value == GUID.derived(from: "root"))
        #expect(value != GUID.derived(from: "esp"))
        #expect(value.bytes[6] >> 4 == 8 && value.bytes[8] >> 6 == 2)
    }
}

@Suite("A partition's type")
struct PartitionTypeTests {
    @Test(
        "is the Discoverable Partitions Specification's",
        arguments: [
            (PartitionType.efiSystem, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"),
            (.biosBoot, "21686148-6449-6e6f-744e-656564454649"),
            (.root(.x86_64), "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"),
            (.root(.aarch64), "b921b045-1df0-41c3-af44-4c6f280d3fae"),
        ])
    func known(type: PartitionType, text: String) throws {
        let guid = try #require(GUID(text))
        #expect(type.guid == guid)
        #expect(PartitionType(guid) == type)
    }
}

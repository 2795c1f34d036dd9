import ArgumentParser
import DiskImage
import Machine
import SystemPackage

struct DiskInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show a disk's partitions, and what it was made of.")

    @Flag(help: "Print a JSON object.")
    var json = false

    @Argument(help: "The disk's file.", completion: .file())
    var disk: String

    func run() throws {
        let reader = try DiskReader(FilePath(disk))
        let report = DiskReport(reader, try reader.partitionTable())
        if json { return try StandardOutput.form(report) }
        try StandardOutput.line("Disk: \(disk) (\(report.format), \(ByteSize(bytes: report.size)))")
        if let made = report.madeOf {
            try StandardOutput.line("Image: \(made.image)")
            try StandardOutput.line("Digest: \(made.digest)")
            try StandardOutput.line("Kernel: \(made.kernel), initramfs: \(made.initramfs)")
            let loaders = made.loaders.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            try StandardOutput.line("Boot loaders: \(loaders.joined(separator: ", "))")
        }
        var table = Table(["NUMBER", "NAME", "TYPE", "START", "SIZE", "UUID"])
        for (index, partition) in report.partitions.enumerated() {
            table.add([
                "\(index + 1)", partition.name, partition.type, ByteSize(bytes: partition.offset).description,
                ByteSize(bytes: partition.size).description, partition.id.description,
            ])
        }
        try StandardOutput.line(table.text)
    }
}

/// A disk as `disk inspect` shows it.
struct DiskReport: Encodable {
    struct Part: Encodable {
        let name: String
        let type: String
        let typeID: GUID
        let id: GUID
        let offset: UInt64
        let size: UInt64

        enum CodingKeys: String, CodingKey {
            case name, type, id, offset, size
            case typeID = "type_id"
        }
    }

    let format: String
    let size: UInt64
    let id: GUID
    let partitions: [Part]
    let madeOf: DiskDescription?

    enum CodingKeys: String, CodingKey {
        case format, size, id, partitions
        case madeOf = "made_of"
    }

    init(_ disk: DiskReader, _ table: PartitionTable) {
        format = disk.format.rawValue
        size = disk.size
        id = table.id
        partitions = table.partitions.map {
            Part(
                name: $0.name, type: $0.type.name, typeID: $0.type.guid, id: $0.id, offset: $0.offset, size: $0.size)
        }
        madeOf = disk.description
    }
}

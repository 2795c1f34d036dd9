import FoundationEssentials
import SystemPackage
import VirtualMachine

/// A template as `list` and `inspect` show it.
struct TemplateListing: Encodable {
    let template: MachineTemplate
    let directory: String
    let sizeBytes: Int64
    let lastUsed: String
    let isUsable: Bool

    init(_ entry: TemplateStore.Entry) throws {
        template = entry.template
        directory = entry.directory.string
        sizeBytes = entry.size
        lastUsed = Date(timeIntervalSince1970: Double(entry.lastUsed)).formatted(.iso8601)
        isUsable = try entry.isUsable()
    }

    enum CodingKeys: String, CodingKey {
        case directory
        case sizeBytes = "size_bytes"
        case lastUsed = "last_used"
        case isUsable = "usable"
    }

    func encode(to encoder: any Encoder) throws {
        try template.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(directory, forKey: .directory)
        try container.encode(sizeBytes, forKey: .sizeBytes)
        try container.encode(lastUsed, forKey: .lastUsed)
        try container.encode(isUsable, forKey: .isUsable)
    }
}

internal import ContainerImage
import FoundationEssentials

/// What a disk says of its own making. It stands between the partition table and the first partition, where nobody writes, so
/// that it stays with the disk wherever that is copied.
public struct DiskDescription: Sendable, Hashable, Codable {
    /// The form's version. It is part of the key: a bcvk that makes other disks of the same inputs counts it up.
    public static let currentVersion = 2
    /// Where it stands, in bytes from the disk's start.
    static let offset: UInt64 = 512 << 10
    /// How long it may be.
    static let limit = 256 << 10
    private static let magic = "bcvk disk\n"

    /// The form's version.
    public var version = Self.currentVersion
    /// Stands for all inputs.
    public var key: String
    /// The image as the user named it.
    public var image: String
    /// The digest of the image's manifest.
    public var digest: String
    /// The recipe.
    public var recipe: DiskRecipe
    /// The kernel's release.
    public var kernel: String
    /// The loaders, by firmware.
    public var loaders: [String: String]
    /// Which initramfs it was made with.
    public var initramfs: String

    /// The key of inputs.
    /// - Parameter programs: digests of what comes from the host and not from the image.
    public static func key(
        imageDigest: String, treeKey: String, recipe: DiskRecipe, programs: [String]
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let options = String(decoding: try encoder.encode(recipe), as: UTF8.self)
        let lines = ["bcvk disk \(currentVersion)", imageDigest, treeKey, options] + programs
        return Digest.sha256(lines.joined(separator: "\n").utf8).hex
    }

    /// The bytes at `offset`.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = try encoder.encode(self)
        return Array(Self.magic.utf8) + Array("\(text.count)\n".utf8) + Array(text)
    }

    enum CodingKeys: String, CodingKey {
        case version, key, image, digest, recipe, kernel, loaders, initramfs
    }
}

extension DiskDescription {
    /// Reads what stands at `offset`; nil where that is nothing of ours.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.magic.utf8) else { return nil }
        let rest = bytes[Self.magic.utf8.count...]
        guard let end = rest.prefix(12).firstIndex(of: 0x0A),
            let count = Int(String(decoding: rest[..<end], as: UTF8.self)), count > 0, end + count < bytes.count
        else { return nil }
        let text = Data(rest[(end + 1)...].prefix(count))
        guard let value = try? JSONDecoder().decode(DiskDescription.self, from: text) else { return nil }
        self = value
    }
}

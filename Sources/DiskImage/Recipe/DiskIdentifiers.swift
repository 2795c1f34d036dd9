/// The identifiers of one disk: random, or made of its key where the same inputs are to give the same bytes.
struct DiskIdentifiers {
    private let key: String?
    /// The root file system's UUID.
    let root: GUID
    /// The seed of the root's hashed directories.
    let hashSeed: GUID
    /// The serial number of the EFI system partition's file system.
    let efiSerial: UInt32

    init(derivedFrom key: String?) {
        self.key = key
        root = Self.make("root file system", key)
        hashSeed = Self.make("hash seed", key)
        efiSerial = Self.make("esp file system", key).bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The identifier of a partition, or of the disk.
    func partition(_ name: String) -> GUID { Self.make("partition \(name)", key) }

    private static func make(_ purpose: String, _ key: String?) -> GUID {
        guard let key else { return .random() }
        return .derived(from: "bcvk \(purpose) \(key)")
    }
}

public import Machine

/// What a partition is for, by the types of the Discoverable Partitions Specification (UAPI Group) and GRUB's own.
public enum PartitionType: Hashable, Sendable {
    /// The EFI system partition.
    case efiSystem
    /// Where GRUB's core image is, for BIOS.
    case biosBoot
    /// The root file system of a machine of this architecture.
    case root(Architecture)
    /// Another type.
    case other(GUID)

    private static let known: [(PartitionType, String)] = [
        (.efiSystem, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"),
        (.biosBoot, "21686148-6449-6e6f-744e-656564454649"),
        (.root(.x86_64), "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"),
        (.root(.aarch64), "b921b045-1df0-41c3-af44-4c6f280d3fae"),
    ]

    /// The type of this identifier.
    public init(_ guid: GUID) {
        self = Self.known.first { $0.1 == guid.description }?.0 ?? .other(guid)
    }

    /// The identifier in the partition table.
    public var guid: GUID {
        if case .other(let guid) = self { return guid }
        let text = Self.known.first { $0.0 == self }?.1
        return text.flatMap { GUID($0) } ?? GUID.zero
    }

    /// What tools call it.
    public var name: String {
        switch self {
        case .efiSystem: "EFI system partition"
        case .biosBoot: "BIOS boot partition"
        case .root(let architecture): "root (\(architecture.rawValue))"
        case .other(let guid): guid.description
        }
    }
}

extension GUID {
    /// The identifier of an unused partition entry.
    package static let zero = GUID(mixedEndian: [UInt8](repeating: 0, count: 16))
}

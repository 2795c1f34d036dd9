/// A size of a machine by its name, as clouds and KubeVirt have them (`u1`: one to four GiB for each CPU).
public enum InstanceType: String, Sendable, Hashable, CaseIterable {
    case nano = "u1.nano"
    case micro = "u1.micro"
    case small = "u1.small"
    case medium = "u1.medium"
    case twoMedium = "u1.2xmedium"
    case large = "u1.large"
    case extraLarge = "u1.xlarge"
    case twoExtraLarge = "u1.2xlarge"
    case fourExtraLarge = "u1.4xlarge"
    case eightExtraLarge = "u1.8xlarge"

    /// How many CPUs.
    public var processors: Int {
        switch self {
        case .nano, .micro, .small, .medium: 1
        case .twoMedium, .large: 2
        case .extraLarge: 4
        case .twoExtraLarge: 8
        case .fourExtraLarge: 16
        case .eightExtraLarge: 32
        }
    }

    /// The memory.
    public var memory: ByteSize {
        switch self {
        case .nano: ByteSize(mebibytes: 512)
        case .micro: ByteSize(mebibytes: 1 << 10)
        case .small: ByteSize(mebibytes: 2 << 10)
        case .medium, .twoMedium: ByteSize(mebibytes: 4 << 10)
        case .large: ByteSize(mebibytes: 8 << 10)
        case .extraLarge: ByteSize(mebibytes: 16 << 10)
        case .twoExtraLarge: ByteSize(mebibytes: 32 << 10)
        case .fourExtraLarge: ByteSize(mebibytes: 64 << 10)
        case .eightExtraLarge: ByteSize(mebibytes: 128 << 10)
        }
    }
}

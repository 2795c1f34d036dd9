/// What an image was built for (OCI image index, "platform").
public struct Platform: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The operating system, as Go names it: linux.
    public var os: String
    /// The processor, as Go names it: amd64, arm64.
    public var architecture: String
    /// A refinement of the processor: v8.
    public var variant: String?

    /// A platform.
    public init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// This machine's.
    public static var host: Platform {
        #if arch(arm64)
            Platform(os: "linux", architecture: "arm64")
        #else
            Platform(os: "linux", architecture: "amd64")
        #endif
    }

    /// Whether an image for the other platform runs here; variants refine, they do not exclude.
    public func runs(_ other: Platform) -> Bool {
        os == other.os && architecture == other.architecture
    }

    public var description: String { ([os, architecture] + (variant.map { [$0] } ?? [])).joined(separator: "/") }
}

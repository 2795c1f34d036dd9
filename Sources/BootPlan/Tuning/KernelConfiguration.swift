package import LinuxSystem

/// How an image's kernel was configured, as `make config` writes it.
package struct KernelConfiguration {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The one of a kernel; nil where it is not in the image.
    package init?(of release: String, in tree: RootDirectory) throws {
        for path in ["/usr/lib/modules/\(release)/config", "/boot/config-\(release)", "/lib/modules/\(release)/config"]
        {
            guard let bytes = try tree.readFileIfPresent(path, limit: 4 << 20) else { continue }
            self.init(bytes)
            return
        }
        return nil
    }

    /// An option's value as it stands there; nil where it is not set.
    package func value(of option: String) -> Substring? {
        let key = "CONFIG_\(option)="
        return ConfigurationLines(bytes, holding: key).first { $0.hasPrefix(key) }?.dropFirst(key.count)
    }
}

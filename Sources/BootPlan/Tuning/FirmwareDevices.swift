package import LinuxSystem

/// The devices of the firmware's tables (ACPI) that some module of a kernel drives, as depmod wrote it down in modules.alias.
package enum FirmwareDevices {
    /// Their ids; nil where the kernel's list is not in the image, or has patterns that are no ids.
    package static func identifiers(of release: String, in tree: RootDirectory) throws -> [String]? {
        for place in ["/usr/lib/modules", "/lib/modules"] {
            guard let bytes = try tree.readFileIfPresent("\(place)/\(release)/modules.alias") else { continue }
            return identifiers(aliases: bytes)
        }
        return nil
    }

    package static func identifiers(aliases: [UInt8]) -> [String]? {
        var found: Set<String> = []
        for line in ConfigurationLines(aliases, holding: "acpi") where line.hasPrefix("alias acpi") {
            // alias acpi*:PNP0C0C:* button
            let words = line.split(separator: " ")
            guard words.count == 3, words[1].hasPrefix("acpi*:"), words[1].hasSuffix(":*") else { return nil }
            let identifier = words[1].dropFirst("acpi*:".count).dropLast(":*".count)
            guard !identifier.isEmpty, identifier.utf8.allSatisfy(isOfIdentifier) else { return nil }
            found.insert(String(identifier))
        }
        return found.sorted()
    }

    private static func isOfIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

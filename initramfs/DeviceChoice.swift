import CGuest

/// Which devices are announced to udev. The host has looked at the image's rules for that.
///
/// The form: lines of words. `skip SUBSYSTEM`: none of its devices; `first SUBSYSTEM`: before all others; `only SUBSYSTEM`: none
/// but those that a line `name SUBSYSTEM PATTERN` is about, or one `driven SUBSYSTEM :ID:ID:…`, ids in a device's alias; `node SUBSYSTEM PATTERN GROUP MODE`: not announced, but the node gets what
/// its rule says, `-` for nothing.
struct DeviceChoice {
    /// What a device's node gets.
    struct Node {
        let group: UInt32?
        let mode: UInt32?
    }

    private struct Pattern {
        let subsystem: [UInt8]
        let name: String
        let node: Node
    }

    private var skipped: [[UInt8]] = []
    private var first: [[UInt8]] = []
    private var chosen: [[UInt8]] = []
    private var names: [Pattern] = []
    private var driven: [(subsystem: [UInt8], identifiers: [UInt8])] = []
    private var nodes: [Pattern] = []

    init(_ text: [UInt8]) {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count >= 2 else { continue }
            let subsystem = Array(words[1])
            if words[0].isText("skip") {
                skipped.append(subsystem)
            } else if words[0].isText("first") {
                first.append(subsystem)
            } else if words[0].isText("only") {
                chosen.append(subsystem)
            } else if words[0].isText("driven"), words.count == 3 {
                driven.append((subsystem, Array(words[2])))
            } else if words[0].isText("name"), words.count == 3 {
                names.append(
                    Pattern(subsystem: subsystem, name: Self.text(words[2]), node: Node(group: nil, mode: nil)))
            } else if words[0].isText("node"), words.count == 5 {
                let node = Node(group: Self.number(words[3], radix: 10), mode: Self.number(words[4], radix: 8))
                nodes.append(Pattern(subsystem: subsystem, name: Self.text(words[2]), node: node))
            }
        }
    }

    /// Whether a subsystem has devices to be looked at.
    func takes(_ subsystem: [UInt8]) -> Bool { !skipped.contains { $0 == subsystem } }

    /// Whether its devices come before all others.
    func isFirst(_ subsystem: [UInt8]) -> Bool { first.contains { $0 == subsystem } }

    /// Whether a device is announced.
    /// - Parameter alias: what its driver is found by (the file modalias); asked for only where it matters.
    func announces(_ name: String, of subsystem: [UInt8], alias: () -> [UInt8]) -> Bool {
        if !chosen.contains(where: { $0 == subsystem }) || Self.find(name, of: subsystem, in: names) != nil {
            return true
        }
        guard let own = driven.first(where: { $0.subsystem == subsystem }) else { return false }
        // acpi:PNP0C0C:PNP0C0D:
        let colon = UInt8(ascii: ":")
        let words = alias().split(whereSeparator: { $0 == colon || $0 == UInt8(ascii: "\n") }).dropFirst()
        return words.contains { Self.holds(own.identifiers, [colon] + $0 + [colon]) }
    }

    private static func holds(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        text.withUnsafeBytes { text in
            part.withUnsafeBytes { guest_holds(text.baseAddress, text.count, $0.baseAddress, $0.count) }
        }
    }

    /// What a device's node gets in place of being announced; nil for one that is.
    func node(_ name: String, of subsystem: [UInt8]) -> Node? { Self.find(name, of: subsystem, in: nodes) }

    private static func find(_ name: String, of subsystem: [UInt8], in patterns: [Pattern]) -> Node? {
        for pattern in patterns where pattern.subsystem == subsystem && guest_matches(pattern.name, name) {
            return pattern.node
        }
        return nil
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func number(_ bytes: ArraySlice<UInt8>, radix: UInt32) -> UInt32? {
        var number: UInt32 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), UInt32(byte - UInt8(ascii: "0")) < radix, number < 1 << 24 else {
                return nil
            }
            number = number * radix + UInt32(byte - UInt8(ascii: "0"))
        }
        return bytes.isEmpty ? nil : number
    }
}

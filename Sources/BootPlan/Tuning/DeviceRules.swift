internal import Glibc
package import LinuxSystem

/// An image's rules for devices (udev(7)), as far as they are about one that has no parent and no properties of its own: terminals of
/// a screen, modules. What they do to such a one can be told before it is there.
package struct DeviceRules: Sendable {
    /// What becomes of a device's node.
    package struct Permissions: Sendable, Equatable {
        package var owner: String?
        package var group: String?
        package var mode: String?

        package init(owner: String? = nil, group: String? = nil, mode: String? = nil) {
            self.owner = owner
            self.group = group
            self.mode = mode
        }

        /// Whether nothing does.
        package var isNone: Bool { self == Permissions() }
    }

    /// Each file's lines.
    private let files: [[Line]]

    /// Reads them all.
    package init(of tree: RootDirectory) throws {
        let places = [
            "/etc/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d",
        ]
        // A file hides those of its name in later places.
        var found: [String: String] = [:]
        for place in places {
            for entry in try tree.entries(place) where entry.name.hasSuffix(".rules") {
                if found[entry.name] == nil { found[entry.name] = "\(place)/\(entry.name)" }
            }
        }
        // Many more than any system has: nobody means well with them.
        guard found.count <= Self.fileLimit else { throw SystemError("read", places[2], errno: E2BIG) }
        var total = 0
        try self.init(
            texts: found.sorted { $0.key < $1.key }.map { _, path in
                // A link to /dev/null says that there is none.
                if try tree.linkTarget(path) == "/dev/null" { return [] }
                let bytes = try tree.readFileIfPresent(path, limit: 1 << 20) ?? []
                total += bytes.count
                guard total <= Self.byteLimit else { throw SystemError("read", path, errno: EFBIG) }
                return bytes
            })
    }

    private static let fileLimit = 2000
    private static let byteLimit = 8 << 20
    private static let nameLimit = 500

    package init(texts: [[UInt8]]) throws {
        files = texts.map(Self.lines)
    }

    /// The names that a subsystem's devices must have for some rule to be about them, where they have no nodes; nil where rules may be
    /// about any of them.
    package func namesWithRules(in subsystem: String) -> [String]? {
        var names: [String] = []
        var known: Set<String> = []
        // The way of a device that has none of them.
        let none = "\u{1}"
        let isToldOfAll = follow(subsystem, none, hasNode: false) { line in
            let others = line.filter { !$0.isOfName }
            if applies(others, subsystem, none, false) == false { return true }
            for word in line where word.isMatch && word.isOfName {
                if word.hasPrefix { return false }
                for name in word.value.split(separator: "|").map(String.init) where known.insert(name).inserted {
                    names.append(name)
                }
                if names.count > Self.nameLimit { return false }
            }
            return true
        } assigning: { _ in
            false
        }
        return isToldOfAll ? names : nil
    }

    /// Whether rules name some of these devices and not others.
    package func divide(_ names: [String]) -> Bool {
        var seen: Set<String> = []
        for word in files.joined().joined() where word.isMatch && word.isOfName {
            if word.hasPrefix { return true }
            guard seen.insert(word.value).inserted else { continue }
            let count = names.count { word.matches($0) == (word.operation == "==") }
            if count > 0 && count < names.count { return true }
        }
        return false
    }

    /// Whether rules may be about devices of the firmware's tables by their drivers or aliases.
    package var nameFirmwareDevices: Bool {
        files.joined().contains { line in
            let subsystem = line.first { $0.key == "SUBSYSTEM" && $0.operation == "==" }
            if let subsystem { return subsystem.matches("acpi") != false }
            return line.contains {
                $0.isMatch && ($0.key == "DRIVER" || $0.key == "ENV{DRIVER}" || $0.key == "ENV{MODALIAS}")
                    && !$0.asksOnlyWhetherThere
            }
        }
    }

    /// What becomes of one device; nil where that cannot be told, or more than its node is changed.
    package func permissions(subsystem: String, name: String) -> Permissions? {
        var result = Permissions()
        let isTold = follow(subsystem, name, hasNode: true) { _ in
            true
        } assigning: { word in
            // Others are final, or take something away.
            guard word.operation == "=" else { return false }
            switch word.key {
            case "OWNER": result.owner = word.value
            case "GROUP": result.group = word.value
            case "MODE": result.mode = word.value
            default: return false
            }
            return true
        }
        return isTold ? result : nil
    }

    /// Goes the way of one device through all rules.
    /// - Parameters:
    ///   - look: is shown each line on the way, whether it is about the device or not.
    ///   - assign: is shown what a line that is about the device does, but for its jumps.
    /// - Returns: whether the way could be told to its end; false also where one of the two has had enough and said false.
    private func follow(
        _ subsystem: String, _ name: String, hasNode: Bool, seeing look: (Line) -> Bool,
        assigning assign: (Word) -> Bool
    ) -> Bool {
        for file in files {
            var label: String?
            for line in file {
                if let wanted = label {
                    guard line.contains(where: { $0.key == "LABEL" && $0.value == wanted }) else { continue }
                    label = nil
                }
                guard look(line) else { return false }
                guard let isSure = applies(line, subsystem, name, hasNode) else {
                    if line.allSatisfy({ $0.isMatch || $0.key == "LABEL" }) { continue }
                    return false
                }
                if !isSure { continue }
                for word in line where !word.isMatch && word.key != "LABEL" {
                    if word.key == "GOTO" {
                        label = word.value
                    } else if !assign(word) {
                        return false
                    }
                }
            }
        }
        return true
    }

    /// Whether a line is about the device; nil where that cannot be told.
    private func applies(_ line: Line, _ subsystem: String, _ name: String, _ hasNode: Bool) -> Bool? {
        var isKnown = true
        for word in line {
            let answer: Bool? =
                switch word.key {
                case "IMPORT{parent}": false
                case _ where !word.isMatch: true
                case "ACTION": word.matches("add")
                case "SUBSYSTEM", "SUBSYSTEMS", "ENV{SUBSYSTEM}": word.matches(subsystem)
                case "KERNEL", "KERNELS": word.matches(name)
                case "ENV{DEVPATH}", "ENV{SEQNUM}": word.asksOnlyWhetherThere ? word.matches("x") : nil
                case "ENV{MAJOR}", "ENV{MINOR}", "ENV{DEVNAME}":
                    if hasNode {
                        word.asksOnlyWhetherThere ? word.matches("x") : nil
                    } else {
                        word.matches("")
                    }
                case "DRIVER", "DRIVERS", "TAG", "TAGS": word.matches("")
                case let key where key.hasPrefix("ENV{"): word.matches("")
                default: nil
                }
            if answer == false { return false }
            if answer == nil { isKnown = false }
        }
        return isKnown ? true : nil
    }

    // MARK: Form

    private typealias Line = [Word]

    /// `KEY OPERATION "VALUE"`, the value perhaps with a letter before it.
    private struct Word {
        let key: String
        let operation: String
        let value: String
        let hasPrefix: Bool

        var isMatch: Bool { operation == "==" || operation == "!=" }

        /// Whether it is about a device's own name.
        var isOfName: Bool { key == "KERNEL" || key == "KERNELS" }

        /// Whether any value is as good as another.
        var asksOnlyWhetherThere: Bool { ["", "?*", "*"].contains(value) }

        /// Whether a value is what a match asks for; nil where the pattern is of a kind that is not understood.
        func matches(_ text: String) -> Bool? {
            if hasPrefix { return nil }
            let patterns = value.split(separator: "|", omittingEmptySubsequences: false)
            let isFound = patterns.contains { fnmatch(String($0), text, 0) == 0 }
            return isFound == (operation == "==")
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [Line] {
        var result: [Line] = []
        var pending: [UInt8] = []
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let text = part.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            // A comment between the parts of a line is passed over.
            if text.first == UInt8(ascii: "#") { continue }
            if text.last == UInt8(ascii: "\\") {
                pending += text.dropLast()
                continue
            }
            pending += text
            if !pending.isEmpty { result.append(words(pending[...])) }
            pending = []
        }
        return result
    }

    private static func words(_ line: ArraySlice<UInt8>) -> Line {
        var words: Line = []
        var rest = line
        let quote = UInt8(ascii: "\"")
        while true {
            rest = rest.drop { $0 == UInt8(ascii: ",") || $0 <= UInt8(ascii: " ") }
            guard !rest.isEmpty else { return words }
            // What is in braces belongs to the key, whatever it is.
            var isInBraces = false
            let key = rest.prefix { byte in
                if byte == UInt8(ascii: "{") { isInBraces = true }
                if byte == UInt8(ascii: "}") { isInBraces = false }
                return isInBraces || !(byte <= UInt8(ascii: " ") || "=!+-:".utf8.contains(byte))
            }
            rest = rest[key.endIndex...].drop { $0 <= UInt8(ascii: " ") }
            let operation = rest.prefix { "=!+-:".utf8.contains($0) }
            rest = rest[operation.endIndex...].drop { $0 <= UInt8(ascii: " ") }
            let prefix = rest.prefix { $0 != quote }
            guard !operation.isEmpty, let start = rest[prefix.endIndex...].first, start == quote else {
                // Not understood: it stands for itself, and nothing can be told of the line.
                words.append(Word(key: "?", operation: "==", value: "", hasPrefix: true))
                words.append(Word(key: "?", operation: "=", value: "", hasPrefix: true))
                return words
            }
            rest = rest[(prefix.endIndex + 1)...]
            var value: [UInt8] = []
            while let byte = rest.popFirst(), byte != quote {
                if byte == UInt8(ascii: "\\"), rest.first == quote { _ = rest.popFirst() }
                value.append(byte)
            }
            words.append(
                Word(
                    key: String(decoding: key, as: UTF8.self), operation: String(decoding: operation, as: UTF8.self),
                    value: String(decoding: value, as: UTF8.self), hasPrefix: !prefix.isEmpty))
        }
    }
}

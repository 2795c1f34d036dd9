internal import LinuxSystem
internal import SystemPackage

/// The end of a log, made fit for a terminal.
package enum ConsoleTail {
    /// The last lines with content, control characters left out: what a guest writes must not reach the user's terminal.
    static func lines(of path: FilePath, count: Int = 12) -> [String] {
        guard let file = try? OwnedDescriptor(opening: path, .readOnly), let size = try? file.status().size else {
            return []
        }
        let span: Int64 = 16 << 10
        if size > span { _ = try? file.borrowed.seek(offset: size - span, from: .start) }
        guard let bytes = try? file.readToEnd(limit: 64 << 10, subject: path.string) else { return [] }
        return Array(lines(in: bytes).suffix(count))
    }

    package static func lines(in bytes: [UInt8]) -> [String] {
        bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            let text = printable(line)
            return text.allSatisfy(\.isWhitespace) ? nil : text
        }
    }

    /// Drops escape sequences (ECMA-48) and what else is not for print.
    static func printable(_ line: ArraySlice<UInt8>) -> String {
        var kept: [UInt8] = []
        var rest = line
        while let byte = rest.popFirst() {
            if byte == escape {
                skipSequence(&rest)
            } else if byte >= 0x20, byte != 0x7F {
                kept.append(byte)
            }
        }
        // C1 controls and marks of direction arrive as several bytes of UTF-8.
        return PrintableText.of(String(decoding: kept, as: UTF8.self))
    }

    private static let escape: UInt8 = 0x1B
    private static let bell: UInt8 = 0x07

    /// What follows an escape: a control sequence up to its final byte, a control string up to its terminator, or one byte.
    private static func skipSequence(_ rest: inout ArraySlice<UInt8>) {
        switch rest.popFirst() {
        case UInt8(ascii: "["):
            while let byte = rest.popFirst(), !(0x40...0x7E).contains(byte) {}
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            while let byte = rest.popFirst(), byte != bell {
                if byte == escape {
                    rest = rest.dropFirst()
                    return
                }
            }
        default: break
        }
    }
}

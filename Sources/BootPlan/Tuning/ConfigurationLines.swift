/// The lines of a small configuration file that say something.
///
/// They are found as bytes: text is taken apart by characters far more slowly, and this is done at each start of a machine.
package struct ConfigurationLines: Sequence {
    private let lines: [Substring]

    /// - Parameters:
    ///   - comments: what a line begins with that says nothing.
    ///   - word: what a line must hold to be of interest.
    package init(_ bytes: [UInt8], comments: [Unicode.Scalar] = ["#"], holding word: String = "") {
        let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        let marks = comments.map { UInt8(ascii: $0) }
        let word = Array(word.utf8)
        lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let text = line.drop(while: blanks.contains)
            guard let first = text.first, !marks.contains(first), Self.holds(text, word) else { return nil }
            return Substring(decoding: text, as: UTF8.self)
        }
    }

    package var isEmpty: Bool { lines.isEmpty }

    package func makeIterator() -> IndexingIterator<[Substring]> { lines.makeIterator() }

    private static func holds(_ line: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        guard let first = word.first else { return true }
        var rest = line
        while let index = rest.firstIndex(of: first) {
            if rest[index...].starts(with: word) { return true }
            rest = rest[(index + 1)...]
        }
        return false
    }
}

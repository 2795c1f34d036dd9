/// An element of an XML document: enough to write one, with everything escaped that has a meaning.
struct XMLElement {
    private let name: String
    private let attributes: [(String, String)]
    private let children: [XMLElement]
    private let text: String?

    /// An element that holds others, or nothing.
    init(_ name: String, _ attributes: [(String, String)] = [], _ children: [XMLElement] = []) {
        self.name = name
        self.attributes = attributes
        self.children = children
        text = nil
    }

    /// An element that holds text.
    init(_ name: String, _ attributes: [(String, String)] = [], text: String) {
        self.name = name
        self.attributes = attributes
        children = []
        self.text = text
    }

    /// The element as lines.
    func rendered(indent: Int = 0) -> String {
        let space = String(repeating: " ", count: indent)
        let words = attributes.map { " \($0.0)=\"\(Self.escaped($0.1))\"" }.joined()
        if let text { return "\(space)<\(name)\(words)>\(Self.escaped(text))</\(name)>\n" }
        if children.isEmpty { return "\(space)<\(name)\(words)/>\n" }
        let inner = children.map { $0.rendered(indent: indent + 2) }.joined()
        return "\(space)<\(name)\(words)>\n\(inner)\(space)</\(name)>\n"
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            // Other control characters are not allowed in XML at all.
            case "\n", "\t": result += "&#\(character.value);"
            case _ where character.value < 0x20: continue
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

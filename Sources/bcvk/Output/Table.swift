import LinuxSystem

/// Columns of text for people.
struct Table {
    private var rows: [[String]]

    /// A table with its column heads.
    init(_ heads: [String]) {
        rows = [heads]
    }

    /// Adds a row; what is not for print in its cells is left out.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { PrintableText.of($0) })
    }

    /// The rows with columns of equal width, two spaces apart.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return padded.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

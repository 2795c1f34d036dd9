import ImageStore
import Machine

/// What was removed, as `images rm` and `images prune` show it.
struct RemovalOutput: Encodable {
    let removed: [RemovedItem]
    let freedBytes: Int64

    enum CodingKeys: String, CodingKey {
        case removed
        case freedBytes = "freed_bytes"
    }

    init(removed: [RemovedItem]) {
        self.removed = removed
        freedBytes = removed.reduce(0) { $0 + $1.bytes }
    }

    /// The names of the images on standard output, and a summary beside it.
    func print(json: Bool, isTrial: Bool = false) throws {
        if json { return try StandardOutput.form(self) }
        for item in removed where item.kind == .image { try StandardOutput.line(item.id) }
        let counts = RemovedItem.Kind.allCases.compactMap { kind -> String? in
            let count = removed.count { $0.kind == kind }
            return count == 0 ? nil : "\(count) \(kind.rawValue)\(count == 1 || kind == .derived ? "" : "s")"
        }
        guard !counts.isEmpty else { return Message.say("nothing to remove") }
        let size = ByteSize(bytes: UInt64(max(0, freedBytes))).description
        Message.say("\(isTrial ? "would remove" : "removed") \(counts.joined(separator: ", ")): \(size)")
    }
}

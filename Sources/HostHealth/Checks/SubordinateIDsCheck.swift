package import LinuxSystem

/// Whether an ordinary user may have files that belong to others.
package enum SubordinateIDsCheck {
    private static let id = "subordinate_ids"
    /// Ids of this number and above are in no image that keeps to 16 bits, and in few others.
    private static let enough: UInt32 = 65_535

    static func look() -> Finding {
        do {
            return finding(try UserNamespaceMap.forCurrentUser())
        } catch {
            return Finding(id, .problem, failure: error)
        }
    }

    /// - Parameter map: nil for root.
    package static func finding(_ map: UserNamespaceMap?) -> Finding {
        guard let map else { return Finding(id, .ok, "root needs none") }
        let count = min(map.users.count, map.groups.count)
        let facts: [String: Fact] = [
            "user_ids": .number(Int64(map.users.count)), "group_ids": .number(Int64(map.groups.count)),
        ]
        guard count >= enough else {
            return Finding(
                id, .note, "only \(count): files of an image with higher owners cannot be unpacked",
                cure: "give the user 65536 of them in /etc/subuid and /etc/subgid", facts: facts)
        }
        return Finding(
            id, .ok,
            "users \(map.users.first) to \(last(map.users)), groups \(map.groups.first) to \(last(map.groups))",
            facts: facts)
    }

    private static func last(_ range: SubordinateRange) -> UInt64 { UInt64(range.first) + UInt64(range.count) - 1 }
}

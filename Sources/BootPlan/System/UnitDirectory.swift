package import LinuxSystem

/// Units of an image, as far as files tell.
package struct UnitDirectory {
    private let tree: RootDirectory

    package init(_ tree: RootDirectory) {
        self.tree = tree
    }

    /// Whether there is a unit of this name.
    package func exists(_ unit: String) throws -> Bool {
        try ["/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system"].contains {
            try tree.status("\($0)/\(unit)") != nil
        }
    }

    /// The text of a unit that is as its package has it; nil where there is none, or something has been put over or beside it.
    package func unchangedText(_ unit: String) throws -> String? {
        let places = ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"]
        for place in places {
            guard try tree.status("\(place)/\(unit).d") == nil else { return nil }
        }
        for place in places.dropLast() {
            guard try tree.status("\(place)/\(unit)", followLinks: false) == nil else { return nil }
        }
        for place in [places[2], "/lib/systemd/system"] {
            guard let bytes = try tree.readFileIfPresent("\(place)/\(unit)", limit: 1 << 20) else { continue }
            return String(decoding: bytes, as: UTF8.self)
        }
        return nil
    }

    /// Whether a target wants it by a link in /etc or /usr.
    package func isWanted(_ unit: String, by target: String) throws -> Bool {
        try ["/etc/systemd/system", "/usr/lib/systemd/system"].contains {
            try tree.status("\($0)/\(target).wants/\(unit)", followLinks: false) != nil
        }
    }

    /// Whether some unit or target wants or requires it by a link in /etc or /usr.
    package func isWanted(_ unit: String) throws -> Bool {
        for place in ["/etc/systemd/system", "/usr/lib/systemd/system"] {
            for entry in try tree.entries(place)
            where entry.name.hasSuffix(".wants") || entry.name.hasSuffix(".requires") {
                if try tree.status("\(place)/\(entry.name)/\(unit)", followLinks: false) != nil { return true }
            }
        }
        return false
    }
}

package import ImageStore
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Whether the cache can be written, keeps what images have, and has room.
package enum CacheCheck {
    private static let id = "cache"
    private static let spaceID = "disk_space"
    /// Below it nothing sensible can be unpacked.
    private static let least: UInt64 = 256 << 20
    /// Below it the next larger image may not fit.
    private static let comfortable: UInt64 = 8 << 30
    /// A system has some ten thousand files; layers and trees each have names for all of them.
    private static let comfortableFiles: UInt64 = 200_000

    static func look(_ store: ImageStore) -> [Finding] {
        do {
            let trial = try store.tryOut()
            return [finding(trial), space(trial)]
        } catch {
            return [Finding(id, .problem, failure: error)]
        }
    }

    package static func finding(_ trial: StoreTrial) -> Finding {
        let facts: [String: Fact] = [
            "directory": .text(trial.directory.string), "file_system": .text(trial.fileSystem.kind),
            "hard_links": .flag(trial.hasHardLinks), "attributes": .flag(trial.hasAttributes),
            "modes": .flag(trial.keepsModes), "case_sensitive": .flag(trial.tellsCaseApart),
        ]
        let place = "\(trial.directory) (\(trial.fileSystem.kind))"
        let cure = "set BCVK_CACHE to a directory of a Linux file system (ext4, xfs, btrfs)"
        let lacking = [
            trial.hasHardLinks ? nil : "hard links", trial.keepsModes ? nil : "modes",
            trial.tellsCaseApart ? nil : "names that differ in case only",
        ].compactMap(\.self)
        guard lacking.isEmpty else {
            return Finding(
                id, .problem, "\(place) does not keep \(lacking.joined(separator: ", "))", cure: cure, facts: facts)
        }
        if !trial.hasAttributes {
            return Finding(
                id, .note, "\(place) keeps no extended attributes: capabilities of an image's programs are lost",
                cure: cure, facts: facts)
        }
        if ["tmpfs", "ramfs"].contains(trial.fileSystem.kind) {
            return Finding(
                id, .note, "\(place) is in memory: images take it, and are gone after a restart", cure: cure,
                facts: facts)
        }
        return Finding(id, .ok, "\(place): hard links, attributes, modes", facts: facts)
    }

    package static func space(_ trial: StoreTrial) -> Finding {
        let system = trial.fileSystem
        var facts: [String: Fact] = [
            "free": .number(Int64(clamping: system.free)), "size": .number(Int64(clamping: system.size)),
        ]
        facts["free_files"] = system.freeFiles.map { .number(Int64(clamping: $0)) }
        let free = "\(ByteSize(bytes: system.free)) free of \(ByteSize(bytes: system.size))"
        let cure = "bcvk images prune gives back what nobody needs; or set BCVK_CACHE to a directory with more"
        if system.free < least {
            return Finding(spaceID, .problem, "\(free): too little to unpack an image", cure: cure, facts: facts)
        }
        if let files = system.freeFiles, files < comfortableFiles {
            return Finding(
                spaceID, .note, "\(free), but only \(files) files more: an image has ten thousands", cure: cure,
                facts: facts)
        }
        if system.free < comfortable {
            return Finding(spaceID, .note, "\(free): a large image may not fit", cure: cure, facts: facts)
        }
        return Finding(spaceID, .ok, free, facts: facts)
    }
}

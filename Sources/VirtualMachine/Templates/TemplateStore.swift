internal import FoundationEssentials
internal import Glibc
public import ImageStore
internal import LinuxSystem
public import SystemPackage

/// The saved machines of a cache.
public struct TemplateStore {
    /// One that is there.
    public struct Entry: Sendable {
        /// What it is.
        public let template: MachineTemplate
        /// Its directory.
        public let directory: FilePath
        /// Bytes that it takes on the disk.
        public let size: Int64
        /// When a machine went on from it last, or it was made: seconds since 1970, UTC.
        public let lastUsed: Int64

        /// Whether every program that it depends on is still the one that it was.
        public func isUsable() throws -> Bool { try template.programsAreTheSame() }

        /// The state.
        var files: StateFiles { StateFiles(in: directory) }
    }

    let store: ImageStore

    /// Those of a cache.
    public init(_ store: ImageStore) {
        self.store = store
    }

    static func description(in directory: FilePath) -> FilePath { directory.appending("template.json") }

    /// All, the newest first. A directory that is no template of this version is passed over: `prune` removes it.
    public func all() throws -> [Entry] {
        try store.templateDirectories().compactMap { try entry($0.path) }.sorted {
            $0.template.createdAt > $1.template.createdAt
        }
    }

    /// The one whose key begins so.
    public func matching(_ prefix: String) throws -> Entry {
        let found = try all().filter { $0.template.key.hasPrefix(prefix) }
        guard let first = found.first, !prefix.isEmpty else { throw TemplateError.noSuchTemplate(prefix) }
        guard found.count == 1 else { throw TemplateError.ambiguous(prefix) }
        return first
    }

    /// The one of a key; nil where there is none.
    func find(tree: String, key: TemplateKey) throws -> Entry? {
        try entry(store.templateDirectory(tree: tree, key: key.text))
    }

    /// Removes the one of a key if nobody can read it, so that another can be made.
    func removeUnreadable(tree: String, key: TemplateKey) throws {
        let directory = store.templateDirectory(tree: tree, key: key.text)
        // In this order: one that is published meanwhile is whole.
        if Files.exists(directory), try entry(directory) == nil { try store.removeTemplate(directory) }
    }

    /// Notes that a machine is about to go on from it.
    func noteUse(_ entry: Entry) {
        // Without this a template only looks older than it is.
        utimensat(AT_FDCWD, entry.directory.string, nil, 0)
    }

    /// Removes one.
    public func remove(_ entry: Entry) throws {
        try store.removeTemplate(entry.directory)
    }

    /// Removes those that no machine can go on from any more, since a program is another now or the form is.
    /// - Parameters:
    ///   - all: removes the others too.
    ///   - age: leaves what was used in so many seconds.
    ///   - isTrial: only says what it would do.
    /// - Returns: what was removed: the directories and their bytes.
    public func prune(all: Bool, olderThan age: Int64?, isTrial: Bool) throws -> [(directory: FilePath, size: Int64)] {
        let latest = age.map { Int64(time(nil)) - $0 } ?? Int64.max
        var removed: [(FilePath, Int64)] = []
        for (directory, bytes) in try store.templateDirectories() {
            let isStale = try entry(directory).map { try !$0.template.programsAreTheSame() } ?? true
            guard all || isStale, (lastUse(of: directory) ?? 0) <= latest else { continue }
            removed.append((directory, bytes))
            if !isTrial { try store.removeTemplate(directory) }
        }
        return removed
    }

    private func entry(_ directory: FilePath) throws -> Entry? {
        guard let text = try Files.readIfPresent(Self.description(in: directory), limit: 1 << 20),
            let template = try? JSONDecoder().decode(MachineTemplate.self, from: Data(text)),
            template.version == MachineTemplate.currentVersion
        else { return nil }
        let files = StateFiles(in: directory)
        var status = stat()
        var size: Int64 = 0
        for file in [files.devices, files.memory] {
            guard stat(file, &status) == 0 else { return nil }
            size += Int64(status.st_blocks) * 512
        }
        guard let lastUsed = lastUse(of: directory) else { return nil }
        return Entry(template: template, directory: directory, size: size, lastUsed: lastUsed)
    }

    /// nil where there is no such template any more.
    private func lastUse(of directory: FilePath) -> Int64? {
        var status = stat()
        return stat(directory.string, &status) == 0 ? Int64(status.st_mtim.tv_sec) : nil
    }
}

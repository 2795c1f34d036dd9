public import ContainerImage
internal import LinuxSystem
internal import SystemPackage

/// What a check of an image has found.
public struct CheckReport: Sendable, Hashable, Codable {
    /// How the image is.
    public enum State: String, Sendable, Hashable, Codable {
        case whole, repaired, damaged
    }

    /// Something that is not as it should be.
    public struct Finding: Sendable, Hashable, Codable {
        /// The layer's diff ID; nil for the tree that is made of the layers.
        public let layer: String?
        /// Where, below the root.
        public let path: String
        /// What is wrong, as the end of a sentence that begins with the path.
        public let what: String

        /// As one sentence.
        public var text: String { (layer.map { "layer \($0): " } ?? "tree: ") + "\(path) \(what)" }
    }

    public let reference: String
    public var state: State
    /// What was found, even if it is repaired; of very many the first.
    public var findings: [Finding]
    /// How many there were.
    public var count: Int
    /// Why it is still damaged.
    public var reason: String?
}

extension ImageStore {
    /// Compares an image's layers with what was extracted, and its tree with its layers.
    /// - Parameter repairs: whether what is damaged is extracted again, and fetched again for that where need be.
    public func check(
        _ image: StoredImage, repairs: Bool, registry: RegistryAccess = RegistryAccess(),
        progress: @escaping (Progress) -> Void
    ) throws -> CheckReport {
        var report = CheckReport(reference: image.reference, state: .whole, findings: [], count: 0)
        if image.isInPlace { return report }
        let first = try findings(of: image, repairs: repairs, progress)
        report.add(first)
        if report.count == 0 { return report }
        report.state = .damaged
        if !repairs { return report }
        if first.layers.isEmpty {
            report.state = first.isTreeRepaired ? .repaired : .damaged
            if !first.isTreeRepaired { report.reason = "a machine uses it" }
            return report
        }
        guard try discard(first.layers.keys.compactMap { Digest($0) }, progress) else {
            report.reason = "a machine uses it"
            return report
        }
        progress(.note("\(image.reference) is damaged: unpacking it again"))
        do {
            let again = try self.image(
                try ImageReference(image.reference), freshness: .current, registry: registry, progress: progress)
            let second = try findings(of: again, repairs: true, progress)
            guard second.layers.isEmpty, second.tree == nil || second.isTreeRepaired else {
                report.reason = "it is damaged again: the disk may be failing"
                return report
            }
            report.state = .repaired
        } catch {
            report.reason = "\(error)"
        }
        return report
    }

    private func findings(
        of image: StoredImage, repairs: Bool, _ progress: @escaping (Progress) -> Void
    ) throws -> StoreFindings {
        let use = try beginUse(progress)
        let lock = try FileLock.exclusive(layout.treeLock(image.treeKey), wait: false)
        defer { withExtendedLifetime((use, lock)) {} }
        let request = WorkerRequest(
            cache: layout.directory.string, width: Threads.processors,
            task: .check(layers: image.layers.map(\.diffID), tree: image.treeKey, isInUse: lock == nil || !repairs))
        let result = try worker.run(request, subject: "checking \(image.reference)") { done, total in
            progress(.checking(done: done, total: total))
        }
        guard case .checked(let findings) = result else {
            throw StoreError.workerDied("checking \(image.reference)", reason: "another answer")
        }
        return findings
    }

    /// Removes damaged layers with every tree that is made of them. False when a machine uses one of the trees.
    private func discard(_ layers: [Digest], _ progress: (Progress) -> Void) throws -> Bool {
        guard let hold = try FileLock.exclusive(layout.useLock, wait: true) else { return false }
        defer { withExtendedLifetime(hold) {} }
        let inventory = StoreInventory(layout: layout)
        let trees = Set(
            try records.all().filter { $0.layers.contains { layers.contains($0.diffID) } }.map(\.treeKey))
        for key in trees where try inventory.isInUse(key) { return false }
        let request = WorkerRequest(
            cache: layout.directory.string, width: 1, task: .remove(layers: layers, trees: trees.sorted()))
        _ = try worker.run(request, subject: "removing damaged layers") { _, _ in }
        return true
    }
}

extension CheckReport {
    fileprivate mutating func add(_ found: StoreFindings) {
        for (layer, damage) in found.layers.sorted(by: { $0.key < $1.key }) {
            findings += damage.examples.map { Finding(layer: layer, path: $0.path, what: $0.what) }
            count += damage.count
        }
        if let damage = found.tree {
            findings += damage.examples.map { Finding(layer: nil, path: $0.path, what: $0.what) }
            count += damage.count
        }
    }
}

internal import ContainerImage
import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// The process that writes the store: root of a user namespace for an ordinary user, so that every file can have its owner.
public enum StoreWorker {
    /// Reads a request from one descriptor, does it, and answers on the other. Returns the process's exit code.
    public static func main(input: Int32, output: Int32) -> Int32 {
        umask(0)
        let channel = MessageChannel(output)
        do {
            let request = try JSONDecoder().decode(
                WorkerRequest.self,
                from: Data(try OwnedDescriptor(owning: input).readToEnd(limit: 64 << 20, subject: "request")))
            channel.send(try unpack(request, channel))
            return 0
        } catch {
            channel.send(.failed(message: "\(error)"))
            return 1
        }
    }

    private static func unpack(_ request: WorkerRequest, _ channel: MessageChannel) throws -> WorkerMessage {
        let layout = StoreLayout(directory: FilePath(request.cache))
        let hold = try cleanTemporary(layout)
        defer { withExtendedLifetime(hold) {} }
        let total = request.layers.reduce(0) { $0 + $1.location.size }
        let done = Mutex<Int64>(0)
        // A layer may stand in an image more than once; the empty one often does.
        var distinct: [ResolvedImage.Layer] = []
        for layer in request.layers where !distinct.contains(where: { $0.diffID == layer.diffID }) { distinct.append(layer) }
        let layers = distinct
        try Threads.forEach(layers.count, width: request.width) { index in
            try LayerJob(layout: layout, image: request.image, layer: layers[index]) { count in
                let sum = done.withLock { sum in
                    sum += count
                    return sum
                }
                channel.send(.progress(done: sum, total: total))
            }.run()
        }
        return try buildTree(request, layout)
    }

    private static func buildTree(_ request: WorkerRequest, _ layout: StoreLayout) throws -> WorkerMessage {
        let place = try TemporaryDirectory(in: layout.temporary, name: "tree")
        do {
            let root = layout.root(place.path)
            try Files.createDirectories(root, mode: 0o755)
            let builder = try TreeBuilder(into: root)
            var omitted: [String] = []
            for layer in request.layers {
                let path = layout.layer(layer.diffID)
                let changes = try LayerChanges(
                    decoding: try Files.readWhole(layout.layerChanges(path), limit: 256 << 20))
                try builder.add(layer: layout.layerFiles(path), changes: changes)
                omitted += changes.omitted
            }
            try builder.finish()
            let size = try TreeSize.of(root)
            try Files.writeAtomically(Array(try JSONEncoder().encode(size)), to: layout.size(place.path))
            let directory = try OwnedDescriptor(opening: place.path, .readOnly, options: [.directory])
            try StorePublication.publish(place.path, as: layout.tree(request.tree), directory: directory)
            return .finished(size: size.bytes, entries: size.entries, omitted: omitted)
        } catch {
            try place.remove()
            throw error
        }
    }

    /// Removes what killed runs have left, if nobody works there now, and says that we do.
    private static func cleanTemporary(_ layout: StoreLayout) throws -> FileLock? {
        if let alone = try FileLock.exclusive(layout.temporaryLock, wait: false) {
            defer { withExtendedLifetime(alone) {} }
            for entry in try RootDirectory(layout.temporary).entries("/") {
                try Files.removeTree(layout.temporary.appending(entry.name))
            }
        }
        return try FileLock.shared(layout.temporaryLock, wait: true)
    }
}

/// Lines on a descriptor, from any thread.
private final class MessageChannel: Sendable {
    private let output: Int32
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(_ output: Int32) {
        self.output = output
    }

    func send(_ message: WorkerMessage) {
        last.withLock { last in
            if case .progress = message {
                if let last, last.duration(to: .now) < .milliseconds(50) { return }
                last = .now
            }
            guard let line = try? JSONEncoder().encode(message) else { return }
            // Whoever asked may be gone; then the parent-death signal is on its way.
            _ = (Array(line) + [UInt8(ascii: "\n")]).withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
        }
    }
}

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
        raiseDescriptorLimit()
        return serve(input: input, output: output)
    }

    static func serve(input: Int32, output: Int32) -> Int32 {
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

    /// One descriptor for each level of a tree, and a tree may be deep.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func unpack(_ request: WorkerRequest, _ channel: MessageChannel) throws -> WorkerMessage {
        let layout = StoreLayout(directory: FilePath(request.cache))
        try TemporaryDirectory.clean(layout)
        let total = request.layers.reduce(0) { $0 + $1.location.size }
        let done = Mutex<Int64>(0)
        let layers = distinct(request.layers)
        try Threads.forEach(layers.count, width: request.width) { index in
            try LayerJob(layout: layout, layer: layers[index]) { count in
                let sum = done.withLock { sum in
                    sum += count
                    return sum
                }
                channel.send(.progress(done: sum, total: total))
            }.run()
        }
        let result = try buildTree(request, layout)
        let parts = layers.map { layout.layer($0.diffID) } + [layout.tree(request.tree)]
        try Durability.settle(parts, in: layout.directory)
        return result
    }

    /// A layer may stand in an image more than once; the empty one often does.
    private static func distinct(_ layers: [ResolvedImage.Layer]) -> [ResolvedImage.Layer] {
        var seen: Set<Digest> = []
        return layers.filter { seen.insert($0.diffID).inserted }
    }

    private static func buildTree(_ request: WorkerRequest, _ layout: StoreLayout) throws -> WorkerMessage {
        let final = layout.tree(request.tree)
        // The caller has the tree's lock and found it missing, or not to be believed.
        try Files.removeTree(final)
        let place = try TemporaryDirectory(layout, name: "tree")
        do {
            let root = layout.root(place.path)
            try Files.createDirectories(root, mode: 0o755)
            let builder = try TreeBuilder(into: root)
            for layer in request.layers {
                let path = layout.layer(layer.diffID)
                let changes = try Files.readWhole(layout.layerChanges(path), limit: 256 << 20)
                try builder.add(layer: layout.layerFiles(path), encodedChanges: changes)
            }
            try builder.finish()
            var size = try TreeSize.of(root)
            size.omitted = builder.omitted
            try Files.writeAtomically(Array(try JSONEncoder().encode(size)), to: layout.size(place.path))
            try Durability.markUnsynced(place.path)
            try place.publish(as: final)
            return .finished(size: size.bytes, entries: size.entries, omitted: builder.omitted)
        } catch {
            try place.remove()
            throw error
        }
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

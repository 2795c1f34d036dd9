internal import ContainerImage
import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// The process that writes the store: root of a user namespace for an ordinary user, so that every file can have its owner, and
/// confined to what writing files takes.
public enum StoreWorker {
    /// The words that make the bcvk program call `main`.
    public static let arguments = ["internal", "unpack"]

    /// Reads a request from one descriptor, does it, and answers on the other. Returns the process's exit code.
    public static func main(input: Int32, output: Int32) -> Int32 {
        umask(0)
        raiseDescriptorLimit()
        return serve(input: input, output: output, isConfined: true)
    }

    /// - Parameter isConfined: whether this process gives up all that writing the store does not need.
    static func serve(input: Int32, output: Int32, isConfined: Bool) -> Int32 {
        let channel = MessageChannel(output)
        do {
            let text = try OwnedDescriptor(owning: input).readToEnd(limit: 64 << 20, subject: "request")
            // There was nothing to do.
            if text.isEmpty { return 0 }
            let request = try JSONDecoder().decode(WorkerRequest.self, from: Data(text))
            if isConfined { try Confinement.apply() }
            channel.send(.finished(try execute(request, channel)))
            return 0
        } catch {
            channel.send(.failed(message: "\(error)", damagedBlob: (error as? LayerBlobError)?.blobToFetch))
            return 1
        }
    }

    /// Two descriptors for each level of a tree, and a tree may be deep.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func execute(_ request: WorkerRequest, _ channel: MessageChannel) throws -> WorkerResult {
        let layout = StoreLayout(directory: FilePath(request.cache))
        try TemporaryDirectory.clean(layout) { path in
            if path.lastComponent?.string.hasPrefix(KeptBlobs.sourceName) ?? false {
                try KeptBlobs(layout: layout).adopt(from: path)
            }
        }
        switch request.task {
        case .unpack(let layers, let tree):
            let job = TreeJob(layout: layout, layers: layers.map(\.diffID), key: tree, width: request.width)
            return try unpack(layers, job, request, channel)
        case .check(let layers, let tree, let isInUse):
            let job = CheckJob(layout: layout, layers: layers, key: tree, isInUse: isInUse)
            return .checked(try job.run(width: request.width) { channel.send(.progress(done: $0, total: $1)) })
        case .remove(let layers, let trees):
            for path in layers.map(layout.layer) + trees.map(layout.tree) {
                try TemporaryDirectory.discard(path, layout)
            }
            return .removed
        }
    }

    private static func unpack(
        _ all: [ResolvedImage.Layer], _ tree: TreeJob, _ request: WorkerRequest, _ channel: MessageChannel
    ) throws -> WorkerResult {
        let layout = tree.layout
        let layers = distinct(all)
        let total = layers.reduce(0) { $0 + $1.location.size }
        let done = Mutex<Int64>(0)
        try Threads.forEach(layers.count, width: request.width) { index in
            try job(layout, layers[index], width: request.width, beside: layers.count) { count in
                let sum = done.withLock { sum in
                    sum += count
                    return sum
                }
                channel.send(.progress(done: sum, total: total))
            }.run()
        }
        let made = try make(tree, from: layers, channel)
        // The caller has the tree's lock and found it missing, or not to be believed.
        try tree.publish(made)
        return .unpacked(size: made.size.bytes, omitted: made.size.omitted ?? [])
    }

    /// The work of one layer of several.
    private static func job(
        _ layout: StoreLayout, _ layer: ResolvedImage.Layer, width: Int, beside count: Int,
        _ progress: @escaping @Sendable (Int64) -> Void
    ) -> LayerJob {
        // Threads for a small layer take longer to start than to do it.
        let isPipelined = width > 1 && layer.location.size > 1 << 16
        return LayerJob(
            layout: layout, layer: layer, isPipelined: isPipelined, width: width / count, progress: progress)
    }

    /// Makes the tree. A layer that has lost something since it was extracted is extracted again, once.
    private static func make(
        _ tree: TreeJob, from layers: [ResolvedImage.Layer], _ channel: MessageChannel
    ) throws -> TreeJob.Made {
        var repaired: Set<Digest> = []
        while true {
            do {
                return try tree.make()
            } catch let lost as IncompleteLayer {
                guard let layer = layers.first(where: { $0.diffID == lost.diffID }),
                    repaired.insert(lost.diffID).inserted
                else { throw lost }
                channel.send(.note("\(lost): extracting it again"))
                try TemporaryDirectory.discard(tree.layout.layer(lost.diffID), tree.layout)
                try job(tree.layout, layer, width: tree.width, beside: 1) { _ in }.run()
            }
        }
    }

    /// A layer may stand in an image more than once; the empty one often does.
    private static func distinct(_ layers: [ResolvedImage.Layer]) -> [ResolvedImage.Layer] {
        var seen: Set<Digest> = []
        return layers.filter { seen.insert($0.diffID).inserted }
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

import ContainerImage
import Glibc
import ImageStore
import VirtualMachine

/// The image store, with its progress on the terminal.
struct StoreAccess {
    let store: ImageStore
    private let bar = ProgressBar()

    init() {
        // For measuring what threads are worth.
        let threads = getenv("BCVK_THREADS").flatMap { Int(String(cString: $0)) }.map { max(1, $0) }
        store = ImageStore(
            directory: Places.standard().cache, worker: StoreWorker.arguments, threads: threads)
    }

    /// Finds an image, unpacking it if need be.
    func image(
        _ text: String, _ policy: PullPolicy = .missing, source: RegistryAccess = RegistryAccess()
    ) throws -> StoredImage {
        let reference = try ImageReference(text)
        if policy == .never {
            guard let image = try store.images().first(where: { $0.reference == text }) else {
                throw StoreError.noSuchImage(text)
            }
            return image
        }
        defer { bar.clear() }
        return try store.image(
            reference, freshness: policy == .always ? .current : .cached, registry: source, progress: show)
    }

    /// Shows a step: as a bar on a terminal, elsewhere only what is said in words.
    func show(_ step: ImageStore.Progress) {
        switch step {
        case .note(let note):
            bar.clear()
            Message.say(note)
        case .fetching(let done, let total): bar.show("fetching", done: done, total: total)
        case .unpacking(let done, let total): bar.show("unpacking", done: done, total: total)
        case .checking(let done, let total): bar.show("checking", done: done, total: total)
        }
    }

    /// Ends the bar.
    func clear() { bar.clear() }
}

import ContainerImage
import ImageStore
import VirtualMachine

/// The image store, with its progress on the terminal.
struct StoreAccess {
    let store: ImageStore

    init() {
        store = ImageStore(directory: Places.standard().cache, worker: ["internal", "unpack"])
    }

    /// Finds an image, unpacking it if need be.
    func image(_ text: String, freshness: ImageStore.Freshness) throws -> StoredImage {
        let reference = try ImageReference(text)
        let bar = ProgressBar()
        defer { bar.clear() }
        let image = try store.image(reference, freshness: freshness) { step in
            switch step {
            case .note(let note):
                bar.clear()
                if Terminal.showsProgress { bar.show(note) } else { Message.say(note) }
            case .unpacking(let done, let total): bar.show("unpacking", done: done, total: total)
            }
        }
        return image
    }
}

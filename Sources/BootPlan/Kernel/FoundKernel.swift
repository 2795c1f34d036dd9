/// A kernel that an image has.
public struct FoundKernel: Sendable, Hashable {
    /// How it comes.
    public enum Form: Sendable, Hashable {
        /// A file of its own; its initramfs is another, if there is any.
        case plain(initramfs: String?)
        /// A unified kernel image: kernel, initramfs and more in one PE file.
        case unified
    }

    /// Its release, as `uname -r` says it.
    public let release: String
    /// Where it is in the image.
    public let path: String
    /// How it comes.
    public let form: Form

    /// Where its initramfs is: a path, or nil when it has none.
    public var initramfs: String? {
        switch form {
        case .plain(let initramfs): initramfs
        case .unified: path
        }
    }
}

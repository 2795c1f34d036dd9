/// What may end a wait before its time: a descriptor to watch beside the others, and what is thrown once it is ready.
public struct Interruption {
    /// Readable when there is something to look at.
    public let descriptor: Int32
    /// Looks at it; throws where the wait is to end, and returns where it is to go on.
    public let check: () throws -> Void

    /// Watches a descriptor, which has to live as long as the wait.
    public init(descriptor: Int32, check: @escaping () throws -> Void) {
        self.descriptor = descriptor
        self.check = check
    }

    /// Signals end the wait with the error that is made of their number.
    public init(_ signals: SignalDescriptor, error: @escaping (Int32) -> any Error) {
        self.init(descriptor: signals.descriptor.raw) {
            if let number = try signals.next() { throw error(number) }
        }
    }
}

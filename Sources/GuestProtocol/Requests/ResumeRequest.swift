/// What makes a machine that goes on from a saved state another one than that in which the state was saved.
public struct ResumeRequest: Sendable {
    /// The host's time: seconds since 1970, UTC.
    public var seconds: UInt64
    /// The part of a second.
    public var nanoseconds: UInt32
    /// Random bytes for the kernel's pool, which is a copy of the saved one.
    public var seed: [UInt8]
    /// The machine's own name, id and keys: a `GuestConfiguration` as text.
    public var configuration: [UInt8]

    /// A machine's own things.
    public init(seconds: UInt64, nanoseconds: UInt32, seed: [UInt8], configuration: [UInt8]) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.seed = seed
        self.configuration = configuration
    }

    func write(to writer: inout PayloadWriter) {
        writer.add(seconds)
        writer.add(nanoseconds)
        writer.add(seed)
        writer.add(configuration)
    }

    init(from reader: inout PayloadReader) throws(FrameError) {
        seconds = try reader.number()
        nanoseconds = try reader.number()
        seed = try reader.data()
        configuration = try reader.data()
    }
}

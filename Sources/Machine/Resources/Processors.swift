/// The machine's CPUs.
public struct Processors: Sendable, Hashable, Codable {
    /// How many.
    public var count: Int
    /// QEMU's CPU model with its flags, as `-cpu` takes it; nil for the accelerator's default.
    public var model: String?
    /// Whether the default may lack what only costs time when translated.
    public var isTuned: Bool

    /// So many CPUs of a model.
    public init(count: Int, model: String? = nil, isTuned: Bool = false) {
        self.count = count
        self.model = model
        self.isTuned = isTuned
    }

    func arguments(_ accelerator: Accelerator, _ architecture: Architecture) -> [String] {
        // The model is QEMU's own syntax with its commas, so it is not escaped.
        ["-cpu", model ?? accelerator.defaultCPU(architecture, isTuned: isTuned), "-smp", "\(count)"]
    }
}

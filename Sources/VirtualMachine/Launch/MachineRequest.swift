public import BootPlan
public import GuestProtocol
public import Machine
internal import SystemPackage

/// What a user wants of a machine.
public struct MachineRequest: Sendable {
    /// Its name; nil for one that is made up.
    public var name: MachineName?
    /// Its memory.
    public var memory = ByteSize(mebibytes: 4096)
    /// How many CPUs.
    public var processors = 2
    /// QEMU's CPU model; nil for the accelerator's default.
    public var cpuModel: String?
    /// What executes it.
    public var accelerator = AcceleratorRequest.auto
    /// How its root is laid out; nil to go by the image's label.
    public var root: RootMode?
    /// How it boots.
    public var boot = BootOptions()
    /// Whether its directory goes when it ends well.
    public var removeAtExit = false

    /// A machine as it is when nothing is asked for.
    public init() {}
}

/// The programs and the accelerator for a machine: what can be checked before any image is touched.
public struct MachineHost: Sendable {
    let qemu: FilePath
    let virtiofsd: VirtiofsdProgram
    let guest: FilePath
    /// The accelerator that was chosen, and why.
    public let accelerator: AcceleratorChoice

    /// Looks at this host, and at what of the request has nothing to do with the image.
    public init(_ request: MachineRequest) throws {
        guard request.memory >= Memory.minimum, request.memory <= Memory.maximum else {
            throw MachineError.memoryOutOfRange(
                asked: request.memory.description, smallest: Memory.minimum.description,
                largest: Memory.maximum.description)
        }
        qemu = try QEMUProgram.find()
        virtiofsd = try VirtiofsdProgram.find()
        guest = try GuestProgram.find()
        accelerator = try AcceleratorChoice.make(request.accelerator)
    }
}

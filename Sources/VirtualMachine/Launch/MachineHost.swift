internal import Machine
internal import SystemPackage

/// The programs and the accelerator for a machine: what can be checked before any image is touched.
public struct MachineHost: Sendable {
    let qemu: FilePath
    let virtiofsd: VirtiofsdProgram
    let guest: FilePath
    let resources: HostResources
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
        virtiofsd = try VirtiofsdProgram.find(request.virtiofsd)
        guest = try GuestProgram.find()
        accelerator = try AcceleratorChoice.make(request.accelerator)
        resources = try HostResources(request)
    }
}

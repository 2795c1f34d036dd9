internal import LinuxSystem
internal import Machine
public import SystemPackage

/// The programs and the accelerator for a machine: what can be checked before any image is touched.
public struct MachineHost: Sendable {
    let qemu: FilePath
    let virtiofsd: VirtiofsdProgram
    let guest: FilePath
    let program: FilePath
    private(set) var resources: HostResources
    /// The accelerator that was chosen, and why.
    public let accelerator: AcceleratorChoice
    let translatesInTurn: Bool

    /// Looks at this host, and at what of the request has nothing to do with the image.
    /// - Parameters:
    ///   - cache: the directory of what is kept to save time.
    ///   - program: the bcvk program, which supervises the machine; nil where this process is it.
    public init(_ request: MachineRequest, cache: FilePath, program: FilePath? = nil) throws {
        guard request.memory >= Memory.minimum, request.memory <= Memory.maximum else {
            throw MachineError.memoryOutOfRange(
                asked: request.memory.description, smallest: Memory.minimum.description,
                largest: Memory.maximum.description)
        }
        let answers = ProgramAnswers(cache: cache)
        qemu = try QEMUProgram.find()
        virtiofsd = try VirtiofsdProgram.find(request.virtiofsd, answers: answers)
        self.program = try program ?? ProgramSearch.ownExecutable()
        guest = try GuestProgram.find(beside: self.program)
        accelerator = try AcceleratorChoice.make(request.accelerator)
        translatesInTurn = try QEMUProgram.mustTranslateInTurn(
            qemu, accelerator.accelerator, processors: request.processors, answers)
        resources = try HostResources(request)
    }

    /// The same without directories and disks of this host.
    var withoutPluggable: MachineHost {
        var host = self
        host.resources.shares = []
        host.resources.disks = []
        return host
    }
}

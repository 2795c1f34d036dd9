import ArgumentParser
import BootPlan
import VirtualMachine

/// How a machine is made; the same for every command that starts one.
struct MachineOptions: ParsableArguments {
    @OptionGroup(title: "Machine options")
    var resources: ResourceOptions

    @OptionGroup(title: "Boot options")
    var boot: KernelOptions

    @OptionGroup(title: "Share and disk options")
    var storage: StorageOptions

    @OptionGroup(title: "Network options")
    var network: NetworkOptions

    @OptionGroup(title: "Guest options")
    var guest: GuestOptions

    /// The request that these options make.
    func request(isVerbose: Bool, removeAtExit: Bool) -> MachineRequest {
        var request = MachineRequest()
        resources.apply(to: &request)
        boot.apply(to: &request)
        storage.apply(to: &request)
        network.apply(to: &request)
        guest.apply(to: &request)
        request.boot.isVerbose = isVerbose
        request.removeAtExit = removeAtExit
        return request
    }
}

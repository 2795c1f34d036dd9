internal import BootPlan
internal import LinuxSystem
internal import VirtualMachine

/// Boots an image in a virtual machine, hands the machine to `body`, and ends it when that is done.
///
///     let release = try await withMachine("quay.io/fedora/fedora-bootc:42") { machine in
///         try await machine.execute(["uname", "-r"]).text
///     }
///
/// The machine ends whatever happens: when `body` returns or throws, when its task is cancelled, and also when this process is
/// killed. Nothing is left of it then but what `options` asked to keep. It is ended at once, like one whose plug is pulled;
/// call ``RunningMachine/stop(seconds:)`` in `body` where the guest should have shut down in order.
///
/// The work is done by the `bcvk` program, which has to be installed; see ``MachineOptions/program``. Waiting is done on threads of
/// its own, never on those of Swift's concurrency. SIGPIPE is ignored in this process from the first call on.
///
/// - Parameters:
///   - image: what to boot, in every form that `bcvk ephemeral run` takes: `NAME[:TAG]`, `oci:DIR`, `oci-archive:FILE`,
///     `docker://REF`, `dir:PATH`, and so on. It is unpacked into the cache once.
///   - options: how the machine is to be.
///   - body: what to do with the machine. It is called once, when the guest is as far as ``MachineOptions/readiness`` says.
/// - Returns: what `body` returns.
/// - Throws: ``MachineFailure`` when there is no such machine to be had or it could not be ended; what `body` throws. A cancelled
///   task gets a failure of the kind `cancelled`; an image that is just being unpacked is first unpacked to its end.
public func withMachine<Result>(
    _ image: String, _ options: MachineOptions = MachineOptions(), _ body: (RunningMachine) async throws -> Result
) async throws -> Result {
    let session = try await Blocking.run { interruption in try MachineSession(image, options, interruption) }
    let result: Result
    do {
        result = try await body(session.machine)
    } catch {
        // What went wrong first is what the caller wants to know.
        do { try await session.end() } catch { options.notice("\(error)") }
        throw error
    }
    try await session.end()
    return result
}

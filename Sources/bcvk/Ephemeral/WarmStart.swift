import ArgumentParser
import ImageStore
import LinuxSystem
import VirtualMachine

/// The template of a machine that is asked to start warm: the one that is there, or one that is made now.
struct WarmStart {
    let launcher: MachineLauncher
    let signals: SignalDescriptor
    let progress: (ImageStore.Progress) -> Void
    /// How long the boot of a machine that is saved may take; nil for the usual time.
    var bootTimeout: Int?

    /// What the machine has to do with a template. Where there can be none it boots, and the reason is told.
    func template(
        for image: StoredImage, _ request: MachineRequest, kernelImage: StoredImage?
    ) throws -> TemplateUse {
        guard request.isWarm else { return .none }
        if kernelImage != nil {
            throw TemplateError.excluded("--kernel-from", reason: "its service runs once")
        }
        do {
            if let entry = try launcher.template(for: image, request) { return .load(entry) }
            Message.say("bcvk: no template for this image and machine yet: booting one to save it")
            return .load(try make(for: image, request))
        } catch let failure as TemplateError {
            if case .excluded = failure { throw failure }
            Message.say("bcvk: \(failure): booting without a template")
            return .none
        }
    }

    /// Makes the template unless it is there.
    func make(for image: StoredImage, _ request: MachineRequest) throws -> TemplateStore.Entry {
        do {
            return try launcher.makeTemplate(
                of: image, request, seconds: bootTimeout, interruption: GuestWait.Interrupted.by(signals),
                progress: progress)
        } catch let interrupted as GuestWait.Interrupted {
            throw ExitCode(TimeLimit.code(ofSignal: interrupted.signal))
        }
    }
}

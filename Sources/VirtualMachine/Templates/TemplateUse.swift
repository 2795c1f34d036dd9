internal import GuestProtocol
internal import SystemPackage

/// What a machine that is launched has to do with a template.
public enum TemplateUse: Sendable {
    /// Nothing: it boots.
    case none
    /// It boots, and its state is written to these files when it is asked for.
    case save(StateFiles)
    /// It goes on from the state of this one.
    case load(TemplateStore.Entry)

    /// The same for the machine's supervisor.
    /// - Parameter configuration: the machine's own, with the keys to it.
    func state(_ configuration: GuestConfiguration) -> SavedState? {
        switch self {
        case .none: return nil
        case .save(let files): return .save(files)
        case .load(let entry):
            var own = GuestConfiguration(
                rootMode: configuration.rootMode, rootTag: configuration.rootTag,
                initProgram: configuration.initProgram, hostname: configuration.hostname,
                machineID: configuration.machineID)
            own.authorizedKeys = configuration.authorizedKeys
            own.sshUser = configuration.sshUser
            own.hostKey = configuration.hostKey
            own.hostKeyPublic = configuration.hostKeyPublic
            own.shares = configuration.shares
            return .load(
                StateSource(
                    template: entry.directory.string, files: entry.files,
                    qemuVersion: entry.template.qemuVersion, configuration: own.encoded()))
        }
    }
}

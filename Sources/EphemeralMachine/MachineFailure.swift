internal import BootPlan
internal import ContainerImage
internal import GuestProtocol
internal import ImageStore
internal import LinuxSystem
internal import VirtualMachine

/// Why a machine could not be had, or could not do something.
public struct MachineFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is: what a program decides by. `description` is for people.
    public enum Kind: Sendable, Hashable {
        /// What was asked for cannot be: a name that is taken, a port, a directory that is not there.
        case request
        /// This host lacks something: a program, a right, space.
        case host
        /// The image cannot be had, or is not one that boots.
        case image
        /// The guest was not so far in time.
        case notReady
        /// The machine ended before it was done with, or its guest gave up the boot.
        case ended
        /// The guest has no such program, user or directory.
        case programNotFound
        /// The program is there but may not be executed.
        case programForbidden
        /// A copy could not be carried through.
        case copy
        /// The guest could not do it.
        case guest
        /// The calling task was cancelled.
        case cancelled
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// What was tried, on what, and why it failed.
    public let description: String
    /// What can be done about it; nil where that is not known.
    public let hint: String?
    /// The last lines of the guest's console, where they may tell more.
    public let consoleLines: [String]

    init(_ kind: Kind, _ description: String, hint: String? = nil, consoleLines: [String] = []) {
        self.kind = kind
        self.description = description
        self.hint = hint
        self.consoleLines = consoleLines
    }

    init(_ error: any Error) {
        if let failure = error as? MachineFailure {
            self = failure
            return
        }
        let hint = (error as? any HintedError)?.hint
        switch error {
        case is CancellationError: self.init(.cancelled, "the task was cancelled")
        // The machine's own files are gone with it, so these tell of no log.
        case MachineError.ended(let name, let reason, _, let lines):
            self.init(.ended, "machine \(name) ended: \(reason)", consoleLines: lines)
        case MachineError.notReady(let name, let what, let seconds, _, let lines):
            self.init(.notReady, "machine \(name): no \(what) after \(seconds) s", consoleLines: lines)
        case let error as MachineError: self.init(Self.kind(of: error), "\(error)", hint: hint)
        case RequestError.imageLacks, is ImageError, is StoreError, is BootPlanError:
            self.init(.image, "\(error)", hint: hint)
        case is RequestError: self.init(.request, "\(error)", hint: hint)
        case is CopyFailure: self.init(.copy, "\(error)", hint: hint)
        default: self.init(.host, "\(error)", hint: hint)
        }
    }

    private static func kind(of error: MachineError) -> Kind {
        switch error {
        case .nameTaken, .noSuchMachine, .stillRunning, .memoryOutOfRange, .diskInUse, .noNetwork: .request
        case .stateUnusable, .recordUnreadable, .programMissing, .programUnusable, .acceleratorUnusable: .host
        case .imageNotBootable: .image
        case .notRunning, .ended: .ended
        case .notReady: .notReady
        }
    }
}

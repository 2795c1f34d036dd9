public import LinuxSystem

/// Why a machine could not be had.
public enum MachineError: Error, Hashable, Sendable, CustomStringConvertible, HintedError {
    case nameTaken(String, isRunning: Bool)
    case noSuchMachine(String)
    case recordUnreadable(String)
    case notRunning(String, reason: String)
    case stillRunning(String)
    case stateUnusable(String, reason: String)
    case programMissing(String, lookedAt: [String], hint: String)
    case programUnusable(String, reason: String, hint: String?)
    case acceleratorUnusable(String)
    case memoryOutOfRange(asked: String, smallest: String, largest: String)
    case diskInUse(String)
    case noNetwork(String)
    case imageNotBootable(image: String, obstacles: [String])
    case ended(name: String, reason: String, log: String, lastLines: [String])
    case notReady(name: String, what: String, seconds: Int, log: String, lastLines: [String])

    public var description: String {
        switch self {
        case .nameTaken(let name, _): "a machine named \(name) exists already"
        case .noSuchMachine(let name): "no machine named \(name)"
        case .recordUnreadable(let name): "machine \(name): its record (machine.json) is not one of bcvk's"
        case .notRunning(let name, let reason): "machine \(name) does not run: \(reason)"
        case .stillRunning(let name): "machine \(name) is running"
        case .stateUnusable(let path, let reason): "state directory \(path): \(reason)"
        case .programMissing(let program, let places, _):
            "\(program) is not installed (looked at \(places.joined(separator: ", ")))"
        case .programUnusable(let program, let reason, _): "\(program) cannot be used: \(reason)"
        case .acceleratorUnusable(let reason): "KVM cannot be used: \(reason)"
        case .memoryOutOfRange(let asked, let smallest, let largest):
            "\(asked) of memory: a machine takes \(smallest) to \(largest)"
        case .diskInUse(let path): "\(path) is in use by another machine"
        case .noNetwork(let name): "machine \(name) has no network, so there is no way to it by ssh"
        case .imageNotBootable(let image, let obstacles):
            "\(image) cannot boot: \(obstacles.joined(separator: "; "))"
        case .ended(let name, let reason, let log, let lines):
            "machine \(name) ended: \(reason); its console is in \(log)" + Self.quoted(lines)
        case .notReady(let name, let what, let seconds, let log, let lines):
            "machine \(name): no \(what) after \(seconds) s; its console is in \(log)" + Self.quoted(lines)
        }
    }

    public var hint: String? {
        switch self {
        case .nameTaken(let name, let isRunning):
            isRunning ? "choose another --name, or: bcvk ephemeral rm -f \(name)" : "bcvk ephemeral rm \(name)"
        case .noSuchMachine: "bcvk ephemeral ps lists the machines"
        case .recordUnreadable(let name): "bcvk ephemeral rm -f \(name) removes it when it does not run"
        case .stillRunning(let name): "bcvk ephemeral stop \(name), or rm -f"
        case .stateUnusable: "set BCVK_STATE to a directory of your own"
        case .programMissing(_, _, let hint): hint
        case .programUnusable(_, _, let hint): hint
        case .acceleratorUnusable: "--accel auto falls back to TCG by itself"
        case .diskInUse: "with --snapshot several machines may read a disk that none of them changes"
        case .imageNotBootable: "bcvk images inspect shows what the image holds"
        case .noNetwork: "start it with --network user or isolated"
        case .notRunning, .memoryOutOfRange, .ended, .notReady: nil
        }
    }

    private static func quoted(_ lines: [String]) -> String {
        lines.isEmpty ? "" : "; last lines of the console:" + lines.map { "\n    " + $0 }.joined()
    }
}

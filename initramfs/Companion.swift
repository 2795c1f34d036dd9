import CGuest

/// A process beside the one that mounts the root: it loads the other modules and sets the address, on another processor where there is
/// one.
struct Companion {
    private let process: pid_t

    /// Starts it.
    init(_ configuration: GuestConfiguration) {
        process = guest_fork_plainly()
        if process > 0 { return }
        Self.work(configuration)
        if process == 0 { _exit(0) }
    }

    /// Waits until it is done: its modules are there, and the address.
    func wait() {
        if process > 0 { guest_wait(process) }
    }

    private static func work(_ configuration: GuestConfiguration) {
        Preparation.attempt { () throws(GuestError) in
            try Modules.load(.beside)
            if let network = configuration.network { try Network.setUp(network) }
        }
        Preparation.attempt { () throws(GuestError) in
            let later = try Modules.open(.later)
            if later.isEmpty { return }
            // Nobody waits for these. Whoever needs one before it is there waits in the kernel.
            let process = guest_fork_plainly()
            if process > 0 { return }
            Modules.load(later)
            if process == 0 { _exit(0) }
        }
    }
}

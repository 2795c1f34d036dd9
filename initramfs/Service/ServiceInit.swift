import CGuest

/// Process 1 of an image that has no init of its own: it runs what the image was made to run, collects orphans, and powers off when
/// that has ended or somebody asks.
struct ServiceInit {
    private let service: GuestService
    private var process: pid_t = -1
    private var isStopping = false

    /// How long the service may take to end when it is asked.
    private static let stopSeconds: Int32 = 10

    /// From here on a request to end is kept until it can be followed.
    init(_ service: GuestService) {
        self.service = service
        guest_block_init_signals()
    }

    /// Never returns but by an error before the service runs.
    mutating func run() throws(GuestError) {
        process = try start()
        var ending: Ending?
        while ending == nil {
            switch guest_wait_init_signal(isStopping ? Self.stopSeconds : -1) {
            case GUEST_INIT_CHILD: ending = collect()
            case GUEST_INIT_STOP: stop()
            case GUEST_INIT_TIME_OVER: kill(process, SIGKILL)
            default: break
            }
        }
        report(ending ?? .exited(0))
        guest_power_off()
    }

    private func start() throws(GuestError) -> pid_t {
        let account = try ProgramIdentity.find(service.user)
        var environment = ProgramEnvironment(account)
        for word in service.environment { environment.set(word) }
        let directory = service.directory.utf8.isEmpty ? "/" : service.directory
        let program = ProgramStart(
            arguments: service.arguments, environment: environment.words, directory: directory, identity: account,
            streams: (0, 1, 2))
        do throws(ProgramStart.Failure) {
            return try program.start()
        } catch {
            let isDirectory = error.step == GUEST_START_DIRECTORY
            throw GuestError(
                isDirectory ? "change to" : "execute", isDirectory ? directory : service.arguments[0], code: error.code)
        }
    }

    /// Collects all children that have ended, and says how the service did if it is among them.
    private func collect() -> Ending? {
        var ending: Ending?
        var signalled = false
        var code: UInt8 = 0
        while true {
            let child = guest_collect(&signalled, &code)
            if child <= 0 { return ending }
            if child == process { ending = signalled ? .signalled(code) : .exited(code) }
        }
    }

    private mutating func stop() {
        guard !isStopping else { return }
        isStopping = true
        kill(process, Int32(service.stopSignal))
    }

    private func report(_ ending: Ending) {
        let payload = GuestEvent.serviceEnded(ending).payload
        _ = payload.withUnsafeBytes { guest_send_event(Places.events, $0.baseAddress, $0.count) }
    }
}

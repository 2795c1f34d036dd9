import CGuest

/// Process 1 of an image that has no init of its own: it runs what the image was made to run, collects orphans, and powers off when
/// that has ended or somebody asks.
struct ServiceInit {
    private let service: GuestService
    private var process: pid_t = -1
    private var isStopping = false

    /// How long the service may take to end when it is asked.
    private static let stopSeconds: Int32 = 10

    init(_ service: GuestService) {
        self.service = service
    }

    /// Never returns but by an error before the service runs.
    mutating func run() throws(GuestError) {
        guest_block_init_signals()
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
        let arguments = CStrings(service.arguments)
        let variables = CStrings(environment.words)
        let directory = service.directory.utf8.isEmpty ? "/" : service.directory
        var step = GUEST_START_FORK
        let process = account.groups.withUnsafeBufferPointer { groups in
            directory.withCString { directory in
                var program = guest_program()
                program.arguments = UnsafePointer(arguments.pointers)
                program.environment = UnsafePointer(variables.pointers)
                program.directory = directory
                program.user = account.user
                program.group = account.group
                program.groups = groups.baseAddress
                program.group_count = Int32(groups.count)
                program.streams = (0, 1, 2)
                return guest_start(&program, &step)
            }
        }
        guard process > 0 else {
            let subject = step == GUEST_START_DIRECTORY ? directory : service.arguments[0]
            throw GuestError(step == GUEST_START_DIRECTORY ? "change to" : "execute", subject)
        }
        return process
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

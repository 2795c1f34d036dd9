import CGuest

/// A program about to be started, in a session of its own.
struct ProgramStart {
    var arguments: [String]
    var environment: [String]
    var directory: String
    var identity: ProgramIdentity
    /// Its descriptors 0, 1 and 2.
    var streams: (Int32, Int32, Int32)
    var hasTerminal = false

    /// Why it could not be started.
    struct Failure: Error {
        let step: guest_start_step
        let code: Int32
    }

    /// Starts it.
    func start() throws(Failure) -> pid_t {
        let words = CStrings(arguments)
        let variables = CStrings(environment)
        var step = GUEST_START_FORK
        let process = identity.groups.withUnsafeBufferPointer { groups in
            directory.withCString { directory in
                var program = guest_program()
                program.arguments = UnsafePointer(words.pointers)
                program.environment = UnsafePointer(variables.pointers)
                program.directory = directory
                program.user = identity.user
                program.group = identity.group
                program.groups = groups.baseAddress
                program.group_count = Int32(groups.count)
                program.streams = streams
                program.has_terminal = hasTerminal
                return guest_start(&program, &step)
            }
        }
        if process > 0 { return process }
        throw Failure(step: step, code: guest_errno())
    }
}

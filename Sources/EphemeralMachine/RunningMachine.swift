internal import GuestProtocol
internal import LinuxSystem
internal import Machine
internal import SystemPackage
internal import VirtualMachine

/// A machine that runs. It may be used from several tasks at once, and is of no use once `withMachine` has returned.
public struct RunningMachine: Sendable {
    /// What an ssh client needs to reach the guest.
    public struct SSHAccess: Sendable, Hashable {
        /// The host's address.
        public let address: String
        /// The host's port that leads to the guest's ssh server.
        public let port: UInt16
        /// The account to log in as.
        public let user: String
        /// The file of the private key that logs in.
        public let keyFile: String
        /// A block of ssh_config(5) with which `ssh -F` and whatever uses it reach the guest by the machine's name.
        public let configuration: String
    }

    /// A port of this host that leads into the guest.
    public struct Port: Sendable, Hashable {
        /// `tcp` or `udp`.
        public let transport: String
        /// The host's address.
        public let address: String
        /// The host's port, also where any free one was asked for.
        public let hostPort: UInt16
        /// The guest's port.
        public let guestPort: UInt16
    }

    /// Its name in all commands of `bcvk`.
    public let name: String
    /// How ssh reaches it; nil without a network.
    public let ssh: SSHAccess?
    /// The ports that were asked for, in the same order.
    public let ports: [Port]
    private let record: MachineRecord
    private let link: SupervisorLink
    private let notice: @Sendable (String) -> Void

    init(_ record: MachineRecord, _ link: SupervisorLink, notice: @escaping @Sendable (String) -> Void) {
        self.notice = notice
        self.record = record
        self.link = link
        name = record.name
        ssh =
            record.hasSSH
            ? SSHAccess(
                address: "127.0.0.1", port: record.sshPort, user: record.sshUser, keyFile: record.sshKey,
                configuration: SSHConfiguration(record).text + "\n") : nil
        ports = record.ports.map { port in
            Port(
                transport: port.transport.rawValue, address: port.address, hostPort: port.hostPort,
                guestPort: port.guestPort)
        }
    }

    /// Runs a program in the guest to its end, without ssh and without a network.
    ///
    /// No shell looks at the words. When the calling task is cancelled the program is ended.
    /// - Parameters:
    ///   - words: the program and its arguments; a program without a slash is looked for in the guest's `PATH`.
    ///   - input: its standard input, to the byte.
    ///   - environment: variables beside those that every program gets.
    ///   - directory: where it starts; nil for the user's home.
    ///   - user: who runs it, `USER[:GROUP]` as names or numbers; nil for root.
    /// - Returns: how it ended and everything that it wrote. A code other than 0 is no error.
    /// - Throws: a failure of the kind `programNotFound` or `programForbidden` when it could not begin, `ended` when the machine ended
    ///   under it, `cancelled` when the task was.
    public func execute(
        _ words: [String], input: [UInt8] = [], environment: [String: String] = [:], directory: String? = nil,
        user: String? = nil
    ) async throws(MachineFailure) -> Execution {
        var request = ExecuteRequest(words)
        request.environment = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        request.directory = directory ?? ""
        request.user = user ?? ""
        request.hasInput = !input.isEmpty
        return try await Blocking.run { [request, record] interruption in
            try GuestRun(record).execute(request, input: input, interruption)
        }
    }

    /// Runs a line of shell in the guest, by its `/bin/sh`, to its end.
    public func shell(_ line: String, input: [UInt8] = []) async throws(MachineFailure) -> Execution {
        try await execute(["/bin/sh", "-c", line], input: input)
    }

    /// Copies a file or directory of this host into the guest, with modes and times; there it belongs to root.
    /// - Parameters:
    ///   - source: a path of the host; one that ends in `/.` stands for what the directory holds.
    ///   - path: an absolute path of the guest. Into a directory the source goes under its own name, as with cp(1).
    public func copyIn(_ source: String, to path: String) async throws(MachineFailure) {
        try await Blocking.run { [record, notice] interruption in
            try GuestRun(record).finish(
                GuestCopy(record, interruption: interruption).copyIn(source, to: path, warn: notice))
        }
    }

    /// Copies a file or directory of the guest to this host, with modes and times; here it belongs to this process's user.
    /// - Parameters:
    ///   - path: an absolute path of the guest.
    ///   - destination: a path of the host. Into a directory the source goes under its own name, as with cp(1).
    public func copyOut(_ path: String, to destination: String) async throws(MachineFailure) {
        try await Blocking.run { [record] interruption in
            try GuestRun(record).finish(
                GuestCopy(record, interruption: interruption).copyOut(path, to: destination))
        }
    }

    /// Waits until the guest is so far; the guest tells by itself.
    /// - Parameter seconds: how long at most; nil for 240, and 600 where instructions are translated.
    /// - Returns: the units that had failed when the default target was reached; empty before that.
    @discardableResult
    public func wait(
        for readiness: MachineOptions.Readiness, seconds: Int? = nil
    ) async throws(MachineFailure) -> [String] {
        try await Blocking.run { [record] interruption in
            try GuestWait(record, seconds: seconds).wait(for: readiness.goal, interruption: interruption).failedUnits
        }
    }

    /// Waits until the machine has ended by itself, and returns in words how.
    public func waitForEnd() async throws(MachineFailure) -> String {
        try await Blocking.run { [record] interruption in
            try GuestWait(record, seconds: Int(Int32.max) / 1000).wait(for: .stopped, interruption: interruption)
            guard case .ended(_, let reason, _, _) = try GuestWait(record, seconds: nil).ended() else { return "" }
            return reason
        }
    }

    /// Has the guest shut down in order, and returns when the machine has ended.
    /// - Parameter seconds: how long the guest may take until it is ended.
    /// - Returns: whether the guest ended by itself.
    @discardableResult
    public func stop(seconds: Int = 90) async throws(MachineFailure) -> Bool {
        try await Blocking.runWhole { [link] in
            link.shutDown()
            if try link.waitForEnd(milliseconds: seconds * 1000) { return true }
            link.quit()
            _ = try link.waitForEnd(milliseconds: 10_000)
            return false
        }
    }
}

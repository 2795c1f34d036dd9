internal import BootPlan
internal import GuestProtocol
internal import LinuxSystem
internal import Machine
internal import SystemPackage
internal import VirtualMachine

/// The options in the words of the modules that do the work.
extension MachineOptions {
    func request() throws -> MachineRequest {
        var request = MachineRequest()
        if let name {
            guard let valid = MachineName(name) else {
                throw RequestError.forbidden(
                    "name", value: name, rule: "it takes 1 to 63 letters, digits and inner hyphens")
            }
            request.name = valid
        }
        guard memoryMebibytes > 0, (1...512).contains(processors ?? 1) else {
            throw RequestError.forbidden(
                "size", value: "\(memoryMebibytes) MiB, \(processors ?? 1) CPUs",
                rule: "a machine has memory, and 1 to 512 CPUs")
        }
        request.memory = ByteSize(mebibytes: UInt64(memoryMebibytes))
        request.processors = processors ?? Threads.processors
        request.network.mode = network.mode
        request.network.published = try publishedPorts.map { try PortForward(published: $0) }
        request.shares = try shares.map { share in
            try ShareRequest("\(share.directory):\(share.guestPath)", isReadOnly: share.isReadOnly)
        }
        request.guest.environment = try environment.sorted { $0.key < $1.key }.map { name, value in
            try EnvironmentVariable("\(name)=\(value)") { _ in nil }
        }
        request.boot.extraArguments = kernelArguments
        request.root = root?.mode
        request.labels = labels
        if let logDirectory {
            request.logs = try LogRequest(directory: FilePath(logDirectory), console: true, journal: true)
        }
        // Its end before that of the caller's work is a failure, which leaves the reason behind until it is told.
        request.mustNotEnd = true
        request.removeAtExit = true
        return request
    }

    var places: Places {
        let standard = Places.standard()
        return Places(
            cache: cacheDirectory.map { FilePath($0) } ?? standard.cache,
            state: stateDirectory.map { FilePath($0) } ?? standard.state)
    }
}

extension MachineOptions.Readiness {
    var goal: ReadinessGoal {
        switch self {
        case .agent: .agent
        case .ssh: .ssh
        case .boot: .boot
        }
    }
}

extension MachineOptions.Network {
    fileprivate var mode: NetworkRequest.Mode {
        switch self {
        case .user: .user
        case .isolated: .isolated
        case .none: .none
        }
    }
}

extension MachineOptions.Root {
    fileprivate var mode: RootMode {
        switch self {
        case .bootc: .bootc
        case .writable: .writable
        }
    }
}

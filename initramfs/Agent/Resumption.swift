import CGuest

/// Making a machine whose state was saved in another one a machine of its own.
enum Resumption {
    /// - Parameter server: the ssh server that waits for the machine's own key.
    static func apply(_ request: ResumeRequest, server: ServerAwaitingKey?) throws(GuestError) {
        // First of all, so that nothing is made from a pool that others have too.
        let reseeded = request.seed.withUnsafeBytes { guest_reseed($0.baseAddress, $0.count) }
        if reseeded != 0 { throw GuestError("reseed", "random pool") }
        if guest_set_clock(request.seconds, request.nanoseconds) != 0 { throw GuestError("set", "clock") }
        let configuration: GuestConfiguration
        do {
            configuration = try GuestConfiguration(decoding: request.configuration)
        } catch {
            throw GuestError("read", "configuration", reason: error.description)
        }
        let tree = try RootTree("/")
        let formerID = try tree.read("/etc/machine-id")
        try Identity.write(configuration, into: tree)
        if let formerID {
            Preparation.attempt { () throws(GuestError) in
                try Journal.keep(of: formerID, for: configuration.machineID)
            }
        }
        if let server { try server.clear(in: tree) }
        try SSHAccess.write(configuration, into: tree)
        try Shares.mountPlugged(configuration.shares, into: tree)
        if let server {
            server.proceed(with: configuration.hostKey)
        } else if configuration.hostKey != nil {
            // It has read its key when the machine was another.
            let listener = guest_ssh_server()
            if listener > 0 { kill(listener, SIGHUP) }
        }
    }
}

/// Where the guest program keeps what is its own.
enum Places {
    static let directory = GuestPlaces.directory
    /// A copy of this program, for the units that call it.
    static let program = GuestPlaces.program
    /// `NAME=value` lines that every program of the agent gets.
    static let environment = directory + "/environment"
    /// Where the units tell the agent what has happened.
    static let events = directory + "/events"
    /// In it systemd makes a name when it has come so far.
    static let reached = directory + "/reached"
    /// The ssh server was started.
    static let reachedSSH = reached + "/ssh"
}

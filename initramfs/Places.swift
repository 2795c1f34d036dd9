/// Where the guest program keeps what is its own.
enum Places {
    /// Not /run/bcvk: that is where a bcvk that runs in this guest keeps its machines.
    static let directory = "/run/bcvk-guest"
    /// A copy of this program, for the units that call it.
    static let program = directory + "/bcvk-guest"
    /// `NAME=value` lines that every program of the agent gets.
    static let environment = directory + "/environment"
    /// Where the units tell the agent what has happened.
    static let events = directory + "/events"
    /// There when the default target was reached.
    static let booted = directory + "/booted"
    /// What is in the way of nothing but the boot: paths of files, one on each line.
    static let untilBoot = directory + "/until-boot"
}

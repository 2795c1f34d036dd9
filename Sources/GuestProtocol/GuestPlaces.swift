/// Places in the guest that both sides name.
public enum GuestPlaces {
    /// Where the guest program keeps what is its own. Not /run/bcvk: that is where a bcvk that runs in this guest keeps its machines.
    public static let directory = "/run/bcvk-guest"
    /// There when the default target was reached.
    public static let booted = directory + "/booted"
    /// What is in the way of nothing but the boot: paths of files, one on each line, which are removed then.
    public static let untilBoot = directory + "/until-boot"
    /// What is started when the default target was reached: units, one on each line.
    public static let afterBoot = directory + "/after-boot"
    /// A copy of the guest program, for the units that call it.
    public static let program = directory + "/bcvk-guest"
    /// Which devices the guest program announces to udev; the lines are those of `DeviceChoice`.
    public static let announced = directory + "/announced"
}

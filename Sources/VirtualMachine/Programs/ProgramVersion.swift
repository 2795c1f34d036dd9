/// The version of bcvk.
public enum ProgramVersion {
    /// That of these sources (semver.org).
    public static let current = "0.1.0"
}

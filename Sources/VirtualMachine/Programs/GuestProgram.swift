internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// The program that runs in the guest before its init.
public enum GuestProgram {
    /// `BCVK_GUEST`, then beside the bcvk program, then in ../lib/bcvk.
    /// - Parameter program: the bcvk program; nil where this process is it.
    public static func find(beside program: FilePath? = nil) throws -> FilePath {
        let own = try (program ?? ProgramSearch.ownExecutable()).removingLastComponent()
        var places = [own.appending("bcvk-guest"), own.removingLastComponent().appending("lib/bcvk/bcvk-guest")]
        if let chosen = getenv("BCVK_GUEST") { places = [FilePath(String(cString: chosen))] }
        guard let found = places.first(where: Files.exists) else {
            throw MachineError.programMissing(
                "bcvk-guest", lookedAt: places.map(\.string), hint: "install it beside bcvk, or set BCVK_GUEST")
        }
        return found
    }
}

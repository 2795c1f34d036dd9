internal import Glibc
internal import SystemPackage

/// Whether programs can be started as bcvk starts those that read images: with a view of the file system of their own, and for an
/// ordinary user in a user namespace with subordinate ids.
public enum NamespaceTrial {
    /// Starts a program that does nothing in such namespaces.
    /// - Parameter map: the ordinary user's; nil for root.
    /// - Throws: what any command would fail with.
    public static func run(map: UserNamespaceMap?) throws {
        guard let program = ProgramSearch.find("true") else { throw SystemError("find", "true", errno: ENOENT) }
        var child = ChildProgram(program)
        child.userNamespace = map
        child.readOnlyDirectory = "/usr"
        let result = try child.run()
        guard result.exit == .exited(0) else { throw SystemError("execute", program.string, errno: EACCES) }
    }
}

import HostHealth
import LinuxSystem
import SystemPackage
import Testing

/// The facts that the checks are about, as they are read on any host.
@Suite("Facts of this host")
struct ThisHostTests {
    @Test("the kernel's own file system is known by its name, and full")
    func fileSystem() throws {
        let facts = try FileSystemFacts(of: "/proc")
        #expect(facts.free == 0)
        #expect(throws: SystemError.self) { try FileSystemFacts(of: "/nonexistent/place") }
    }

    @Test("a program starts in namespaces, or the refusal says what and why")
    func namespaces() throws {
        do {
            try NamespaceTrial.run(map: try UserNamespaceMap.forCurrentUser())
        } catch let error as UserNamespaceError {
            #expect(error.hint != nil)
        } catch let error as SystemError {
            #expect(error.errno == .notPermitted)
        }
    }
}

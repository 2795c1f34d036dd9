import Testing
import VirtualMachine

@Suite("A machine's name")
struct MachineNameTests {
    @Test("is a host name", arguments: ["a", "box-1", "A9", String(repeating: "x", count: 63)])
    func valid(text: String) {
        #expect(MachineName(text)?.text == text)
    }

    @Test(
        "is nothing that leads elsewhere",
        arguments: ["", ".", "..", "a/b", "-a", "a-", "ä", "a b", "lock.", String(repeating: "x", count: 64)])
    func invalid(text: String) {
        #expect(MachineName(text) == nil)
    }

    @Test("that is made up is valid")
    func random() {
        for _ in 0..<100 { #expect(MachineName(MachineName.random().text) != nil) }
    }
}

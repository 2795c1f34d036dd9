import LinuxSystem
import SystemPackage
import Testing
import VirtualMachine

@Suite("How a machine ended")
struct MachineEndTests {
    private func end(
        _ shutdown: String? = nil, asked: Bool = false, exit: LinuxSystem.ExitStatus = .exited(0),
        complaint: String? = nil, console: [String] = []
    ) -> MachineEnd {
        MachineEnd.of(shutdown: shutdown, asked: asked, exit: exit, complaint: complaint, console: console)
    }

    @Test("is no failure when the guest, or we, wished it")
    func wished() {
        #expect(!end("guest-shutdown").failed)
        #expect(!end("guest-reset").failed)
        #expect(!end("host-qmp-quit", asked: true).failed)
        #expect(!end(asked: true, exit: .signalled(9)).failed)
    }

    @Test("is a failure without a word of QEMU's, and its log gives the reason")
    func died() {
        let died = end(exit: .exited(1), complaint: "qemu: cannot allocate memory")
        #expect(died.failed && died.reason.contains("exit code 1") && died.reason.contains("cannot allocate memory"))
        #expect(end(exit: .signalled(9)).failed)
    }

    @Test("names memory where the kernel has killed for want of it")
    func memory() {
        let killed = end(exit: .signalled(9)).forWantOfMemory(limit: 220 << 20)
        #expect(killed.reason.contains("signal 9") && killed.reason.contains("want of memory"))
        #expect(killed.reason.contains("220 MiB"))
        #expect(end(exit: .signalled(9)).forWantOfMemory(limit: nil).reason.contains("this host"))
        #expect(end(asked: true, exit: .signalled(9)).forWantOfMemory(limit: nil).reason == "stopped")
    }

    @Test("is a failure when the console shows a panic, although it looks like a reboot")
    func panic() {
        let panic = end("guest-reset", console: ["x", "[1.0] Kernel panic - not syncing: No working init found.", "y"])
        #expect(panic.failed && panic.reason == "kernel panic: No working init found.")
    }

    @Test("is a failure when the guest program gave up, although it powered off")
    func fatal() {
        let fatal = end("guest-shutdown", console: ["bcvk-guest: fatal: mount /sysroot: No such device"])
        #expect(fatal.failed && fatal.reason == "bcvk-guest: fatal: mount /sysroot: No such device")
    }
}

@Suite("The end of a console")
struct ConsoleTailTests {
    @Test("is shown without anything that a terminal would obey")
    func harmless() {
        let bytes = Array("\u{1B}[31mred\u{1B}[0m\r\n\u{1B}]0;title\u{07}x\n\n   \nlast\u{9B}2J\u{7F}".utf8)
        #expect(ConsoleTail.lines(in: bytes) == ["red", "x", "last2J"])
    }

    @Test("loses control strings whole, however they end")
    func controlStrings() {
        let bytes = Array("a\u{1B}]104\u{1B}\\b\n\u{1B}Psecret\u{07}c\n\u{1B}]never ends\nd\u{1B}=e".utf8)
        #expect(ConsoleTail.lines(in: bytes) == ["ab", "c", "de"])
    }

    @Test("may be anything", arguments: [[], [0x1B], [0x1B, 0x5B], [0xFF, 0xFE, 0x0A, 0x80]] as [[UInt8]])
    func anything(bytes: [UInt8]) {
        #expect(ConsoleTail.lines(in: bytes).count <= 2)
    }
}

@Suite("What this host tells")
struct HostFactsTests {
    @Test(
        "a processor has virtualization or not",
        arguments: [
            ("flags\t\t: fpu vmx sse\n", true), ("flags : fpu svm\n", true), ("flags : fpu vmxnot\n", false),
            ("", false),
        ])
    func processor(text: String, has: Bool) {
        #expect(AcceleratorChoice.processorHasVirtualization(text) == has)
    }

    @Test("the environment decides where things are kept")
    func places() {
        let root = Places.place(isRoot: true, user: 0) { _ in nil }
        #expect(root.cache == "/var/cache/bcvk" && root.state == "/run/bcvk")
        let user = Places.place(isRoot: false, user: 7) { ["HOME": "/h", "XDG_RUNTIME_DIR": "/r"][$0] }
        #expect(user.cache == "/h/.cache/bcvk" && user.state == "/r/bcvk")
        let bare = Places.place(isRoot: false, user: 7) { _ in nil }
        #expect(bare.state == "/tmp/bcvk-7")
        let chosen = Places.place(isRoot: true, user: 0) { ["BCVK_CACHE": "/c", "BCVK_STATE": "/s"][$0] }
        #expect(chosen.cache == "/c" && chosen.state == "/s")
    }
}

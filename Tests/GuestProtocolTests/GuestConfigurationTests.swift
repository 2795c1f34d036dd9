import GuestProtocol
import Testing

@Suite("What the guest is told")
struct GuestConfigurationTests {
    private var full: GuestConfiguration {
        var configuration = GuestConfiguration(
            rootMode: .writable, rootTag: "root", initProgram: "/sbin/init", hostname: "box",
            machineID: String(repeating: "a", count: 32))
        configuration.authorizedKeys = ["ssh-ed25519 AAAA= me", "ssh-rsa BBBB you"]
        configuration.hostKey = "-----BEGIN-----\nabc\\n=\n-----END-----\n"
        configuration.hostKeyPublic = "ssh-ed25519 CCCC\n"
        configuration.sshUnit = "ssh.service"
        configuration.usesResolved = true
        configuration.network = GuestNetwork(
            interfaceName: "enp0s2", address: "10.0.2.15", prefixLength: 24, gateway: "10.0.2.2", resolver: "10.0.2.3")
        configuration.scratchPercent = 50
        return configuration
    }

    @Test("arrives as it was sent")
    func roundTrip() throws {
        #expect(try GuestConfiguration(decoding: full.encoded()) == full)
        let small = GuestConfiguration(
            rootMode: .bootc, rootTag: "r", initProgram: "/i", hostname: "", machineID: "")
        #expect(try GuestConfiguration(decoding: small.encoded()) == small)
    }

    @Test("keeps line ends and backslashes of its values")
    func escapes() throws {
        #expect(try GuestConfiguration(decoding: full.encoded()).hostKey == full.hostKey)
    }

    @Test("may hold keys of a newer host")
    func unknownKeys() throws {
        #expect(try GuestConfiguration(decoding: full.encoded() + Array("news=1\n".utf8)) == full)
    }

    @Test(
        "is refused when it is damaged",
        arguments: [
            ("no equals sign\n", GuestConfigurationError.malformedLine(1)), ("a=\\x\n", .malformedLine(1)),
            ("root-mode=odd\n", .invalidValue(line: 1)), ("prefix-length=33\n", .invalidValue(line: 1)),
            ("scratch-percent=0\n", .invalidValue(line: 1)), ("root-mode=bootc\n", .missingKey), ("", .missingKey),
        ])
    func damaged(text: String, error: GuestConfigurationError) {
        #expect(throws: error) { try GuestConfiguration(decoding: Array(text.utf8)) }
    }
}

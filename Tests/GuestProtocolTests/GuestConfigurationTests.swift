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
            interfaceName: "enp0s2", address: "10.0.2.15", prefixLength: 24, gateway: "10.0.2.2",
            resolvers: ["10.0.2.3", "192.0.2.1"])
        configuration.scratchPercent = 50
        configuration.sshUser = "me"
        configuration.scratchDisk = "scratch"
        configuration.swapDisk = "swap"
        configuration.overlaysUsr = true
        configuration.kernelMounts = [
            GuestMount(source: "none", place: "/sys/x", type: "x", options: "nosuid,size=1", loader: "x.service"),
            GuestMount(source: "y", place: "/run/y", type: "tmpfs", options: "", loader: nil),
        ]
        configuration.environment = ["A=b c", "EMPTY=", "QUOTES=\"'\\n"]
        configuration.shares = [
            GuestShare(tag: "bind0", path: "/run/virtiofs-mnt-a", isReadOnly: true),
            GuestShare(tag: "bind1", path: "/srv/ü=\n", isReadOnly: false),
        ]
        configuration.files = [
            GuestFile(path: "/etc/a", content: .bytes([0, 10, 13, 92, 255]), isPublic: true),
            GuestFile(path: "/etc/b", content: .link(Array("../a".utf8)), isPublic: false),
            GuestFile(path: "/etc/c", content: .bytes([]), isPublic: false),
        ]
        return configuration
    }

    @Test("arrives as it was sent")
    func roundTrip() throws {
        #expect(try GuestConfiguration(decoding: full.encoded()) == full)
        let small = GuestConfiguration(
            rootMode: .bootc, rootTag: "r", initProgram: "/i", hostname: "", machineID: "")
        #expect(try GuestConfiguration(decoding: small.encoded()) == small)
    }

    @Test(
        "keeps every value as it is",
        arguments: [
            "", "a=b=c", "=", "line\nline\n", "\\", "\\n", "\\\n", "\r\t \u{1}", "Bücherkiste", "箱 📦", "e\u{301}",
        ])
    func values(value: String) throws {
        var configuration = full
        configuration.hostKey = value
        configuration.hostname = value
        configuration.authorizedKeys = [value, value]
        let decoded = try GuestConfiguration(decoding: configuration.encoded())
        // Bytes, not characters: the guest has no Unicode tables.
        #expect(decoded.hostKey.map { Array($0.utf8) } == Array(value.utf8))
        #expect(Array(decoded.hostname.utf8) == Array(value.utf8))
        #expect(decoded.authorizedKeys == [value, value])
    }

    @Test("is one line a value, whatever the values hold")
    func lines() {
        var configuration = full
        let count = configuration.encoded().split(separator: 10).count
        configuration.hostname = "a\nroot-tag=other"
        #expect(configuration.encoded().split(separator: 10).count == count)
    }

    @Test("tells every share and every file apart from the one before")
    func groups() throws {
        var configuration = full
        configuration.shares[1].isReadOnly = true
        #expect(configuration != full)
        configuration = full
        configuration.files[2].content = .link([])
        #expect(configuration != full)
        #expect(try GuestConfiguration(decoding: configuration.encoded()).files == configuration.files)
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
            ("share-path=/x\n", .invalidValue(line: 1)), ("\nfile-content=x\n", .invalidValue(line: 1)),
            ("file-link=x\n", .invalidValue(line: 1)),
        ])
    func damaged(text: String, error: GuestConfigurationError) {
        #expect(throws: error) { try GuestConfiguration(decoding: Array(text.utf8)) }
    }

    @Test(
        "says on one line what is wrong with it",
        arguments: [
            (GuestConfigurationError.malformedLine(3), "line 3 is not key=value"),
            (.invalidValue(line: 4), "line 4 has a value that its key does not take"),
            (.missingKey, "root-tag or init is missing"),
        ])
    func descriptions(error: GuestConfigurationError, text: String) {
        #expect(error.description == text)
    }
}

import ImageAnalysis
import Testing

@Suite("os-release")
struct OSReleaseTests {
    @Test("is read with all kinds of quotes")
    func quotes() {
        let release = OSRelease(
            "ID=debian\nPRETTY_NAME=\"Debian \\\"13\\\"\"\nNAME='a b'\n# no=thing\nEMPTY=\nX=1 # tail\n")
        #expect(release.fields["ID"] == "debian")
        #expect(release.fields["PRETTY_NAME"] == "Debian \"13\"")
        #expect(release.fields["NAME"] == "a b")
        #expect(release.fields["EMPTY"] == "")
        #expect(release.fields["X"] == "1")
        #expect(release.fields["no"] == nil)
    }
}

@Suite("dpkg's data base")
struct DpkgDatabaseTests {
    @Test("gives the versions of what is installed")
    func versions() {
        var versions: [String: String] = [:]
        DpkgDatabase.read(
            """
            Package: systemd
            Status: install ok installed
            Version: 257.8-1
            Description: x
             Package: not-this

            Package: gone
            Status: deinstall ok config-files
            Version: 1

            Package: last
            Version: 2
            """, into: &versions)
        #expect(versions == ["systemd": "257.8-1", "last": "2"])
    }
}

@Suite("Presets")
struct PresetsTests {
    private let presets = Presets(
        "enable sshd.service\n# disable sshd.service\ndisable ssh*\nenable getty@.service tty1\ndisable *\n")

    @Test(
        "decide by their first rule that matches",
        arguments: [
            ("sshd.service", true), ("ssh.service", false), ("getty@.service", true), ("other.service", false),
        ])
    func first(unit: String, isEnabled: Bool) {
        #expect(presets.enables(unit) == isEnabled)
    }

    @Test("enable what no rule names")
    func none() {
        #expect(Presets("").enables("x.service"))
    }
}

import BootPlan
import Testing

@Suite("Rules for devices")
struct DeviceRulesTests {
    private func permissions(_ rules: String..., name: String = "tty1") throws -> DeviceRules.Permissions? {
        try DeviceRules(texts: rules.map { Array($0.utf8) }).permissions(subsystem: "tty", name: name)
    }

    @Test("the last rule that is about a node decides")
    func last() throws {
        let rules = """
            # a comment
            SUBSYSTEM=="tty", KERNEL=="tty[0-9]*|hvc[0-9]*", \\
              GROUP="tty", MODE="0600"
            KERNEL=="tty[A-Z]*", GROUP="dialout"
            SUBSYSTEM!="tty", RUN+="x"

            """
        #expect(try permissions(rules) == .init(group: "tty", mode: "0600"))
        #expect(try permissions(rules, "KERNEL==\"tty*\", MODE=\"0666\"") == .init(group: "tty", mode: "0666"))
        #expect(try permissions(rules, name: "ttyS0") == .init(group: "dialout"))
        #expect(try permissions(rules, name: "ptmx")?.isNone == true)
    }

    @Test(
        "what does more than set a node's owner and mode is not told",
        arguments: [
            "SUBSYSTEM==\"tty\", TAG+=\"systemd\"", "KERNEL==\"tty?\", SYMLINK+=\"x\"", "ENV{A}=\"b\"",
            "ENV{X}!=\"y\", RUN+=\"z\"", "ATTR{active}==\"1\", MODE=\"0666\"", "TEST==\"/x\", GOTO=\"end\"",
            "KERNEL==i\"TTY1\", MODE=\"0666\"", "KERNEL==\"tty1\", MODE=", "ENV{MAJOR}==\"4\", MODE=\"0666\"",
            "TAG!=\"seat\", IMPORT{builtin}=\"path_id\"", "nonsense", "KERNEL==\"tty1\", MODE:=\"0666\"",
        ])
    func more(rule: String) throws {
        #expect(try permissions(rule) == nil)
    }

    @Test(
        "what cannot be about such a device says nothing",
        arguments: [
            "ACTION==\"remove\", RUN+=\"x\"", "SUBSYSTEMS==\"usb\", RUN+=\"x\"", "ENV{MODALIAS}!=\"\", RUN+=\"x\"",
            "ENV{ID_SEAT}==\"\", IMPORT{parent}=\"ID_SEAT\"", "TAG==\"uaccess\", RUN+=\"x\"",
            "DRIVERS==\"d\", RUN+=\"x\"",
            "ENV{MAJOR}==\"\", RUN+=\"x\"", "ACTION==\"add\", GOTO=\"e\"\nRUN+=\"x\"\nLABEL=\"e\"",
            "ATTR{a}==\"b\", LABEL=\"c\"", "",
        ])
    func nothing(rule: String) throws {
        #expect(try permissions(rule)?.isNone == true)
    }

    @Test("names that rules of a subsystem are about")
    func names() throws {
        func names(_ rule: String) throws -> [String]? {
            try DeviceRules(texts: [Array(rule.utf8)]).namesWithRules(in: "module")
        }
        #expect(try names("SUBSYSTEM==\"module\", KERNEL==\"fuse|a*\", TAG+=\"t\"") == ["fuse", "a*"])
        #expect(try names("SUBSYSTEM==\"block\", TAG+=\"t\"") == [])
        #expect(try names("SUBSYSTEM==\"module\", TAG+=\"t\"") == nil)
        #expect(try names("SUBSYSTEM==\"module\", KERNEL!=\"a\", TAG+=\"t\"") == nil)
        #expect(try names("TAG==\"x\", SUBSYSTEM!=\"sound\", TAG+=\"t\"") == [])
        #expect(try names("SUBSYSTEM!=\"tty\", GOTO=\"e\"\nTAG+=\"t\"\nLABEL=\"e\"") == [])
        #expect(try names("KERNEL!=\"a|b\", GOTO=\"e\"\nTAG+=\"t\"\nLABEL=\"e\"") == ["a", "b"])
        #expect(try names("SUBSYSTEM==\"module\", ATTR{b}==\"1\", TAG+=\"t\"") == nil)
        #expect(try names("ENV{MAJOR}==\"\", TAG+=\"t\"") == nil)
    }

    @Test("rules that name some devices of many, or those of the firmware")
    func some() throws {
        func rules(_ text: String) throws -> DeviceRules { try DeviceRules(texts: [Array(text.utf8)]) }
        let names = (0...63).map { "tty\($0)" }
        #expect(try rules("KERNEL==\"tty7\", OWNER=\"x\"").divide(names))
        #expect(try rules("KERNEL!=\"tty[2-6]\", OWNER=\"x\"").divide(names))
        #expect(try rules("KERNEL==i\"x\", OWNER=\"x\"").divide(names))
        #expect(try !rules("KERNEL==\"tty[0-9]*|hvc*\", KERNEL!=\"tty\", OWNER=\"x\"").divide(names))
        #expect(try rules("SUBSYSTEM==\"acpi\", RUN+=\"x\"").nameFirmwareDevices)
        #expect(try rules("ENV{MODALIAS}==\"acpi:*\", RUN+=\"x\"").nameFirmwareDevices)
        #expect(try rules("DRIVER==\"battery\", RUN+=\"x\"").nameFirmwareDevices)
        #expect(
            try !rules("SUBSYSTEM==\"usb\", DRIVER==\"d\", RUN+=\"x\"\nENV{MODALIAS}==\"?*\", RUN+=\"y\"")
                .nameFirmwareDevices)
    }

    @Test("more names than anybody has are not looked at")
    func many() throws {
        let rule = "KERNEL==\"" + (0..<200_000).map { "a\($0)" }.joined(separator: "|") + "\", TAG+=\"t\""
        #expect(try DeviceRules(texts: [Array(rule.utf8)]).namesWithRules(in: "module") == nil)
    }
}

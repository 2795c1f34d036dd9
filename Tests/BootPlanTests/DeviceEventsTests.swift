import BootPlan
import GuestProtocol
import LinuxSystem
import Testing

@Suite("devices that are announced")
struct DeviceEventsTests {
    @Test("devices that no rule names")
    func events() throws {
        let unit = "[Service]\nExecStart=-udevadm trigger --type=devices --action=add\n"
        let addition = try #require(DeviceEvents.addition(to: unit, without: ["vc", "drivers"]))
        #expect(
            addition == "[Service]\nExecStart=\nExecStart=-udevadm trigger --type=devices --action=add"
                + " --subsystem-nomatch=vc --subsystem-nomatch=drivers\n")
        #expect(DeviceEvents.addition(to: "[Service]\nExecStart=/bin/other\n", without: ["vc"]) == nil)
        #expect(DeviceEvents.named(in: "SUBSYSTEM==\"block|bdi\", ACTION==\"add\"") == ["block", "bdi"])
        #expect(DeviceEvents.named(in: "KERNEL==\"x\", SUBSYSTEMS==\"wake*\"").contains("wakeup"))
        #expect(!DeviceEvents.named(in: "SUBSYSTEM!=\"?*\"").contains("wakeup"))
        // More is asked of it than is usual: udevadm does it.
        let special = try Tree([
            "usr/lib/systemd/system/systemd-udev-trigger.service": unit
                + "ExecStart=udevadm trigger --subsystem-match=x\n",
            "usr/lib/udev/rules.d/50.rules": "# SUBSYSTEM==\"vc\"\nSUBSYSTEM==\"bdi\", TAG+=\"t\"\n",
        ])
        let files = try special.look { try DeviceEvents.files(in: $0, release: "6") }
        #expect(files.count == 1)
        let text = try Self.text(files[0])
        #expect(text.contains("nomatch=vc") && !text.contains("nomatch=bdi"))
        #expect(DeviceEvents.announcement(of: "ExecStart=-udevadm trigger --type=all --action=change\n") == nil)
        #expect(DeviceEvents.announcement(of: "ExecStart=-udevadm trigger --type=devices --action=add\n") == nil)
        #expect(
            DeviceEvents.announcement(
                of: "ExecStart=-/bin/udevadm trigger --type=all --action=add --prioritized-subsystem=net,tty\n")
                == ["module", "net", "tty"])
    }

    @Test("devices of which only the node's mode is wanted, and modules that no rule names")
    func announced() throws {
        let unit =
            "ExecStart=-udevadm trigger --type=subsystems --action=add\nExecStart=-udevadm trigger --type=devices --action=add\n"
        let tree = try Tree([
            "usr/lib/systemd/system/systemd-udev-trigger.service": unit,
            "usr/lib/udev/rules.d/50.rules": """
            SUBSYSTEM=="tty", KERNEL=="tty[0-9]*|hvc*", GROUP="tty", MODE="0600"
            SUBSYSTEM=="vc", GROUP="7"
            SUBSYSTEM=="module", KERNEL=="fuse|x*", TAG+="systemd"

            """, "etc/group": "root:x:0:\ntty:x:5:\n",
            "usr/lib/modules/6/modules.alias":
                "# x\nalias acpi*:PNP0C0C:* b\nalias acpi*:LNXPWRBN:* b\nalias pci:v1 y\n",
        ])
        let files = try tree.look { try DeviceEvents.files(in: $0, release: "6") }
        #expect(
            try Self.text(files[0])
                == "[Service]\nExecStart=\nExecStart=-/run/bcvk-guest/bcvk-guest announce-devices\n")
        let lines = Set(try Self.text(files[1]).split(separator: "\n"))
        #expect(
            lines.isSuperset(of: ["skip drivers", "first module", "only module", "name module fuse", "name module x*"]))
        #expect(lines.isSuperset(of: ["node tty tty[0-9]* 5 600", "node vc * 7 660"]))
        #expect(lines.isSuperset(of: ["only acpi", "driven acpi :LNXPWRBN:PNP0C0C:"]))
        #expect(!lines.contains("skip vc"))
        func identifiers(_ text: String) -> [String]? { FirmwareDevices.identifiers(aliases: Array(text.utf8)) }
        #expect(identifiers("alias acpi*:A:* x\nalias acpi*:A:* y\n") == ["A"] && identifiers("") == [])
        #expect(identifiers("alias acpi*:A*:* x\n") == nil && identifiers("alias acpi:A x\n") == nil)
    }

    private static func text(_ file: GuestFile) throws -> String {
        let bytes: [UInt8]? = if case .bytes(let bytes) = file.content { bytes } else { nil }
        return String(decoding: try #require(bytes), as: UTF8.self)
    }
}

import LinuxSystem
import QMP
import Testing

/// The commands that show images.
@Suite("images", .serialized)
struct ImagesTests {
    @Test("inspect tells what the image holds")
    func inspect() throws {
        let host = try Host()
        let report = try host.bcvk("images", "inspect", "--json", try host.laboratory.image("debian13")).json()
        #expect(report["architecture"]?.stringValue == "amd64")
        #expect(report["os_id"]?.stringValue == "debian" && report["os_version"]?.stringValue == "13")
        #expect(report["bootc"] == .bool(true))
        #expect(report["layers"]?.elements.count == 2)
        let kernel = try #require(report["kernels"]?.elements.first)
        #expect(kernel["path"]?.stringValue?.hasPrefix("/boot/vmlinuz-6.") == true)
        #expect(kernel["initramfs"] == nil || kernel["initramfs"] == .null)
        #expect(kernel["capabilities"]?["virtiofs"]?.stringValue == "built-in")
        #expect(kernel["capabilities"]?["overlay"]?.stringValue == "module")
        #expect(report["systemd_version"]?.stringValue?.hasPrefix("257") == true)
        #expect(report["services"]?["enabled"]?.strings.contains("bcvk-sample.service") == true)
        #expect(report["ssh_server"]?["enabled"] == .bool(true))
        #expect(report["verdict"]?["bootable"] == .bool(true))
        try JSONForm.named("images inspect").check(report)
    }

    @Test("of a stranger say nothing to a terminal but letters")
    func sequences() throws {
        let host = try Host(sharesCache: false)
        let evil = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}"
        let image = try StoreImages(host).write(
            "evil", [StoreImages.single("etc/os-release", Array("ID=x\nPRETTY_NAME=\"\(evil)Name\"\n".utf8))])
        let report = try host.bcvk("images", "inspect", image)
        #expect(report.exit == .exited(0) && report.text.contains("System: ]0;owned[2J31mName"), "\(report.story)")
        #expect(HostileGuest.isPrintable(report.output) && HostileGuest.isPrintable(report.errorOutput))
        // An archive whose name is the attack.
        let named = try host.bcvk("images", "pull", "oci-archive:/nowhere/\(evil)name")
        #expect(named.exit == .exited(125) && HostileGuest.isPrintable(named.errorOutput), "\(named.story)")
        for listing in [["images", "list"], ["images", "df"], ["images", "check"]] {
            #expect(HostileGuest.isPrintable(try host.bcvk(listing).output), "\(listing)")
        }
    }

    @Test(
        "inspect gives the reasons of a verdict",
        arguments: [
            ("no-kernel", "no kernel found"), ("no-systemd", "no init system found"), ("no-label", "no label"),
        ])
    func verdict(name: String, reason: String) throws {
        let host = try Host()
        let verdict = try #require(
            try host.bcvk("images", "inspect", "--json", try host.laboratory.image(name)).json()["verdict"])
        #expect(verdict["bootable"] == .bool(name == "no-label"))
        let reasons = (verdict["obstacles"]?.strings ?? []) + (verdict["warnings"]?.strings ?? [])
        #expect(reasons.contains { $0.contains(reason) }, "\(reasons)")
    }

    @Test("inspect tells UKI and initramfs apart", arguments: [("debian13-uki", "uki"), ("debian13-dracut", "plain")])
    func forms(name: String, form: String) throws {
        let host = try Host()
        let report = try host.bcvk("images", "inspect", "--json", try host.laboratory.image(name)).json()
        let kernel = try #require(report["kernels"]?.elements.first)
        #expect(report["kernels"]?.elements.count == 1)
        #expect(kernel["form"]?.stringValue == form)
        #expect(kernel["initramfs"]?.stringValue != nil)
    }

    @Test("list shows what was pulled")
    func list() throws {
        let host = try Host()
        let image = try host.laboratory.image("debian13")
        let pulled = try host.bcvk("images", "pull", "--json", image).json()
        let listed = try host.bcvk("images", "list", "--json").json().elements
        for form in [pulled] + listed { try JSONForm.named("images pull").check(form) }
        try JSONForm.named("images df").check(host.bcvk("images", "df", "--json").json())
        try JSONForm.named("images rm").check(host.bcvk("images", "prune", "--all", "--dry-run", "--json").json())
        let checks = try host.bcvk("images", "check", "--json", image).json().elements
        #expect(checks.count == 1)
        for form in checks { try JSONForm.named("images check").check(form) }
        #expect(listed.contains { $0["reference"]?.stringValue == image && $0["digest"] == pulled["digest"] })
    }
}

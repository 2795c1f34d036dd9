import BootPlan
import Testing

@Suite("The order of versions")
struct VersionOrderTests {
    @Test(
        "puts the older first",
        arguments: [
            ("5.15.0-9-generic", "5.15.0-10-generic"), ("6.1.0-37-amd64", "6.12.38+deb13-amd64"),
            ("6.5.0-301.fc39", "6.5.0-301.fc40"), ("1.0~rc1", "1.0"), ("1.0", "1.0^git1"), ("1.0", "1.0.1"),
            ("1", "1a"),
            ("1.009", "1.10"), ("6.12.9", "6.12.10"), ("4.18.0-80.el8", "5.14.0-70.el9"),
        ])
    func order(older: String, newer: String) {
        #expect(VersionOrder.isOlder(older, newer))
        #expect(!VersionOrder.isOlder(newer, older))
    }

    @Test("knows equals", arguments: [("1.0", "1.0"), ("1.010", "1.10"), ("", "")])
    func equals(left: String, right: String) {
        #expect(!VersionOrder.isOlder(left, right) && !VersionOrder.isOlder(right, left))
    }
}

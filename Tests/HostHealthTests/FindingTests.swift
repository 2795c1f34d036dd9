import HostHealth
import ImageStore
import LinuxSystem
import Machine
import SystemPackage
import Testing
import VirtualMachine

/// What the checks make of given facts.
@Suite("Findings")
struct FindingTests {
    @Test("KVM is fine, and without it the obstacle and its cure are named")
    func accelerator() {
        #expect(AcceleratorCheck.finding(AcceleratorChoice(.kvm)).status == .ok)
        let absent = AcceleratorCheck.finding(AcceleratorChoice(.tcg, obstacle: .noDevice))
        #expect(absent.status == .note)
        #expect(absent.detail.contains("there is no /dev/kvm"))
        #expect(absent.cure?.contains("kvm_intel") == true)
        let closed = SystemError("open", "/dev/kvm", errno: 13)
        let forbidden = AcceleratorCheck.finding(AcceleratorChoice(.tcg, obstacle: .notOpened(closed)))
        #expect(forbidden.cure?.contains("usermod") == true)
        #expect(forbidden.facts["accelerator"] == .text("tcg"))
    }

    @Test("QEMU must have virtiofs, and should be able to save machines")
    func qemu() {
        var abilities = QEMUAbilities(version: "10.0.2", hasVirtiofs: true, hasKVM: true, savesStates: true)
        #expect(QEMUCheck.finding("/usr/bin/qemu", abilities).status == .ok)
        abilities.savesStates = false
        let old = QEMUCheck.finding("/usr/bin/qemu", abilities)
        #expect(old.status == .note)
        #expect(old.detail.contains("--warm"))
        #expect(old.facts["templates"] == .flag(false))
        #expect(!old.detail.contains("take turns"))
        abilities.version = "7.2.22 (Debian 1:7.2)"
        let older = QEMUCheck.finding("/usr/bin/qemu", abilities)
        #expect(older.detail.contains("take turns"))
        #expect(older.facts["translates_in_parallel"] == .flag(false))
        abilities.hasVirtiofs = false
        let small = QEMUCheck.finding("/usr/bin/qemu", abilities)
        #expect(small.status == .problem)
        #expect(small.cure?.contains("qemu-system-x86") == true)
    }

    @Test("virtiofsd by what its --help says")
    func virtiofsd() {
        let current = VirtiofsdProgram(
            executable: "/v", help: "--shared-dir --fd --readonly --migration-mode --translate-uid")
        let good = VirtiofsdCheck.finding(current, version: "1.13.2", isRoot: false)
        #expect(good.status == .ok)
        #expect(good.facts["id_translation"] == .flag(true))
        let middle = VirtiofsdProgram(executable: "/v", help: "--shared-dir --fd --readonly")
        let lesser = VirtiofsdCheck.finding(middle, version: "1.10.0", isRoot: false)
        #expect(lesser.status == .note)
        #expect(lesser.detail.contains("--warm") && !lesser.detail.contains("--readonly"))
        let old = VirtiofsdProgram(executable: "/v", help: "--fd=FDNUM -o source=PATH")
        #expect(VirtiofsdCheck.finding(old, version: "7.2", isRoot: true).status == .note)
        let forUser = VirtiofsdCheck.finding(old, version: "7.2", isRoot: false)
        #expect(forUser.status == .problem)
        #expect(forUser.cure?.contains("contrib/host-tools") == true)
    }

    @Test("subordinate ids are counted")
    func subordinateIDs() {
        func map(_ count: UInt32) -> UserNamespaceMap {
            let range = SubordinateRange(first: 100_000, count: count)
            return UserNamespaceMap(user: 1000, group: 1000, users: range, groups: range)
        }
        #expect(SubordinateIDsCheck.finding(nil).status == .ok)
        #expect(SubordinateIDsCheck.finding(map(65_536)).detail.contains("100000 to 165535"))
        #expect(SubordinateIDsCheck.finding(map(65_536)).status == .ok)
        #expect(SubordinateIDsCheck.finding(map(1000)).status == .note)
    }

    @Test(
        "the setting that forbids namespaces is named with its cure",
        arguments: [
            (
                NamespaceLimits(unprivilegedClone: 0, maximum: 100, restrictedByAppArmor: nil),
                "unprivileged_userns_clone"
            ),
            (NamespaceLimits(unprivilegedClone: nil, maximum: 0, restrictedByAppArmor: nil), "max_user_namespaces"),
            (
                NamespaceLimits(unprivilegedClone: 1, maximum: 100, restrictedByAppArmor: 1),
                "apparmor_restrict_unprivileged_userns"
            ),
        ])
    func namespaces(limits: NamespaceLimits, name: String) throws {
        let untried = NamespacesCheck.finding(limits, isRoot: false, outcome: nil)
        #expect(untried.status == .problem)
        #expect(untried.detail.contains(name))
        #expect(untried.cure?.contains("sysctl --write") == true)
        // What a command fails with says the same.
        let obstacle = try #require(limits.obstacle)
        let refusal = UserNamespaceError.refused(
            step: "create user namespace: EPERM", reason: obstacle.reason, cure: obstacle.cure)
        let tried = NamespacesCheck.finding(limits, isRoot: false, outcome: .failure(refusal))
        #expect(tried.status == .problem)
        #expect(tried.detail.contains(name))
        #expect(tried.cure == untried.cure)
        // A profile that allows it makes the setting harmless.
        #expect(NamespacesCheck.finding(limits, isRoot: false, outcome: .success(())).status == .ok)
    }

    @Test("namespaces without an obstacle")
    func namespacesAllowed() {
        let free = NamespaceLimits(unprivilegedClone: 1, maximum: 100, restrictedByAppArmor: 0)
        #expect(free.obstacle == nil)
        #expect(NamespacesCheck.finding(free, isRoot: false, outcome: nil).status == .note)
        let failure = SystemError("create mount namespace", "true", errno: 1)
        let inContainer = NamespacesCheck.finding(free, isRoot: true, outcome: .failure(failure))
        #expect(inContainer.status == .problem)
        #expect(inContainer.cure?.contains("CAP_SYS_ADMIN") == true)
    }

    private func trial(_ kind: String = "ext4", free: UInt64 = 100 << 30, files: UInt64? = nil) -> StoreTrial {
        let system = FileSystemFacts(kind: kind, free: free, size: 200 << 30, freeFiles: files)
        var trial = StoreTrial(directory: "/cache", fileSystem: system)
        trial.hasHardLinks = true
        trial.hasAttributes = true
        trial.keepsModes = true
        trial.tellsCaseApart = true
        return trial
    }

    @Test("the cache must keep links, modes and case, and should keep attributes")
    func cache() {
        #expect(CacheCheck.finding(trial()).status == .ok)
        var poor = trial("vfat")
        poor.hasHardLinks = false
        poor.tellsCaseApart = false
        let finding = CacheCheck.finding(poor)
        #expect(finding.status == .problem)
        #expect(finding.detail.contains("hard links, names that differ in case only"))
        #expect(finding.cure?.contains("BCVK_CACHE") == true)
        var plain = trial("nfs")
        plain.hasAttributes = false
        #expect(CacheCheck.finding(plain).status == .note)
        #expect(CacheCheck.finding(trial("tmpfs")).status == .note)
    }

    @Test(
        "space by how much an image takes",
        arguments: [
            (UInt64(100) << 30, UInt64?.none, Finding.Status.ok), (100 << 30, 10_000_000, .ok), (2 << 30, nil, .note),
            (100 << 20, nil, .problem), (100 << 30, 5000, .note),
        ])
    func space(free: UInt64, files: UInt64?, status: Finding.Status) {
        let finding = CacheCheck.space(trial(free: free, files: files))
        #expect(finding.status == status)
        #expect((finding.cure == nil) == (status == .ok))
    }

    @Test("only problems keep machines from running")
    func verdict() {
        let note = Finding("skopeo", .note, "absent")
        #expect(HostReport([Finding("ssh", .ok, "there"), note]).canRunMachines)
        #expect(!HostReport([note, Finding("qemu", .problem, "absent")]).canRunMachines)
    }
}

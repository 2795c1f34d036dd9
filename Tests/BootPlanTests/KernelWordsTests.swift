import BootPlan
import LinuxSystem
import Testing

@Suite("words for a kernel")
struct KernelWordsTests {
    @Test("words for the kernel, more of them where instructions are translated")
    func words() throws {
        let tree = try Tree([
            "boot/config-6.1":
                "CONFIG_X=y\nCONFIG_LSM=\"landlock,bpf,apparmor\"\n# CONFIG_HZ_100 is not set\nCONFIG_HZ=250\n",
            "usr/lib/modules/6.1/modules.dep": "",
            "usr/lib/modules/6.1/modules.builtin": "kernel/crypto/jitterentropy_rng.ko\n",
        ])
        func words(_ isTranslated: Bool, _ extra: [String], isSteady: Bool = true) throws -> [String] {
            try tree.look {
                let traits = KernelTraits(of: "6.1", in: $0)
                #expect(KernelTraits(decoding: traits.encoded) == traits)
                return KernelWords.words(
                    isTranslated: isTranslated, counter: isSteady ? HostClock.Counter(frequency: 2_600_000_000) : nil,
                    extra: extra, traits: traits)
            }
        }
        let native = try words(false, [])
        #expect(!native.contains("mitigations=off") && native.contains("cryptomgr.notests"))
        #expect(!native.contains { $0.hasPrefix("lsm=") } && native.contains("sysctl.vm.compaction_proactiveness=0"))
        let translated = try words(true, ["fips=1"])
        #expect(translated.contains("mitigations=off") && !translated.contains("cryptomgr.notests"))
        #expect(translated.contains("lsm=landlock,apparmor") && translated.contains("tsc=reliable"))
        #expect(try !words(true, [], isSteady: false).contains("tsc=reliable") && !native.contains("tsc=reliable"))
        #expect(try !words(true, ["tsc=unstable"]).contains("tsc=reliable"))
        #expect(try !words(true, ["lsm=yama"]).contains { $0.hasPrefix("lsm=") })
        for list in ["\"landlock\"", "\"bpf,x y\"", "bpf", "\"", ""] {
            #expect(SecurityModules.word(withoutBPF: list, extra: []) == nil)
        }
        #expect(KernelConfiguration(Array("# CONFIG_LSM is not set\n".utf8)).value(of: "LSM") == nil)
        #expect(try Tree([:]).look { KernelTraits(of: "6.1", in: $0) } == KernelTraits())
        #expect(translated.contains("lpj=10400000") && !native.contains { $0.hasPrefix("lpj=") })
        #expect(try !words(true, ["lpj=1"]).contains { $0.hasPrefix("lpj=") })
        #expect(try !words(true, [], isSteady: false).contains { $0.hasPrefix("lpj=") })
        #expect(try words(true, []).contains("initcall_blacklist=jent_mod_init"))
        #expect(!translated.contains { $0.hasPrefix("initcall_blacklist=") })
        func frequency(_ text: String) -> Int? { HostClock.frequency(ofProcessors: Array(text.utf8)) }
        #expect(frequency("processor\t: 0\nbogomips\t: 5192.27\n") == 2_600_000_000)
        #expect(frequency("bogomips : 38.40\n") == nil && frequency("bogomips : x\n") == nil && frequency("") == nil)
        // The power button is an input device.
        #expect(!(native + translated).contains { $0.contains("evdev") || $0.contains("button") })
    }
}

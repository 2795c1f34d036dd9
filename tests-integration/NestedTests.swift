import LinuxSystem
import SystemPackage
import Testing

/// KVM for real, one level down: a translated machine whose processor has SVM is the host, and this very build runs in it.
@Suite("Under KVM", .serialized)
struct NestedTests {
    /// The nested image with this build and an image to boot in it.
    private func archive(_ laboratory: Laboratory) throws -> FilePath {
        let place = laboratory.scratch.appending("nested-payload.oci.tar")
        if Files.exists(place) { return place }
        let tools = laboratory.images
        let script = """
            set -e
            "$1/make-layer" put "$2/payload.tar" "$3/bcvk:usr/local/bin/bcvk" "$3/bcvk-guest:usr/local/bin/bcvk-guest" \
                "$4:usr/local/share/debian13.oci.tar"
            "$1/pack-oci" --compression none --label containers.bootc=1 --output "$5" "$6/nested.base.tar" "$2/payload.tar"
            rm "$2/payload.tar"
            """
        let result = try ChildProgram(
            "/bin/sh",
            [
                "-c", script, "sh", laboratory.recipes.string, laboratory.scratch.string, laboratory.programs.string,
                try laboratory.archive("debian13").string, place.string, tools.string,
            ]
        ).run()
        try #require(result.exit == .exited(0), "\(result.story)")
        return place
    }

    @Test("auto takes KVM, the guest's kernel says so, and the main job works")
    func mainJob() throws {
        let host = try Host()
        let image = "oci-archive:\(try archive(host.laboratory))"
        let inner =
            "systemd-detect-virt; dmesg | grep -m1 'Hypervisor detected'; systemctl is-system-running --wait; exit 42"
        let outer = """
            modprobe kvm_amd || exit 1
            bcvk ephemeral run-ssh --memory 1G --vcpus 1 --boot-timeout 900 oci-archive:/usr/local/share/debian13.oci.tar -- '\(inner.replacing("'", with: #"'\''"#))'
            echo "inner $?"
            ls -A /run/bcvk
            """
        let result = try host.bcvk(
            "ephemeral", "run-ssh", "--memory", "6G", "--cpu", "max,la57=off", image, "--", outer)
        #expect(result.exit == .exited(0), "\(result.story)")
        let lines = result.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "kvm", "\(result.story)")
        #expect(result.text.contains("Hypervisor detected: KVM"), "\(result.story)")
        #expect(lines.suffix(3) == ["running", "inner 42", ".lock"], "\(result.story)")
        // The outer machine says that it falls back, the inner one has nothing to say.
        #expect(
            result.complaint.split(separator: "\n").filter { $0.contains("without KVM") }.count == 1,
            "\(result.complaint)")
    }
}

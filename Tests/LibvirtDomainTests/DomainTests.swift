import Machine
import Testing

import LibvirtDomain

@Suite("A libvirt domain")
struct DomainTests {
    private let note = DomainNote(
        image: "oci:/a&b", digest: "sha256:0", sshPort: 2222, sshKey: "/d/<k>.key", sshUser: "root")

    private func domain(_ boot: Domain.Boot, _ accelerator: Accelerator = .tcg) -> String {
        Domain(
            name: "web", boot: boot, architecture: .x86_64, accelerator: accelerator,
            memory: ByteSize(mebibytes: 1024), processors: 2, note: note
        ).xml
    }

    @Test("for a disk with UEFI is complete")
    func golden() {
        let flash = { (file: String) in FlashImage(file: file, format: .raw) }
        let boot = Domain.Boot.disk(
            file: "/d/w.qcow2", format: .qcow2, firmware: .uefi(code: flash("/f/CODE"), variables: flash("/f/VARS")))
        #expect(
            domain(boot) == """
                <domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
                  <name>web</name>
                  <metadata>
                    <bcvk:machine xmlns:bcvk="urn:bcvk:domain:1" image="oci:/a&amp;b" \
                digest="sha256:0" ssh-port="2222" ssh-key="/d/&lt;k&gt;.key" ssh-user="root"/>
                  </metadata>
                  <memory unit="MiB">1024</memory>
                  <vcpu>2</vcpu>
                  <os>
                    <type arch="x86_64" machine="q35">hvm</type>
                    <loader readonly="yes" type="pflash">/f/CODE</loader>
                    <nvram template="/f/VARS"/>
                    <boot dev="hd"/>
                  </os>
                  <features>
                    <acpi/>
                    <apic/>
                  </features>
                  <cpu mode="maximum">
                    <feature policy="disable" name="svm"/>
                    <feature policy="disable" name="la57"/>
                  </cpu>
                  <clock offset="utc"/>
                  <on_poweroff>destroy</on_poweroff>
                  <on_reboot>restart</on_reboot>
                  <on_crash>destroy</on_crash>
                  <devices>
                    <disk type="file" device="disk">
                      <driver name="qemu" type="qcow2" discard="unmap"/>
                      <source file="/d/w.qcow2"/>
                      <target dev="vda" bus="virtio"/>
                      <serial>root</serial>
                    </disk>
                    <serial type="pty">
                      <target port="0"/>
                    </serial>
                    <console type="pty">
                      <target type="serial" port="0"/>
                    </console>
                    <rng model="virtio">
                      <backend model="random">/dev/urandom</backend>
                    </rng>
                  </devices>
                  <qemu:commandline>
                    <qemu:arg value="-netdev"/>
                    <qemu:arg value="user,id=bcvk0,hostfwd=tcp:127.0.0.1:2222-:22"/>
                    <qemu:arg value="-device"/>
                    <qemu:arg value="virtio-net-pci,netdev=bcvk0,bus=pcie.0,addr=0x10,romfile="/>
                  </qemu:commandline>
                </domain>

                """)
    }

    @Test("is KVM's where the accelerator is")
    func accelerator() {
        let text = domain(.disk(file: "/d", format: .raw, firmware: .bios), .kvm)
        #expect(text.contains(#"<domain type="kvm""#))
        #expect(text.contains(#"<cpu mode="host-passthrough"/>"#))
        #expect(!text.contains("loader"))
    }

    @Test("for an image shares its tree, which the guest must not write")
    func kernel() {
        let boot = KernelBoot(kernel: "/k", initrd: "/i", commandLine: ["quiet", "a=<b>"])
        let text = domain(.kernel(boot, tree: "/t", tag: "root"))
        #expect(text.contains("<cmdline>quiet a=&lt;b&gt;</cmdline>"))
        #expect(text.contains(#"<access mode="shared"/>"#))
        #expect(text.contains(#"<source dir="/t"/>"#))
        #expect(text.contains("<readonly/>"))
    }

    @Test("keeps bcvk's note, as virsh gives it back")
    func notes() {
        #expect(DomainNote(element: note.text) == note)
        // libvirt writes attributes in single quotes, and the namespace its own way.
        let other = "<machine image='i' digest='' ssh-port='7' ssh-key='' ssh-user='core'/>\n"
        #expect(DomainNote(element: other)?.sshUser == "core")
        #expect(DomainNote(element: "<machine image='i'/>") == nil)
        #expect(DomainNote(element: "error") == nil)
    }
}

import BootPlan
import Testing

@Suite("What depmod wrote down")
struct ModuleIndexTests {
    private let index = ModuleIndex(
        dependencies: """
            kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz kernel/net/core/failover.ko.xz
            kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz
            kernel/net/core/failover.ko.xz:
            kernel/fs/overlayfs/overlay.ko.xz:
            kernel/drivers/char/virtio-rng.ko:
            kernel/a.ko: kernel/b.ko
            kernel/b.ko: kernel/a.ko
            """,
        builtIn: "kernel/fs/fuse/virtiofs.ko\nkernel/drivers/virtio/virtio_pci.ko\n",
        softDependencies: "# remark\nsoftdep overlay pre: virtio_rng post: a\n")

    @Test(
        "tells how the kernel comes by a module",
        arguments: [
            ("virtiofs", ModuleIndex.Presence.builtIn), ("virtio-pci", .builtIn), ("overlay", .module),
            ("virtio_rng", .module),
            ("nonsense", .absent),
        ])
    func presence(name: String, expected: ModuleIndex.Presence) {
        #expect(index.presence(of: name) == expected)
    }

    @Test("gives an order in which each module comes after those it needs")
    func order() {
        #expect(
            index.loadOrder(["virtiofs", "virtio_net", "overlay"]) == [
                "kernel/net/core/failover.ko.xz", "kernel/drivers/net/net_failover.ko.xz",
                "kernel/drivers/net/virtio_net.ko.xz", "kernel/drivers/char/virtio-rng.ko",
                "kernel/fs/overlayfs/overlay.ko.xz",
            ])
    }

    @Test("ends on a circle")
    func circle() {
        #expect(index.loadOrder(["a"]).count == 2)
    }
}

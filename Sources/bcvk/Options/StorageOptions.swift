import ArgumentParser
import VirtualMachine

/// Directories and disks of this host in the machine, and where it keeps what it writes.
struct StorageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A directory of this host, at /run/virtiofs-mnt-NAME or at a path of the guest; may be repeated.",
            valueName: "host[:name]"),
        transform: { try ShareRequest($0, isReadOnly: false) })
    var bind: [ShareRequest] = []

    @Option(
        help: ArgumentHelp("The same, read-only; may be repeated.", valueName: "host[:name]"),
        transform: { try ShareRequest($0, isReadOnly: true) })
    var roBind: [ShareRequest] = []

    @Option(
        help: ArgumentHelp(
            """
            A disk in a file of this host, in the guest /dev/disk/by-id/virtio-NAME (output); may be repeated. FORMAT is raw or \
            qcow2. A file that is not there is made, sparse.
            """, valueName: "file[:name[:format]]"),
        transform: { try DiskRequest($0) })
    var mountDiskFile: [DiskRequest] = []

    @Option(help: ArgumentHelp("Swap space: 2G; a bare number counts bytes.", valueName: "size"))
    var addSwap: DiskSize?

    @Option(
        help: ArgumentHelp(
            "Keep what the guest writes on a disk of this size rather than in its memory.", valueName: "size"))
    var scratch: DiskSize?

    @Option(help: ArgumentHelp("The virtiofsd to use; else VIRTIOFSD_BIN, or one is looked for.", valueName: "file"))
    var virtiofsd: String?

    func apply(to request: inout MachineRequest) {
        request.shares = bind + roBind
        request.disks = mountDiskFile
        request.swap = addSwap?.size
        request.scratch = scratch?.size
        request.virtiofsd = virtiofsd
    }
}

import CGuest
import CLinux

/// Where the guest may write although its root never changes: overlays whose upper layers are in memory, or on a disk that goes
/// with the machine.
struct RootLayout {
    private static let directory = Places.directory
    /// The file system with all upper layers. Not /run's own: that is small, and its fill would hurt the system.
    private static let scratch = directory + "/scratch"
    private static let lower = directory + "/image"

    /// Directories of a bootc system that are writable, beside /etc and /var those that are no links into /var.
    private static let writable = ["/etc", "/var", "/root", "/home", "/opt", "/srv", "/mnt"]
    /// Stores of container engines: their overlays cannot lie on an overlay.
    private static let stores = [
        ("/usr/bin/podman", "/var/lib/containers"), ("/usr/bin/dockerd", "/var/lib/docker"),
        ("/usr/bin/containerd", "/var/lib/containerd"),
    ]

    let configuration: GuestConfiguration

    /// Mounts the image's tree, nothing of which is ever written.
    func mountImage(on root: String) throws(GuestError) {
        try Mounting.makeDirectory(root)
        let isWritable = configuration.rootMode == .writable
        let place = isWritable ? Self.lower : root
        try Mounting.makeDirectory(Self.directory, mode: 0o700)
        try Mounting.makeDirectory(place)
        do {
            try Mounting.mount(configuration.rootTag, on: place, type: "virtiofs", flags: Mounting.readOnly)
        } catch {
            let share = "share \(configuration.rootTag)"
            switch error.code {
            case EINVAL: throw GuestError("mount", share, reason: "no device of the machine has this tag")
            case ENODEV: throw GuestError("mount", share, reason: "the kernel has no virtiofs")
            default: throw error
            }
        }
    }

    /// Puts the writable layers over it.
    func mountLayers(on root: String) throws(GuestError) {
        try Mounting.makeDirectory(Self.directory, mode: 0o700)
        try Mounting.makeDirectory(Self.scratch, mode: 0o700)
        try mountScratch()
        switch configuration.rootMode {
        case .writable:
            try overlay(Self.lower, on: root, name: "root", tree: try RootTree(Self.lower), inner: "/")
            // Before the image's own tmp.mount, which would hide what is mounted below, and would take memory.
            let isTaken = configuration.shares.contains { $0.path.utf8.starts(with: "/tmp/".utf8) }
            if isTaken || configuration.scratchDisk != nil, try RootTree(root).isRealDirectory("/tmp") {
                try mountTemporary(on: root + "/tmp")
            }
        case .bootc:
            let tree = try RootTree(root)
            if configuration.overlaysUsr, tree.isRealDirectory("/usr") { try overlayUsr(of: root) }
            for inner in Self.writable where tree.isRealDirectory(inner) {
                try overlay(root + inner, on: root + inner, name: name(of: inner), tree: tree, inner: inner)
            }
            if tree.isRealDirectory("/tmp") { try mountTemporary(on: root + "/tmp") }
        }
        let tree = try RootTree(root)
        for (program, store) in Self.stores where tree.exists(program) || tree.exists(store) {
            Preparation.attempt { () throws(GuestError) in try mountStore(store, in: tree) }
        }
    }

    /// Puts a read-only overlay with nothing in it over /usr.
    ///
    /// virtiofs asks the host for whatever it has no name for, and for each ioctl: systemd asks at every line of every unit whether
    /// it reads from a terminal, which is half of all requests of a boot. An overlay knows both by itself.
    private func overlayUsr(of root: String) throws(GuestError) {
        let empty = Self.directory + "/empty"
        try Mounting.makeDirectory(empty)
        // The lowest layer is the one that is not searched for extended attributes of overlays. With inode numbers of its own the
        // overlay is one file system for all in it.
        try Mounting.mount(
            "overlay", on: root + "/usr", type: "overlay", flags: Mounting.readOnly,
            options: "lowerdir=\(empty):\(root)/usr,xino=on")
    }

    private func mountScratch() throws(GuestError) {
        if let serial = configuration.scratchDisk {
            // What is deleted is given back to the host's file.
            try Mounting.mount(
                try Disks.device(serial: serial), on: Self.scratch, type: "ext4", flags: Mounting.noAccessTimes,
                options: "discard")
        } else {
            try Mounting.mount(
                "tmpfs", on: Self.scratch, type: "tmpfs",
                options: "mode=0700,size=\(configuration.scratchPercent)%")
        }
    }

    private func mountTemporary(on target: String) throws(GuestError) {
        let flags = Mounting.noSuid | Mounting.noDevices
        guard configuration.scratchDisk != nil else {
            return try Mounting.mount("tmpfs", on: target, type: "tmpfs", flags: flags, options: "mode=1777,size=50%")
        }
        let place = Self.scratch + "/tmp"
        try Mounting.makeDirectory(place)
        if chmod(place, 0o1777) != 0 { throw GuestError("set mode of", place) }
        try Mounting.mount(place, on: target, flags: Mounting.bind)
    }

    private func mountStore(_ store: String, in tree: RootTree) throws(GuestError) {
        try tree.makeDirectory(store, mode: 0o700)
        guard tree.isRealDirectory(store) else { return }
        let place = Self.scratch + "/" + name(of: store)
        try Mounting.makeDirectory(place, mode: 0o700)
        try Mounting.mount(place, on: tree.path + store, flags: Mounting.bind)
    }

    /// The merged directory has the upper one's mode and owner, so those are made the lower one's first.
    private func overlay(
        _ lower: String, on target: String, name: String, tree: RootTree, inner: String
    ) throws(GuestError) {
        let upper = Self.scratch + "/" + name
        let work = Self.scratch + "/" + name + ".work"
        try Mounting.makeDirectory(upper)
        try Mounting.makeDirectory(work, mode: 0o700)
        if let status = tree.status(inner) {
            if chown(upper, status.owner, status.group) != 0 || chmod(upper, status.mode & 0o7777) != 0 {
                throw GuestError("set mode of", upper)
            }
        }
        try Mounting.mount(
            "overlay", on: target, type: "overlay",
            options: "lowerdir=\(lower),upperdir=\(upper),workdir=\(work)")
    }

    /// A file name made of a path: `/var/lib/docker` becomes `var-lib-docker`.
    private func name(of inner: String) -> String {
        let bytes = Array(inner.utf8.dropFirst()).map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "-") : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import LinuxSystem
import SystemPackage
import Testing

/// Directories, units and files of a host that are given to machines.
struct OptionsMaterial {
    let directory: FilePath

    /// Makes them for a user.
    init(_ host: Host) throws {
        directory = try host.laboratory.directory("material", mode: 0o755)
        for name in ["rw", "ro,1", "data", "units/system/default.target.wants"] {
            try Files.createDirectories(directory.appending(name), mode: 0o755)
        }
        try write("seen\n", "rw/file")
        try write("read\n", "ro,1/file")
        try write("data\n", "data/file")
        try write(
            """
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/bin/sh -c 'env >/run/bcvk-test-env; ip -o link >/run/virtiofs-mnt-rw/links || true'

            """, "units/system/bcvk-test.service")
        let link = try ChildProgram(
            "/bin/ln",
            [
                "-s", "../bcvk-test.service",
                directory.appending("units/system/default.target.wants/bcvk-test.service").string,
            ]
        ).run()
        try #require(link.exit == .exited(0), "\(link.story)")
        try write("[Mount]\nWhat=tmpfs\nWhere=/srv/made\nType=tmpfs\n", "units/system/srv-made.mount")
        // Services that answer on the guest's ports, without any program that an image might not have.
        try write("[Socket]\nListenStream=80\nAccept=yes\n", "units/system/hello.socket")
        try write(
            "[Service]\nExecStart=/bin/echo hello from the guest\nStandardOutput=socket\n",
            "units/system/hello@.service")
        try write("[Socket]\nListenDatagram=5353\n", "units/system/datagram.socket")
        try write(
            "[Service]\nExecStart=/bin/dd bs=100 count=1 of=/run/bcvk-test-datagram\nStandardInput=socket\n",
            "units/system/datagram.service")
        try write("[Unit]\nWants=hello.socket datagram.socket\n", "units/system/default.target.d/sockets.conf")
        if host.user != .root {
            let result = try ChildProgram("/bin/chown", ["-R", "\(host.user.name):", directory.string]).run()
            try #require(result.exit == .exited(0), "\(result.story)")
        }
    }

    /// A path below the directory.
    func path(_ name: String) -> String { directory.appending(name).string }

    /// Writes a file that others may read.
    func write(_ text: String, _ name: String) throws {
        let path = directory.appending(name)
        try Files.createDirectories(path.removingLastComponent(), mode: 0o755)
        try Files.writeAtomically(text, to: path, mode: 0o644)
    }

    /// A file's text; nil where there is none.
    func read(_ name: String) throws -> String? {
        try Files.readIfPresent(directory.appending(name)).map { String(decoding: $0, as: UTF8.self) }
    }
}

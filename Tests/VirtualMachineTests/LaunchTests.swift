import Glibc
import GuestProtocol
import LinuxSystem
import Machine
import SystemPackage
import Testing
import VirtualMachine

@Suite("A guest's resolvers")
struct HostResolversTests {
    @Test(
        "are QEMU's, which asks the host's first, and then the host's others",
        arguments: [
            ("nameserver 192.0.2.1\n", "", ["10.0.2.3"]),
            ("# x\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n", "", ["10.0.2.3", "192.0.2.2"]),
            // A stub on the loopback is reached through QEMU; the servers behind it are the second choice.
            ("nameserver 127.0.0.53\noptions edns0\n", "nameserver 192.0.2.9\n", ["10.0.2.3", "192.0.2.9"]),
            ("nameserver 127.0.0.1\n", "", ["10.0.2.3"]),
            // QEMU's takes IPv4 servers only.
            ("nameserver ::1\n", "nameserver fe80::1\nnameserver\t192.0.2.9\n", ["192.0.2.9"]),
            ("nameserver 2001:db8::1\nnameserver 192.0.2.1\n", "", ["10.0.2.3"]),
            ("", "", []),
            (
                "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n", "",
                ["10.0.2.3", "192.0.2.2", "192.0.2.3"]
            ),
            ("nameserver 192.0.2.1\nnameserver 127.0.0.1\nnameserver 169.254.1.1\n", "", ["10.0.2.3"]),
        ])
    func servers(host: String, upstream: String, expected: [String]) {
        #expect(HostResolvers.servers(host: host, upstream: upstream) == expected)
    }
}

@Suite("QEMU's table of forwards")
struct UserNetworkInfoTests {
    private static let table = """
        Hub -1 (net0):\r
          Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r
          UDP[HOST_FORWARD]  15               * 5353       10.0.2.15    53     0     0\r
          TCP[HOST_FORWARD]  14       127.0.0.1 8022       10.0.2.15    22     0     0\r
          TCP[HOST_FORWARD]  13       127.0.0.1 8080       10.0.2.15    80     0     0\r
          TCP[HOST_FORWARD]  12       127.0.0.1 41619       10.0.2.15    22     0     0\r
          TCP[ESTABLISHED]   16       127.0.0.1 40000       10.0.2.15    22     0     0\r
        """

    @Test("tells which ports it took, also where two lead to the same of the guest")
    func resolve() {
        let asked = [
            PortForward(hostPort: 0, guestPort: 22), PortForward(hostPort: 8022, guestPort: 22),
            PortForward(.udp, address: "0.0.0.0", hostPort: 0, guestPort: 53),
            PortForward(hostPort: 8080, guestPort: 80),
        ]
        #expect(UserNetworkInfo.resolve(asked, in: Self.table)?.map(\.hostPort) == [41619, 8022, 5353, 8080])
        #expect(UserNetworkInfo.resolve([], in: "") == [])
    }

    @Test("that lacks one is no answer")
    func missing() {
        #expect(UserNetworkInfo.resolve([PortForward(hostPort: 0, guestPort: 443)], in: Self.table) == nil)
        #expect(UserNetworkInfo.resolve([PortForward(.udp, hostPort: 0, guestPort: 80)], in: Self.table) == nil)
        #expect(UserNetworkInfo.resolve([PortForward(hostPort: 0, guestPort: 22)], in: "") == nil)
    }
}

@Suite("Variables of ssh sessions")
struct SSHEnvironmentTests {
    @Test("stand on one line of sshd's, quoted")
    func line() throws {
        let variables = try ["A=b c", #"Q="x"\y%h#"#].map { try EnvironmentVariable($0) { _ in nil } }
        #expect(SSHEnvironment.line(variables) == #"SetEnv "A=b c" "Q=\"x\"\\y%h#""# + "\n")
    }

    @Test("are left alone where sshd would not look, or has its own")
    func images() {
        #expect(SSHEnvironment.includesDirectory("# x\n  Include /etc/ssh/sshd_config.d/*.conf\n"))
        #expect(SSHEnvironment.includesDirectory("include\t\"/etc/ssh/sshd_config.d/*.conf\""))
        #expect(!SSHEnvironment.includesDirectory("#Include /etc/ssh/sshd_config.d/*.conf\nPort 22\n"))
        #expect(SSHEnvironment.setsVariables("Port 22\nsetenv A=b\n"))
        #expect(!SSHEnvironment.setsVariables("#SetEnv A=b\nAcceptEnv SetEnv\n"))
    }
}

@Suite("A machine for other ssh programs")
struct SSHConfigurationTests {
    @Test("is a block of ssh_config")
    func block() {
        let lines = SSHConfiguration(name: "box", port: 2222, key: "/a b/%/key", user: "me").text.split(separator: "\n")
        #expect(
            lines.prefix(6) == [
                "Host box", "    HostName 127.0.0.1", "    Port 2222", "    User me",
                "    IdentityFile \"/a b/%%/key\"", "    StrictHostKeyChecking no",
            ])
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("    ") && !$0.contains("=") })
    }
}

@Suite("Units of the host")
struct SystemdUnitsTests {
    private func directory(_ fill: (FilePath) throws -> Void) throws -> FilePath {
        var pattern = Array("/tmp/bcvk-units-test.XXXXXX".utf8CString)
        let top = FilePath(String(cString: try #require(mkdtemp(&pattern))))
        try fill(top)
        return top
    }

    @Test("keep their links and drop-ins, mounts are wanted, and other files are passed over")
    func read() throws {
        let top = try directory { top in
            try Files.createDirectories(top.appending("system/default.target.wants"))
            try Files.createDirectories(top.appending("system/a.service.d"))
            try Files.createDirectories(top.appending("system/other"))
            for name in ["a.service", "srv-x.mount", "README", "a.service.d/x.conf", "other/b.service"] {
                try Files.writeAtomically("text of \(name)", to: top.appending("system/\(name)"))
            }
            symlink("../a.service", top.appending("system/default.target.wants/a.service").string)
        }
        defer { try? Files.removeTree(top) }
        let units = "/etc/systemd/system"
        #expect(
            try SystemdUnits.read(top.string) == [
                GuestFile(
                    path: "\(units)/a.service", content: .bytes(Array("text of a.service".utf8)), isPublic: true),
                GuestFile(
                    path: "\(units)/a.service.d/x.conf", content: .bytes(Array("text of a.service.d/x.conf".utf8)),
                    isPublic: true),
                GuestFile(
                    path: "\(units)/default.target.wants/a.service", content: .link(Array("../a.service".utf8)),
                    isPublic: true),
                GuestFile(
                    path: "\(units)/srv-x.mount", content: .bytes(Array("text of srv-x.mount".utf8)), isPublic: true),
                GuestFile(
                    path: "\(units)/remote-fs.target.wants/srv-x.mount", content: .link(Array("../srv-x.mount".utf8)),
                    isPublic: true),
            ])
    }

    @Test("are missed where there are none")
    func none() throws {
        let top = try directory { _ in }
        defer { try? Files.removeTree(top) }
        #expect(throws: RequestError.unusableFile(top.string, reason: "there is no directory 'system' in it")) {
            try SystemdUnits.read(top.string)
        }
        try Files.createDirectories(top.appending("system/other"))
        #expect(throws: RequestError.unusableFile(top.string, reason: "there is no unit in 'system'")) {
            try SystemdUnits.read(top.string)
        }
    }
}

@Suite("Disks that live no longer than their machine")
struct ScratchDiskTests {
    @Test("are made in a file without a name")
    func swap() throws {
        let disk = try ScratchDisk.swap(ByteSize(bytes: (1 << 20) + 5))
        let file = try disk.makeFile(in: "/tmp")
        let status = try file.status()
        #expect(status.size == 1 << 20 && status.links == 0)
        #expect(disk.drive(file: "/dev/fdset/7").file == "/dev/fdset/7")
        var start = [UInt8](repeating: 0, count: 4096)
        #expect(pread(file.raw, &start, start.count, 0) == 4096)
        #expect(start.suffix(10).elementsEqual("SWAPSPACE2".utf8))
    }

    @Test("that are a user's are refused where they name another file")
    func layers() throws {
        let path = FilePath("/tmp/bcvk-layer-test-\(getpid())")
        defer { _ = try? Files.removeTree(path) }
        var header = [UInt8](repeating: 0, count: 104)
        header.replaceSubrange(0..<8, with: [0x51, 0x46, 0x49, 0xFB, 0, 0, 0, 3])
        try Files.writeAtomically(header, to: path)
        try DiskFiles.refuseLayer(path)
        for index in [15, 79] {
            var other = header
            other[index] = index == 15 ? 104 : 4
            try Files.writeAtomically(other, to: path)
            #expect(throws: RequestError.self) { try DiskFiles.refuseLayer(path) }
        }
    }

    @Test("have a smallest and a largest size")
    func sizes() {
        #expect(throws: RequestError.self) { try ScratchDisk.swap(ByteSize(bytes: 4096)) }
        #expect(throws: RequestError.self) { try ScratchDisk.upperLayers(ByteSize(mebibytes: 63)) }
        #expect(throws: RequestError.self) { try ScratchDisk.upperLayers(ByteSize(mebibytes: 17 << 20)) }
    }

    @Test("that a user keeps are large enough for two images")
    func kept() {
        #expect(DiskFiles.size(forImageOf: 0) == ByteSize(mebibytes: 4096))
        #expect(DiskFiles.size(forImageOf: 3 << 30) == ByteSize(mebibytes: 6144))
    }
}

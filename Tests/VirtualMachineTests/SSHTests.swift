import Glibc
import LinuxSystem
import Testing
import VirtualMachine

@Suite("An ssh command")
struct SSHTests {
    private func remote(_ command: [String]) -> [String] {
        let words = SSHCommand(port: 1, key: "k", user: "root", command: command, wantsTerminal: false).arguments
        return Array(words[(words.firstIndex(of: "root@127.0.0.1") ?? 0)...].dropFirst())
    }

    @Test("hands a single word to the remote shell as it is")
    func single() {
        #expect(remote(["a && b $c"]) == ["--", "a && b $c"])
    }

    @Test("quotes several words, so that they arrive as they are")
    func several() {
        #expect(remote(["echo", "it's", "", "a b", "x=1"]) == ["--", #"echo 'it'\''s' '' 'a b' x=1"#])
    }

    @Test(
        "leaves the way to the server to options that choose it",
        arguments: [
            (["-J", "host"], true), (["-vJhost"], true), (["-oProxyCommand=mine"], true),
            (["-o", "proxyjump host"], true),
            ([], false), (["-v", "-L", "80:J:80"], false), (["-o", "User=ProxyCommand"], false), (["-o"], false),
            (["-L", "-J"], false),
        ] as [([String], Bool)])
    func way(options: [String], isChosen: Bool) {
        #expect(SSHWords.chooseWay(options) == isChosen)
    }

    @Test("comes over a connection that the client asks for, and that is the client's alone then")
    func connection() throws {
        let (ours, server) = try DescriptorPair.sockets()
        let peer = OwnedDescriptor(owning: server)
        var connection = try SSHConnection(OwnedDescriptor(owning: ours))
        let command = try #require(connection.options.first { $0.hasPrefix("ProxyCommand=") })
        let name = try #require(command.split(separator: " ").last.map(String.init))
        do {
            let client = try PrivateSocket.connect(name)
            try connection.hand()
            let passed = try UnixSocket.receive(from: client)
            #expect(write(peer.raw, "SSH-", 4) == 4)
            var bytes = [UInt8](repeating: 0, count: 4)
            #expect(read(passed.raw, &bytes, 4) == 4 && bytes.elementsEqual("SSH-".utf8))
        }
        var byte: UInt8 = 0
        #expect(read(peer.raw, &byte, 1) == 0)
        let late = try PrivateSocket.connect(name)
        try connection.hand()
        #expect(throws: SystemError.self) { _ = try UnixSocket.receive(from: late) }
    }

    @Test("has no command for a login shell")
    func login() {
        #expect(remote([]).isEmpty)
    }

    @Test(
        "takes ssh's own options from before the command",
        arguments: [
            (["-L", "80:localhost:80", "-v"], ["-L", "80:localhost:80", "-v"], []),
            (["-vL80:localhost:80", "ls", "-l"], ["-vL80:localhost:80"], ["ls", "-l"]),
            (["--", "-x"], [], ["-x"]), (["-o", "A=b", "--", "true"], ["-o", "A=b"], ["true"]), ([], [], []),
        ] as [([String], [String], [String])])
    func options(words: [String], options: [String], command: [String]) {
        let split = SSHWords(words)
        #expect(split.options == options && split.command == command)
    }
}

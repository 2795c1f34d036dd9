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

    @Test("connects by what hands the connection over, after ssh's own options")
    func connector() throws {
        var command = SSHCommand(
            port: 1, key: "k", user: "root", options: ["-o", "ProxyCommand=mine"], command: [], wantsTerminal: false)
        #expect(!command.arguments.contains("ProxyUseFdpass=yes"))
        command.connector = try SSHConnector.command(port: 2222)
        let mine = try #require(command.arguments.firstIndex(of: "ProxyCommand=mine"))
        let other = try #require(command.arguments.lastIndex { $0.hasPrefix("ProxyCommand=") })
        #expect(mine < other && command.arguments[other].hasSuffix(" internal connect 2222"))
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

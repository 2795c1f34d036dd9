import Machine
import Testing
import VirtualMachine

@Suite("A request")
struct RequestTests {
    @Test(
        "for a share has a place in the guest",
        arguments: [
            ("/data", "/srv/x", "/run/virtiofs-mnt-x"), ("data:name", "/srv/x", "/run/virtiofs-mnt-name"),
            ("/data:/srv//in/", "/srv/x", "/srv/in"), ("/a:b:c", "/a:b", "/run/virtiofs-mnt-c"),
            ("/data:/run/here", "/srv/x", "/run/here"), ("/data:/devices", "/srv/x", "/devices"),
        ])
    func share(text: String, path: String, place: String) throws {
        #expect(try ShareRequest(text, isReadOnly: true).guestPath(of: path) == place)
    }

    @Test(
        "for a share that could not be is refused",
        arguments: [
            "", ":", ":name", "/data:", "/data:a/b", "/data:..", "/data:a b", "/data:/", "/data:/a/../b",
            "/data:/a/./b",
            "/data:/dev/x", "/data:/proc", "/data:/sys/x", "/data:/run", "/data:/a\nb",
        ])
    func badShare(text: String) {
        #expect(throws: RequestError.self) { try ShareRequest(text, isReadOnly: false) }
    }

    @Test("for a share of a directory whose name is none asks for another")
    func namelessShare() throws {
        #expect(throws: RequestError.self) { try ShareRequest("/", isReadOnly: false).guestPath(of: "/") }
        #expect(throws: RequestError.self) { try ShareRequest("x", isReadOnly: false).guestPath(of: "/a/b c") }
    }

    @Test(
        "for a disk has its name and format",
        arguments: [
            ("f", "f output raw"), ("/d/f.qcow2", "/d/f.qcow2 output qcow2"), ("f:data", "f data raw"),
            ("f.qcow2:data:raw", "f.qcow2 data raw"), ("f:12345678901234567890:qcow2", "f 12345678901234567890 qcow2"),
        ])
    func disk(text: String, meaning: String) throws {
        let disk = try DiskRequest(text)
        #expect("\(disk.file) \(disk.name) \(disk.format.rawValue)" == meaning)
    }

    @Test(
        "for a disk that could not be is refused",
        arguments: [
            "", ":", ":n", "f:", "f:n:", "f:n:vmdk", "f:n:raw:x", "f:123456789012345678901", "f:a/b", "f:a b", "f:ü",
        ])
    func badDisk(text: String) {
        #expect(throws: RequestError.self) { try DiskRequest(text) }
    }

    @Test(
        "for a port has all its parts",
        arguments: [
            ("8080:80", PortForward(hostPort: 8080, guestPort: 80)),
            ("0:80/tcp", PortForward(hostPort: 0, guestPort: 80)),
            ("0.0.0.0:53:53/udp", PortForward(.udp, address: "0.0.0.0", hostPort: 53, guestPort: 53)),
            ("192.0.2.7:65535:1", PortForward(address: "192.0.2.7", hostPort: 65535, guestPort: 1)),
        ])
    func port(text: String, forward: PortForward) throws {
        #expect(try PortForward(published: text) == forward)
    }

    @Test(
        "for a port that could not be is refused",
        arguments: [
            "", "80", ":80", "80:", "80:0", "65536:80", "80:65536", "-1:80", "+1:80", "a:b", "80:80/sctp", "80:80/",
            "256.0.0.1:80:80", "1.2.3:80:80", "::1:80:80", "[::1]:80:80", "localhost:80:80", "01.2.3.4:80:80", ":80:80",
        ])
    func badPort(text: String) {
        #expect(throws: RequestError.self) { try PortForward(published: text) }
    }

    @Test("for a variable may leave its value to our own environment")
    func variables() throws {
        func read(_ text: String) throws -> String {
            try EnvironmentVariable(text) { ["HERE": "this one"][$0] }.assignment
        }
        #expect(try read("A=b c=d") == "A=b c=d")
        #expect(try read("A=") == "A=")
        #expect(try read("HERE") == "HERE=this one")
        for bad in ["", "=x", "1A=x", "A-B=x", "NOT_HERE", "A=x\ny", "A=x\u{7}", "Ä=x"] {
            #expect(throws: RequestError.self) { try read(bad) }
        }
    }

    @Test("for a host name takes labels with dots between")
    func hostNames() throws {
        for good in ["box", "box.example.org", "a-b.1"] { #expect(try HostName(good).text == good) }
        let long = String(repeating: "a", count: 33) + "." + String(repeating: "b", count: 31)
        for bad in ["", ".", "a.", "-a", "a_b", "a b", long] {
            #expect(throws: RequestError.self) { try HostName(bad) }
        }
    }

    @Test("for a user takes what can stand in passwd and on ssh's command line")
    func users() throws {
        for good in ["root", "me.too", "_x", "user$"] { #expect(try UserName(good).text == good) }
        for bad in ["", "-o", "a:b", "a b", "a@b", "a/b", String(repeating: "a", count: 33)] {
            #expect(throws: RequestError.self) { try UserName(bad) }
        }
        #expect(GuestAccounts.names(in: "root:x:0:0::/root:/bin/sh\nhalf:x:1\n\nme:x:1:1::/:\n") == ["root", "me"])
    }

    @Test("for a label matches with or without its value")
    func labels() throws {
        let labels = ["a": "1", "b": ""]
        for good in ["a", "a=1", "b", "b="] { #expect(try Label(good).matches(labels)) }
        for bad in ["a=2", "a=", "c", "b=1"] { #expect(try !Label(bad).matches(labels)) }
        #expect(try Label("a=b=c").value == "b=c")
        #expect(throws: RequestError.self) { try Label("=x") }
    }

    @Test("that fails says what, where and why on one line")
    func messages() {
        let errors: [RequestError] = [
            .malformed("x", form: "A:B"), .forbidden("name", value: "x", rule: "no"), .doubled("disk", "x"),
            .contradiction("--a", "--b"), .unusableFile("/x", reason: "no such file"),
            .unusablePort("127.0.0.1:80/tcp", reason: "it is taken"), .imageLacks(image: "i", what: "x", hint: nil),
        ]
        #expect(
            errors.map(\.description) == [
                "'x' is not of the form A:B", "name 'x': no", "disk x is asked for twice",
                "--a and --b exclude each other", "/x: no such file",
                "port 127.0.0.1:80/tcp of this host cannot be published: it is taken", "i has no x",
            ])
    }
}

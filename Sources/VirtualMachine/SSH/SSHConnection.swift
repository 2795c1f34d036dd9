internal import Glibc
public import LinuxSystem

/// A connection with a guest's ssh server for the ssh client: the one that the server has answered on.
///
/// The forwarded port accepts before the server does, so only its first line proves it. A client that connected once more would cost the
/// guest another process of its server. The client asks for its connection by a `ProxyCommand` (ssh_config(5), `ProxyUseFdpass`), which is
/// bcvk again, and gets this one.
public struct SSHConnection: ~Copyable, Sendable {
    private var connection: OwnedDescriptor?
    private let socket: PrivateSocket

    /// - Parameter connection: with the server, whose first line is still to be read.
    public init(_ connection: consuming OwnedDescriptor) throws(SystemError) {
        self.connection = .some(connection)
        socket = try PrivateSocket()
    }

    /// The client's options.
    package var options: [String] {
        // The file that we are may have been replaced meanwhile.
        [
            "-o", "ProxyUseFdpass=yes", "-o", "ProxyCommand=/proc/\(getpid())/exe internal connect \(socket.name)",
            "-o", "KexAlgorithms=\(Self.keyExchanges)", "-o", "Ciphers=\(Self.ciphers)",
        ]
    }

    /// The way is our own loopback: nobody records a session there for a quantum computer, against which the usual key exchange takes
    /// a tenth of a second on either side. Every OpenSSH since 7.3 knows these.
    private static let keyExchanges = [
        "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
        "diffie-hellman-group16-sha512", "diffie-hellman-group14-sha256",
    ].joined(separator: ",")

    /// The first is what processors have instructions for, which a translator has too. Every OpenSSH since 6.5 knows these.
    private static let ciphers = [
        "aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr",
    ].joined(separator: ",")

    /// Readable when the client asks for it.
    var descriptor: Int32 { socket.descriptor }

    /// Hands it to the client that has asked, whose alone it is then.
    package mutating func hand() throws(SystemError) {
        guard let client = try socket.accept(), let connection = connection.take() else { return }
        try UnixSocket.send(connection, over: client.raw)
    }

    /// Ends it: the client has another.
    mutating func close() { connection = nil }

    /// What the `ProxyCommand` does: fetches the connection and passes it on.
    public static func pass(from name: String, to client: Int32) throws(SystemError) {
        let holder = try PrivateSocket.connect(name)
        try UnixSocket.send(try UnixSocket.receive(from: holder), over: client)
    }
}

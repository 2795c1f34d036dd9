public import Compression
internal import CNettle

/// A content digest (OCI image specification, "Digests"): only what matches the grammar exactly, so that a digest can be a
/// file name.
public struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The registered algorithms.
    public enum Algorithm: String, Sendable, Hashable {
        case sha256, sha512

        var hexLength: Int { self == .sha256 ? 64 : 128 }
    }

    /// Which function.
    public let algorithm: Algorithm
    /// The value, in lower-case hexadecimal.
    public let hex: String

    /// Reads `sha256:…`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let algorithm = Algorithm(rawValue: String(parts[0])),
            parts[1].utf8.count == algorithm.hexLength,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.algorithm = algorithm
        hex = String(parts[1])
    }

    fileprivate init(algorithm: Algorithm, bytes: some Sequence<UInt8>) {
        self.algorithm = algorithm
        let digits = Array("0123456789abcdef".utf8)
        hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The SHA-256 of bytes in memory.
    public static func sha256(_ bytes: some Collection<UInt8>) -> Digest {
        var hasher = DigestHasher(.sha256)
        Array(bytes).withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no digest")
        }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public var description: String { "\(algorithm.rawValue):\(hex)" }

    /// The first twelve digits, for tables.
    public var short: String { String(hex.prefix(12)) }
}

/// Computes a digest of bytes that come in pieces.
public struct DigestHasher: Sendable {
    private enum State: Sendable {
        case sha256(sha256_ctx)
        case sha512(sha512_ctx)
    }

    private var state: State

    /// A hasher at its start.
    public init(_ algorithm: Digest.Algorithm) {
        switch algorithm {
        case .sha256:
            var context = sha256_ctx()
            nettle_sha256_init(&context)
            state = .sha256(context)
        case .sha512:
            var context = sha512_ctx()
            nettle_sha512_init(&context)
            state = .sha512(context)
        }
    }

    /// Takes in a piece.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        switch state {
        case .sha256(var context):
            nettle_sha256_update(&context, bytes.count, start)
            state = .sha256(context)
        case .sha512(var context):
            nettle_sha512_update(&context, bytes.count, start)
            state = .sha512(context)
        }
    }

    /// The digest of everything so far.
    public func finish() -> Digest {
        // A copy: finishing begins anew.
        switch state {
        case .sha256(var context):
            var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
            cnettle_sha256_finish(&context, &digest)
            return Digest(algorithm: .sha256, bytes: digest)
        case .sha512(var context):
            var digest = [UInt8](repeating: 0, count: Int(SHA512_DIGEST_SIZE))
            cnettle_sha512_finish(&context, &digest)
            return Digest(algorithm: .sha512, bytes: digest)
        }
    }
}

/// A stream that is hashed while it is read; its digest is known at its end.
public final class HashingSource: ByteSource {
    private var source: any ByteSource
    private var hasher: DigestHasher
    /// How many bytes have passed.
    public private(set) var count: Int64 = 0

    /// Hashes what is read of a stream.
    public init(_ source: any ByteSource, _ algorithm: Digest.Algorithm) {
        self.source = source
        hasher = DigestHasher(algorithm)
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let got = try source.read(into: buffer)
        hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
        count += Int64(got)
        return got
    }

    /// The digest of what has passed.
    public var digest: Digest { hasher.finish() }
}

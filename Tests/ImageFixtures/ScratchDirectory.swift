internal import Glibc
internal import LinuxSystem
public import SystemPackage

/// A directory for one test, gone afterwards.
public func withScratchDirectory<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    var pattern = Array("/tmp/bcvk-image-test.XXXXXX".utf8CString)
    guard mkdtemp(&pattern) != nil else { throw SystemError("create directory", "/tmp/bcvk-image-test") }
    let path = FilePath(String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    defer { try? Files.removeTree(path) }
    return try body(path)
}

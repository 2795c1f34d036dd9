import CFuzzer
import Glibc

/// One program with all targets: BCVK_FUZZ_TARGET says which runs, and its arguments are libFuzzer's. Without a target it lists them.
@main
enum Fuzzing {
    static let targets: [String: FuzzTarget] =
        [layerTargets, documentTargets, bootTargets, machineTargets, guestTargets, diskTargets].reduce(into: [:]) {
            all, more in
            all.merge(more) { $1 }
        }
    static let chosen = getenv("BCVK_FUZZ_TARGET").flatMap { targets[String(cString: $0)] }

    static func main() {
        guard chosen != nil else {
            for name in targets.keys.sorted() { print(name) }
            exit(getenv("BCVK_FUZZ_TARGET") == nil ? 0 : 64)
        }
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &words) { data, count in
                Fuzzing.chosen?(Array(UnsafeBufferPointer(start: data, count: count)))
                return 0
            })
    }
}

/// What is tried with every input. A trap is a finding; so is a promise that is not kept.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

/// Ends the program as a finding, with the reason.
func promise(_ isKept: Bool, _ text: @autoclosure () -> String) {
    if !isKept { fatalError(text()) }
}

/// Text as the program's own readers take it from bytes.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

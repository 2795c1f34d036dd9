import Glibc
import ImageStore
import LinuxSystem
import SystemPackage
import Testing

@Suite("The fence around unpacking")
struct ConfinementTests {
    @Test("leaves files and threads, and takes sockets, programs and executable memory")
    func fence() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try Confinement.apply()
            // The exit code tells which was not so.
            func check(_ code: Int32, _ isSo: Bool) { if !isSo { exit(code) } }
            // What the work needs.
            try Files.writeAtomically("x", to: FilePath("/tmp/bcvk-fence-\(getpid())"))
            unlink("/tmp/bcvk-fence-\(getpid())")
            try Threads.forEach(4, width: 4) { _ in }
            // What it does not.
            func isRefused(_ result: Int32) -> Bool { result < 0 && errno == ENOSYS }
            check(11, isRefused(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)))
            var child = pid_t()
            check(12, posix_spawn(&child, "/bin/true", nil, nil, [nil], [nil]) == ENOSYS)
            check(13, isRefused(execv("/bin/true", [nil])))
            check(14, isRefused(kill(getppid(), 0)))
            check(15, isRefused(chroot("/tmp")))
            check(16, mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            let status = String(decoding: try Files.readWhole("/proc/thread-self/status"), as: UTF8.self)
            check(17, status.contains("NoNewPrivs:\t1\n"))
            check(18, status.contains("Seccomp:\t2\n"))
            let effective = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }?.suffix(16) ?? ""
            // chown, dac_override, dac_read_search, fowner, fsetid, mknod, setfcap: all that root has left.
            check(19, UInt64(effective, radix: 16).map { $0 & ~0x8800_001F == 0 } ?? false)
        }
    }
}

internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A guest's memory that is filled with a template's while virtiofsd and QEMU start.
///
/// A process of its own does it: what it fills counts as no process's memory, so where that runs short the kernel would look for
/// somebody else to kill, the supervisor too.
final class MemoryFilling {
    private let filler: RunningProgram
    private var status: ExitStatus?

    /// How long it may take: a disk that does not answer must not stop a machine for ever.
    private static let seconds = 120

    /// - Parameters:
    ///   - path: the template's memory.
    ///   - limit: the bytes that a control group leaves us; where the memory cannot fit the kernel would kill one after the other.
    ///   - log: where the process may complain.
    init(_ memory: GuestMemory, from path: String, limit: Int64?, log: Int32) throws {
        let source: OwnedDescriptor
        do {
            source = try OwnedDescriptor(opening: FilePath(path), .readOnly)
        } catch {
            throw TemplateError.unusable("\(error)")
        }
        let status = try source.status()
        guard status.size == memory.bytes else {
            throw TemplateError.unusable("its memory is not of the machine's size")
        }
        if let limit, status.allocated > limit {
            throw TemplateError.refused(
                "its memory of \(status.allocated >> 20) MiB is more than a control group's limit of \(limit >> 20) MiB"
            )
        }
        var program = ChildProgram("/proc/self/exe", ["internal", "fill"])
        program.noNewPrivileges = true
        program.parentDeathSignal = SIGKILL
        program.newProcessGroup = true
        do {
            filler = try program.start(descriptors: [source.raw, memory.file.raw, log])
        } catch {
            throw TemplateError.refused("its memory cannot be copied: \(error)")
        }
    }

    /// Whether somebody has killed it, as the kernel does for want of memory.
    var wasKilled: Bool { status == .signalled(SIGKILL) }

    /// Waits until all is there.
    func finish() throws {
        guard try !Poller.wait([filler.processDescriptor.raw], milliseconds: Self.seconds * 1000).isEmpty else {
            filler.signal(SIGKILL)
            throw TemplateError.refused("its memory was not copied in \(Self.seconds) seconds")
        }
        let status = try filler.wait()
        self.status = status
        // What is wrong is in the supervisor's log. It need not be the template's fault.
        guard status == .exited(0) else { throw TemplateError.refused("its memory could not be copied (\(status))") }
    }

    /// What the process does: copies from standard input to standard output.
    static func fill() throws {
        // The first to go where memory is short (proc(5), oom_score_adj): an offer, not a need.
        let path: FilePath = "/proc/self/oom_score_adj"
        try? OwnedDescriptor(opening: path, .writeOnly).writeAll("1000", subject: path.string)
        let source = OwnedDescriptor(owning: STDIN_FILENO)
        let target = OwnedDescriptor(owning: STDOUT_FILENO)
        try GuestMemory.copy(from: source, to: target, subject: "the template's memory")
    }
}

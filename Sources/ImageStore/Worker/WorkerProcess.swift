import FoundationEssentials
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A worker, seen from the process that asked for it.
struct WorkerProcess {
    let arguments: [String]

    /// Has the request done, and hands its progress on.
    func run(
        _ request: WorkerRequest, _ progress: (ImageStore.Progress) -> Void
    ) throws -> (size: Int64, omitted: [String]) {
        var program = ChildProgram(try ProgramSearch.ownExecutable(), arguments)
        program.userNamespace = try UserNamespaceMap.forCurrentUser()
        program.parentDeathSignal = SIGKILL
        program.noNewPrivileges = true
        var input = try OwnedPipe()
        var output = try OwnedPipe()
        signal(SIGPIPE, SIG_IGN)
        let child = try program.start(descriptors: [input.read, output.write, STDERR_FILENO])
        input.closeRead()
        output.closeWrite()
        // The worker reads all of it before it does anything, so this cannot wait for ever.
        let bytes = Array(try JSONEncoder().encode(request))
        try OwnedDescriptor(owning: dup(input.write)).writeAll(bytes, subject: "worker")
        input.closeWrite()
        var lines = LineReader(output.read)
        var result: (Int64, [String])?
        var failure: StoreError?
        while let line = try lines.next() {
            switch try JSONDecoder().decode(WorkerMessage.self, from: Data(line)) {
            case .progress(let done, let total): progress(.unpacking(done: done, total: total))
            case .finished(let size, _, let omitted): result = (size, omitted)
            case .failed(let message): failure = .unpackingFailed(image: request.image, reason: message)
            }
        }
        let exit = try child.wait()
        if let failure { throw failure }
        guard exit == .exited(0), let result else {
            throw StoreError.workerDied(image: request.image, reason: "\(exit)")
        }
        return result
    }
}

/// Lines of a descriptor.
struct LineReader {
    private let descriptor: Int32
    private var partial: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    mutating func next() throws(SystemError) -> [UInt8]? {
        while true {
            if let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
                defer { partial.removeSubrange(...end) }
                return Array(partial[..<end])
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read from", "worker") }
            if count == 0 { return nil }
            partial += buffer[..<count]
        }
    }
}

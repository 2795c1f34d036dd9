internal import Glibc
internal import LinuxSystem
package import SystemPackage

/// The programs of this host that disks are made with.
package enum DiskTool: String, CaseIterable, Sendable {
    case mke2fs, tune2fs, debugfs, mmd, mcopy
    case mkfsVFAT = "mkfs.vfat"
    case qemuImg = "qemu-img"
    case grubMkimage = "grub-mkimage"

    /// The package that has it (Debian's name, Fedora's where it differs).
    package var packageName: String {
        switch self {
        case .mke2fs, .tune2fs, .debugfs: "e2fsprogs"
        case .mmd, .mcopy: "mtools"
        case .mkfsVFAT: "dosfstools"
        case .qemuImg: "qemu-utils (Debian, Ubuntu) or qemu-img (Fedora)"
        case .grubMkimage: "grub-common (Debian, Ubuntu) or grub2-tools (Fedora)"
        }
    }

    /// What it is called, by one distribution or another.
    private var names: [String] { self == .grubMkimage ? [rawValue, "grub2-mkimage"] : [rawValue] }

    /// Finds it.
    package func find() throws(DiskImageError) -> FilePath {
        guard let file = names.lazy.compactMap(ProgramSearch.find).first else {
            throw .toolMissing(rawValue, package: packageName)
        }
        return file
    }
}

/// A program of this host that makes or fills file systems.
struct HostTool {
    /// What it is called.
    let name: String
    private let file: FilePath

    /// Finds a program; one that is missing is named with its package.
    init(_ tool: DiskTool) throws(DiskImageError) {
        name = tool.rawValue
        file = try tool.find()
    }

    /// Runs it to its end, in English and at a fixed time.
    /// - Parameters:
    ///   - clock: the time that it takes for now, in seconds since 1970.
    ///   - map: the user namespace in which files have their owners; nil where that is not needed, or for root.
    ///   - work: what is done here while the program runs; when that fails, the program is killed.
    /// - Returns: standard output and standard error.
    @discardableResult
    func run(
        _ arguments: [String], clock: Int64, map: UserNamespaceMap? = nil, beside work: () throws -> Void = {}
    ) throws -> ProgramResult {
        var program = ChildProgram(file, arguments)
        program.environment = [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC", "SOURCE_DATE_EPOCH=\(clock)",
            // The name of the same thing in e2fsprogs before 1.47.1.
            "E2FSPROGS_FAKE_TIME=\(clock)",
            // Defaults of the host's would make disks differ from host to host.
            "MKE2FS_CONFIG=/dev/null", "MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null",
        ]
        program.userNamespace = map
        program.noNewPrivileges = true
        program.parentDeathSignal = SIGKILL
        let result = try program.run(beside: work)
        guard result.exit == .exited(0) else {
            throw DiskImageError.toolFailed(name, reason: Self.reason(result))
        }
        return result
    }

    /// The last line that says something; what a full disk does is told as such.
    private static func reason(_ result: ProgramResult) -> String {
        let text = String(decoding: result.errorOutput + result.output, as: UTF8.self)
        if let line = text.split(separator: "\n").first(where: { $0.contains("No space left") }) { return String(line) }
        if result.exit == .signalled(SIGBUS) { return "no space left on the device" }
        return result.errorOutput.isEmpty && !result.output.isEmpty
            ? text.split(separator: "\n").last.map(String.init) ?? "\(result.exit)" : result.errorText
    }
}

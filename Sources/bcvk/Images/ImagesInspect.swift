import ArgumentParser
import ContainerImage
import ImageAnalysis
import ImageStore
import LinuxSystem
import Machine
import SystemPackage

struct ImagesInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what an image holds, and whether it can boot.",
        discussion: "An image that is not in the cache is fetched. The exit code is 0 whatever the verdict is.")

    @Flag(help: "Print a JSON object.")
    var json = false

    @OptionGroup(title: "Source options")
    var source: SourceOptions

    @Argument(help: "The image.")
    var image: String

    func run() throws {
        let stored = try StoreAccess().image(image, source: source.registry)
        let subject = ImageAnalysis.Subject(
            reference: stored.reference, digest: stored.digest, configuration: stored.configuration,
            layers: stored.layers.map {
                .init(digest: $0.digest.description, diffID: $0.diffID.description, size: $0.size)
            }, size: stored.size)
        let report = try ImageAnalysis(try RootDirectory(FilePath(stored.tree))).report(subject)
        if json { return try StandardOutput.form(report) }
        for (name, value) in Self.lines(report) {
            try StandardOutput.line(name.isEmpty ? "  \(value)" : "\(name): \(value)")
        }
    }

    private static func lines(_ report: ImageReport) -> [(String, String)] {
        var lines: [(String, String)] = [
            ("Image", report.reference), ("Digest", report.digest),
            ("Platform", "\(report.os)/\(report.architecture)"), ("System", report.osName ?? report.osID ?? "unknown"),
            ("Bootc label", report.bootc ? "yes" : "no"), ("Bootc version", report.bootcVersion ?? "not installed"),
            ("Layers", "\(report.layers.count)"),
            ("Size", ByteSize(bytes: UInt64(max(0, report.rootSize))).description),
        ]
        for kernel in report.kernels {
            lines.append(("Kernel", "\(kernel.release) (\(kernel.form), \(kernel.path))"))
            lines.append(("", "initramfs: \(kernel.initramfs ?? "none")"))
            lines.append(("", "package: \(kernel.package ?? "unknown")"))
            let capabilities = kernel.capabilities.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append(("", capabilities.joined(separator: ", ")))
        }
        lines += [
            ("Init", "\(report.initSystem ?? "none") (\(report.initProgram ?? "-"))"),
            ("systemd", report.systemdVersion ?? "unknown"),
            (
                "ssh server",
                report.sshServer.present
                    ? "\(report.sshServer.version ?? "present"), \(report.sshServer.enabled ? "enabled" : "not enabled")"
                    : "none"
            ),
            ("Services enabled", report.services.enabled.joined(separator: ", ")),
            ("Services disabled", report.services.disabled.joined(separator: ", ")),
        ]
        if let note = report.packageNote { lines.append(("Note", note)) }
        lines.append(("Bootable", report.verdict.bootable ? "yes" : "no"))
        lines += report.verdict.obstacles.map { ("", $0) } + report.verdict.warnings.map { ("", "warning: \($0)") }
        return lines
    }
}

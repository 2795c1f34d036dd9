internal import BootPlan
public import ContainerImage
public import LinuxSystem
internal import SystemPackage

/// Looks into an image's tree.
public struct ImageAnalysis {
    /// What is known of the image without looking into its tree.
    public struct Subject: Sendable {
        /// As the user named it.
        public var reference: String
        /// The manifest's digest.
        public var digest: Digest
        /// The image's configuration.
        public var configuration: ImageConfiguration
        /// The layers.
        public var layers: [ImageReport.Layer]
        /// Bytes of the tree's files.
        public var size: Int64

        /// An image.
        public init(
            reference: String, digest: Digest, configuration: ImageConfiguration, layers: [ImageReport.Layer],
            size: Int64
        ) {
            self.reference = reference
            self.digest = digest
            self.configuration = configuration
            self.layers = layers
            self.size = size
        }
    }

    private let tree: RootDirectory

    /// An analysis of a tree.
    public init(_ tree: RootDirectory) {
        self.tree = tree
    }

    /// Everything that can be told.
    public func report(_ subject: Subject) throws -> ImageReport {
        let packages = try PackageVersions(tree)
        let release = try OSRelease(tree)
        let kernels = try KernelSearch(tree).kernels()
        let facts = Result { try SystemFacts(tree) }
        let system = try? facts.get()
        let isBootc = subject.configuration.labels["containers.bootc"] == "1"
        return ImageReport(
            reference: subject.reference, digest: subject.digest.description,
            architecture: subject.configuration.architecture, os: subject.configuration.os,
            osID: release?.fields["ID"], osVersion: release?.fields["VERSION_ID"],
            osName: release?.fields["PRETTY_NAME"], bootc: isBootc, bootcVersion: packages.versions["bootc"],
            createdAt: subject.configuration.created, labels: subject.configuration.labels, layers: subject.layers,
            rootSize: subject.size, tree: tree.path.string, kernels: try kernels.map { try report($0, packages) },
            initSystem: system.map { $0.isSystemd ? "systemd" : "other" }, initProgram: system?.initProgram,
            systemdVersion: try packages.versions["systemd"] ?? systemdVersionByLibrary(),
            services: try ServiceStates(tree),
            sshServer: ImageReport.SSHServer(
                present: system?.hasSSHServer ?? false, unit: system?.sshUnit, enabled: system?.sshIsEnabled ?? false,
                version: packages.versions["openssh-server"]),
            packageNote: packages.note,
            verdict: try verdict(subject, facts, kernels, isBootc: isBootc))
    }

    private func report(_ kernel: FoundKernel, _ packages: PackageVersions) throws -> ImageReport.Kernel {
        let modules = try KernelModules(of: kernel.release, in: tree)
        let isUnified = if case .unified = kernel.form { true } else { false }
        return ImageReport.Kernel(
            release: kernel.release, path: kernel.path, form: isUnified ? "uki" : "plain",
            initramfs: isUnified ? "in the UKI" : kernel.initramfs, package: packages.kernel(kernel.release),
            capabilities: modules?.capabilities.mapValues(\.rawValue) ?? [:])
    }

    private func verdict(
        _ subject: Subject, _ facts: Result<SystemFacts, any Error>, _ kernels: [FoundKernel], isBootc: Bool
    ) throws -> ImageReport.Verdict {
        var obstacles: [String] = []
        var warnings: [String] = []
        if !isBootc { warnings.append("no label containers.bootc=1: the image may not be made to boot") }
        if !Platform.host.runs(subject.configuration.platform) {
            obstacles.append("it is for \(subject.configuration.platform), this machine is \(Platform.host)")
        }
        do {
            let system = try facts.get()
            if !system.isSystemd { obstacles.append("its init is not systemd") }
            if !system.hasSSHServer { warnings.append("no ssh server: only its console can be reached") }
        } catch {
            obstacles.append("\(error)")
        }
        if let kernel = kernels.first {
            if let modules = try KernelModules(of: kernel.release, in: tree) {
                for name in ["virtiofs", "overlay", "virtio_pci"] where modules.index.presence(of: name) == .absent {
                    obstacles.append("\(BootPlanError.missingModule(name, release: kernel.release))")
                }
            } else {
                obstacles.append(
                    "\(BootPlanError.noModules(release: kernel.release, directory: "/usr/lib/modules/\(kernel.release)"))"
                )
            }
        } else {
            obstacles.append("\(BootPlanError.noKernel(lookedAt: KernelSearch.places))")
        }
        return ImageReport.Verdict(bootable: obstacles.isEmpty, obstacles: obstacles, warnings: warnings)
    }

    /// systemd's private library has the version in its name.
    private func systemdVersionByLibrary() throws -> String? {
        for place in ["/usr/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd", "/usr/lib64/systemd"] {
            for entry in try tree.entries(place) where entry.name.hasPrefix("libsystemd-shared-") {
                return String(entry.name.dropFirst("libsystemd-shared-".count).prefix { $0 != "." })
            }
        }
        return nil
    }
}

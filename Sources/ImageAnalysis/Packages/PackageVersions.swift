internal import LinuxSystem

/// The versions of the packages that matter for a boot, from the image's package data base.
struct PackageVersions {
    /// Version by package name.
    let versions: [String: String]
    /// Why the data base could not be read, if so.
    let note: String?

    /// The packages that are asked for, beside those whose name begins with `linux-image-`.
    static let names = ["systemd", "openssh-server", "bootc", "kernel", "kernel-core"]

    init(_ tree: RootDirectory) throws {
        let dpkg = try DpkgDatabase(tree).versions()
        if !dpkg.isEmpty {
            versions = dpkg
            note = nil
            return
        }
        switch try RPMDatabase(tree).versions() {
        case .none:
            versions = [:]
            note = "the image has no package data base that is known"
        case .unreadable(let reason):
            versions = [:]
            note = reason
        case .read(let found):
            versions = found
            note = nil
        }
    }

    /// The version of a kernel's package.
    func kernel(_ release: String) -> String? {
        versions["linux-image-\(release)"] ?? versions["kernel-core"] ?? versions["kernel"]
    }
}

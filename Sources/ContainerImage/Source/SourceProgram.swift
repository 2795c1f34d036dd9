internal import LinuxSystem
package import SystemPackage

/// The programs of this host that images are fetched with.
package enum SourceProgram: String, CaseIterable, Sendable {
    /// Registries, container storages, docker's archives and daemon.
    case skopeo
    /// Containers.
    case engine = "podman"
    /// containerd.
    case ctr

    /// What it is called, one thing or another.
    private var names: [String] { self == .engine ? ["podman", "docker"] : [rawValue] }

    /// The first one.
    /// - Parameter purpose: what it is wanted for, said where it is missing.
    package func find(neededFor purpose: String) throws(ImageError) -> FilePath {
        try all(neededFor: purpose)[0]
    }

    /// All that are there: at least one.
    package func all(neededFor purpose: String) throws(ImageError) -> [FilePath] {
        let found = names.compactMap(ProgramSearch.find)
        guard !found.isEmpty else { throw .programMissing(rawValue, neededFor: purpose) }
        return found
    }
}

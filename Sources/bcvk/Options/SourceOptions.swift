import ArgumentParser
import ContainerImage
import Glibc
import ImageStore

/// How an image is brought from its source; the same for every command that takes one.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A file with credentials for registries, as podman and skopeo have it.", valueName: "file"))
    var authfile: String?

    @Option(
        help: ArgumentHelp(
            "Credentials for the image's registry. In place of a password that others could see in the list of processes, set BCVK_CREDS.",
            valueName: "user:password"))
    var creds: String?

    @Option(
        help: ArgumentHelp(
            "Whether a registry must prove who it is; by default true, except for registries of this host.",
            valueName: "true|false"))
    var tlsVerify: Bool?

    @Option(help: ArgumentHelp("A directory with certificates and keys for registries.", valueName: "dir"))
    var certDir: String?

    /// As the store takes it.
    var registry: RegistryAccess {
        var access = RegistryAccess()
        access.authFile = authfile
        access.credentials = creds ?? getenv("BCVK_CREDS").map { String(cString: $0) }
        access.verifiesTLS = tlsVerify
        access.certificates = certDir
        return access
    }
}

/// When the source of an image is asked again.
enum PullPolicy: String, CaseIterable, ExpressibleByArgument {
    /// Whenever the image is used.
    case always
    /// When the cache does not have it, or a local source has changed.
    case missing
    /// Never: only the cache is looked into.
    case never
}

/// The image options of every command that starts a machine.
struct ImageOptions: ParsableArguments {
    @Option(help: "When the image's source is asked: always, missing (not in the cache, or changed), never.")
    var pull = PullPolicy.missing

    @Option(
        help: ArgumentHelp(
            "Boot this image's kernel; an IMAGE without an init then runs its entrypoint and command as the machine's one service.",
            valueName: "image"))
    var kernelFrom: String?

    @OptionGroup
    var source: SourceOptions
}

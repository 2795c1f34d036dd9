import ArgumentParser
import Glibc
import ImageStore
import LinuxSystem
import VirtualMachine

/// The command line's root.
struct Bcvk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bcvk",
        abstract: "From a bootc container image to a shell in a real virtual machine.",
        discussion: """
            Needs no container engine, no root, no daemon and no disk image: the image is unpacked once into a cache, \
            and its own kernel boots from there.

            A first session:
              bcvk doctor
              bcvk ephemeral run-ssh IMAGE -- uname -r
              bcvk ephemeral run -d --name box IMAGE
              bcvk ephemeral ssh box
              bcvk ephemeral rm -f box

            IMAGE is one of
              NAME[:TAG]                   in the local container storage, or else in its registry
              docker://REF                 in a registry
              containers-storage:REF       in the storage of podman, buildah and CRI-O
              docker-daemon:REF, containerd:REF
              oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE
              container:NAME               a container of podman or docker, running or not, with its changes
              tar:FILE                     a root file system in an archive
              dir:PATH                     a root directory, used where it is, read-only

            Exit codes: the guest command's own; 64 wrong usage; 124 the time is over; 125 bcvk or the machine failed.
            """,
        version: ProgramVersion.current,
        subcommands: [
            Ephemeral.self, Images.self, Template.self, ToDisk.self, Disk.self, Libvirt.self, DoctorCommand.self,
            Internal.self,
        ])
}

@main
enum Program {
    static func main() {
        // A reader of our output that has gone (`bcvk … | head`) is noticed at the write, as an error.
        signal(SIGPIPE, SIG_IGN)
        // To build the parser would take a third of this process's start.
        if CommandLine.arguments.dropFirst().elementsEqual(StoreWorker.arguments) {
            exit(StoreWorker.main(input: STDIN_FILENO, output: STDOUT_FILENO))
        }
        do {
            var command = try command()
            try command.run()
            exit(0)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = Bcvk.exitCode(for: error)
            if code == .success || code == .validationFailure { Bcvk.exit(withError: error) }
            Message.failure(error)
            exit(ExitCodes.failed)
        }
    }

    /// To put all of the command line together takes a third of a short command's time, so the command that the first words name reads
    /// its own part alone. Whatever is to be said of it (help, a mistake) is said by the whole.
    private static func command() throws -> any ParsableCommand {
        var named: any ParsableCommand.Type = Bcvk.self
        var words = CommandLine.arguments.dropFirst()
        while let word = words.first,
            let next = named.configuration.subcommands.first(where: { $0.configuration.commandName == word })
        {
            named = next
            words = words.dropFirst()
        }
        if named.configuration.subcommands.isEmpty, let command = try? named.parseAsRoot(Array(words)),
            type(of: command) == named
        {
            return command
        }
        return try Bcvk.parseAsRoot()
    }
}

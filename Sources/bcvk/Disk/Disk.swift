import ArgumentParser

/// Disks that boot by themselves.
struct Disk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk",
        abstract: "Disk images: run them and look into them.",
        discussion: "bcvk to-disk makes them. The machines that run from them are those of bcvk ephemeral ps, too.",
        subcommands: [
            DiskRun.self, DiskInspect.self, EphemeralSSH.self, EphemeralExec.self, EphemeralCP.self, EphemeralWait.self,
            EphemeralLogs.self, EphemeralPS.self, EphemeralStop.self, EphemeralRM.self,
        ])
}

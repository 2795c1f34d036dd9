import ArgumentParser

/// Machines that leave nothing behind.
struct Ephemeral: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ephemeral",
        abstract: "Machines that boot an image from a read-only share and forget what they changed.",
        subcommands: [
            EphemeralRun.self, EphemeralRunSSH.self, EphemeralSSH.self, EphemeralExec.self, EphemeralCP.self,
            EphemeralWait.self, EphemeralLogs.self, EphemeralPS.self, EphemeralInspect.self,
            EphemeralStop.self, EphemeralRM.self, EphemeralRMAll.self,
            EphemeralSSHConfig.self, EphemeralPause.self, EphemeralResume.self, EphemeralQMP.self,
        ])
}

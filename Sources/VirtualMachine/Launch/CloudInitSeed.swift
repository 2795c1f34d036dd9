internal import GuestProtocol

/// The seed of cloud-init's data source NoCloud, as files: found without a disk and without a network.
enum CloudInitSeed {
    private static let directory = "/var/lib/cloud/seed/nocloud"

    /// - Parameters:
    ///   - userData: what the user wants done, in any form that cloud-init knows.
    ///   - instance: an id that no other machine has, so that everything is done anew.
    static func files(userData: [UInt8], instance: String, hostname: String) -> [GuestFile] {
        let metaData = "instance-id: \(instance)\nlocal-hostname: \(hostname)\n"
        return [
            GuestFile(path: "\(directory)/user-data", content: .bytes(userData), isPublic: false),
            GuestFile(path: "\(directory)/meta-data", content: .bytes(Array(metaData.utf8)), isPublic: false),
        ]
    }
}

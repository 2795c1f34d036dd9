import CGuest

/// Disks of the machine, known by their serial numbers.
enum Disks {
    /// How long a disk may take to appear after its driver was loaded.
    private static let patience: UInt32 = 10_000_000
    private static let pause: UInt32 = 10_000

    /// The device of the disk with this serial number.
    static func device(serial: String) throws(GuestError) -> String {
        var name = [CChar](repeating: 0, count: 32)
        var waited: UInt32 = 0
        while guest_find_disk(serial, &name, name.count) != 0 {
            guard guest_errno() == ENODEV, waited < patience else { throw GuestError("find disk", serial) }
            usleep(pause)
            waited += pause
        }
        return "/dev/" + String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

import CGuest

/// The marks by which systemd knows that what is derived from /usr (the linker's cache, the journal's catalog, hardware and user
/// data bases) was made after /usr was (systemd.unit(5), ConditionNeedsUpdate=). An image has them from its builder; to make them
/// again at every start of every machine would cost seconds and change nothing.
enum UpdateMarks {
    static func write(into tree: RootTree) throws(GuestError) {
        for path in ["/etc/.updated", "/var/.updated"] { try tree.write([], to: path, mode: 0o644) }
    }
}

import ArgumentParser
import DiskImage
import Glibc
import ImageStore
import LinuxSystem
import Machine
import SystemPackage
import VirtualMachine

/// From an image to a disk that boots by itself.
struct ToDisk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "to-disk", abstract: "Make a disk image that boots by itself.",
        discussion: """
            The disk has a GUID partition table, boot loaders for UEFI and BIOS, and the image's files with what a system on \
            a disk needs beside them. It is made without root, loop devices or mounts. A file that already is the same \
            disk is kept. With SOURCE_DATE_EPOCH set, the same inputs give the same bytes.

              bcvk to-disk IMAGE web.qcow2 --format qcow2 --disk-size 20G
              bcvk disk run web.qcow2
            """)

    @OptionGroup(title: "Disk options")
    var options: DiskOptions

    @Option(help: "When the image's source is asked: always, missing (not in the cache, or changed), never.")
    var pull = PullPolicy.missing

    @OptionGroup(title: "Source options")
    var source: SourceOptions

    @Flag(help: "Only say whether the file would be kept (would-keep) or made (would-make).")
    var dryRun = false

    @Flag(help: "Replace a file that bcvk has not made.")
    var force = false

    @Argument(help: "The image.")
    var image: String

    @Argument(help: "The disk's file.", completion: .file())
    var output: String

    func run() throws {
        // Bad places are told before an image is fetched.
        let place = try DiskOutput(FilePath(output))
        let access = StoreAccess()
        let stored = try access.image(image, pull, source: source.registry)
        let lease = try access.store.lease(stored)
        defer { withExtendedLifetime(lease) {} }
        let key = try DiskKey(options, output: place.path)
        var recipe = try options.recipe(output: place.path)
        recipe.authorizedKeys = try key.publicLines(makesNew: !dryRun)
        let bar = ProgressBar()
        defer { bar.clear() }
        let subject = try DiskSource(stored, access.store, imageName: image, bar: bar)
        let plan = try DiskPlanner(subject, recipe).plan()
        let state = try place.state(plan.key)
        if dryRun { return try StandardOutput.line(state == .current ? "would-keep" : "would-make") }
        if state == .current {
            Message.say("bcvk: \(output) is this disk already: it is kept")
            return try StandardOutput.line(output)
        }
        let remarks = try place.write(plan, replacesForeign: force) { bar.show($0.rawValue) }
        bar.clear()
        for remark in remarks { Message.say("bcvk: \(remark)") }
        if let file = key.generated { Message.say("bcvk: the ssh key that logs in is \(file)") }
        try StandardOutput.line(output)
    }
}

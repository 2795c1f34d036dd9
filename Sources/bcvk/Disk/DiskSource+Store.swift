import ContainerImage
import DiskImage
import FoundationEssentials
import Glibc
import ImageStore
import LinuxSystem
import SystemPackage
import VirtualMachine

extension DiskSource {
    /// An image of the cache.
    init(_ image: StoredImage, _ store: ImageStore, imageName: String, bar: ProgressBar) throws {
        self.init(
            image: image.reference, digest: image.digest.description,
            tree: try RootDirectory(FilePath(image.tree)), treeKey: image.treeKey, mayChange: image.isInPlace,
            derived: store.derivedDirectory, guest: try GuestProgram.find(), survey: Self.survey,
            makeInitramfs: { release in
                bar.clear()
                return try InitramfsMachine(image: imageName, release: release).make()
            })
    }

    /// Counts a tree in a child that may read all of it: for an ordinary user in a user namespace.
    private static func survey(_ tree: FilePath) throws -> TreeSurvey {
        var program = ChildProgram(try ProgramSearch.ownExecutable(), ["internal", "survey", tree.string])
        program.userNamespace = try UserNamespaceMap.forCurrentUser()
        program.noNewPrivileges = true
        program.parentDeathSignal = SIGKILL
        let result = try program.run()
        guard result.exit == .exited(0) else {
            throw DiskImageError.toolFailed("counting \(tree)", reason: result.errorText)
        }
        return try JSONDecoder().decode(TreeSurvey.self, from: Data(result.output))
    }
}

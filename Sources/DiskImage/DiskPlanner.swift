internal import BootPlan
internal import ContainerImage
internal import FoundationEssentials
internal import LinuxSystem
public import Machine
internal import SystemPackage

/// Decides everything about a disk before anything is written.
public struct DiskPlanner {
    private let source: DiskSource
    private let recipe: DiskRecipe
    private let architecture: Architecture

    /// A planner for an image and a recipe.
    public init(_ source: DiskSource, _ recipe: DiskRecipe, architecture: Architecture = .host) {
        self.source = source
        self.recipe = recipe
        self.architecture = architecture
    }

    /// Looks at image and host. Nothing is written but what is kept beside the image's tree.
    public func plan() throws -> DiskPlan {
        if let obstacle = recipe.fileSystem.obstacle {
            throw DiskImageError.cannotFill(recipe.fileSystem.rawValue, reason: obstacle)
        }
        let facts = try SystemFacts(source.tree)
        let loaders = try BootLoaders(tree: source.tree, recipe: recipe, architecture: architecture)
        let kernel = try chooseKernel()
        let key = try DiskDescription.key(
            imageDigest: source.digest, treeKey: source.treeKey, recipe: recipe, programs: try loaders.digests)
        let survey = try self.survey()
        // Kernel, initramfs and what is written beside are small against what has to be known here.
        let extra = ByteSize(mebibytes: loaders.needsRootFiles ? 96 : 8)
        let need = Ext4Space.need(survey, extra: extra)
        let layout = try DiskLayout(
            size: recipe.diskSize.map { ByteSize(bytes: $0) }, rootSize: recipe.rootSize.map { ByteSize(bytes: $0) },
            support: recipe.firmware, need: need)
        return DiskPlan(
            source: source, recipe: recipe, architecture: architecture, facts: facts, loaders: loaders, kernel: kernel,
            key: key, survey: survey, layout: layout)
    }

    private func chooseKernel() throws -> FoundKernel {
        var options = BootOptions()
        options.isTuned = false
        options.kernelVersion = recipe.kernelVersion
        let planner = BootPlanner(
            tree: source.tree, treeKey: source.treeKey, derived: source.derived, guest: source.guest, options: options)
        return try planner.chooseKernel()
    }

    private func survey() throws -> TreeSurvey {
        let file = source.derived.appending("\(source.treeKey)-survey.json")
        if !source.mayChange, let text = try Files.readIfPresent(file, limit: 1 << 16),
            let known = try? JSONDecoder().decode(TreeSurvey.self, from: Data(text))
        {
            return known
        }
        let survey = try source.survey(source.tree.path)
        if !source.mayChange { try Files.writeAtomically(Array(try JSONEncoder().encode(survey)), to: file) }
        return survey
    }
}

/// A disk that is decided but not made.
public struct DiskPlan {
    let source: DiskSource
    let recipe: DiskRecipe
    let architecture: Architecture
    let facts: SystemFacts
    let loaders: BootLoaders
    let kernel: FoundKernel
    /// Stands for all inputs: a disk with the same key need not be made again.
    public let key: String
    let survey: TreeSurvey
    /// Where its partitions are.
    public let layout: DiskLayout

    /// How many bytes the disk takes at most on the host while it is made.
    var hostBytes: UInt64 {
        let content = survey.blocks * 4096 + (256 << 20)
        return recipe.format == .qcow2 ? content * 2 : content
    }
}

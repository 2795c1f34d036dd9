import ArgumentParser

/// Images in the cache.
struct Images: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "Images: fetch them, look into them, see what the cache has.",
        subcommands: [
            ImagesPull.self, ImagesInspect.self, ImagesList.self, ImagesRM.self, ImagesPrune.self, ImagesDF.self,
            ImagesCheck.self,
        ])
}

// swift-tools-version: 6.2
import PackageDescription

// A package that uses bcvk as a library. One of your own names its address and a version instead of a path.
let package = Package(
    name: "example",
    dependencies: [.package(name: "bcvk", path: "../..")],
    targets: [
        .executableTarget(
            name: "Example", dependencies: [.product(name: "EphemeralMachine", package: "bcvk")])
    ],
    swiftLanguageModes: [.v6]
)

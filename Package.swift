// swift-tools-version: 6.2
import PackageDescription

/// contrib/fuzz builds with this variable: everything of ours tells libFuzzer where it has been then, and there is a program more.
let isFuzzing = Context.environment["BCVK_FUZZING"] != nil

/// What every Swift target is compiled with.
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

/// The guest program runs as PID 1 of the initramfs: one small static file with no runtime beside it.
let embeddedSettings: [SwiftSetting] = [
    .enableExperimentalFeature("Embedded"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-wmo", "-Osize"]),
]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// Targets stand in the order in which data flows through the program.
let package = Package(
    name: "bcvk",
    products: [
        .executable(name: "bcvk", targets: ["bcvk"]),
        .executable(name: "bcvk-guest", targets: ["bcvk-guest"]),
        .`library`(name: "EphemeralMachine", targets: ["EphemeralMachine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CGuest"),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CCapability", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .target(
            name: "LinuxSystem", dependencies: ["CLinux", "CSeccomp", "CCapability", system], swiftSettings: settings),
        .target(
            name: "Compression", dependencies: ["CISAL", "CZstd", "CLZMA", "LinuxSystem", system],
            swiftSettings: settings),
        .target(name: "Tar", dependencies: ["Compression"], swiftSettings: settings),
        .target(
            name: "ContainerImage", dependencies: ["CNettle", "LinuxSystem", "Compression", "Tar", system],
            swiftSettings: settings),
        .target(
            name: "ImageStore",
            dependencies: ["ContainerImage", "Compression", "Tar", "LinuxSystem", "CLinux", system],
            swiftSettings: settings),
        .target(name: "GuestProtocol", dependencies: ["CLinux"], swiftSettings: settings),
        .target(
            name: "BootPlan",
            dependencies: ["GuestProtocol", "Compression", "LinuxSystem", system, logging],
            swiftSettings: settings),
        .target(
            name: "ImageAnalysis", dependencies: ["BootPlan", "ContainerImage", "LinuxSystem", system],
            swiftSettings: settings),
        .target(name: "Machine", dependencies: [system], swiftSettings: settings),
        .target(name: "QMP", dependencies: ["LinuxSystem", system], swiftSettings: settings),
        .target(
            name: "VirtualMachine",
            dependencies: [
                "BootPlan", "ContainerImage", "GuestProtocol", "ImageStore", "LinuxSystem", "Machine", "QMP", system,
            ],
            swiftSettings: settings),
        .target(
            name: "DiskImage",
            dependencies: ["BootPlan", "ContainerImage", "ImageAnalysis", "LinuxSystem", "Machine", system],
            swiftSettings: settings),
        .target(name: "LibvirtDomain", dependencies: ["LinuxSystem", "Machine", system], swiftSettings: settings),
        .target(
            name: "EphemeralMachine",
            dependencies: [
                "BootPlan", "ContainerImage", "GuestProtocol", "ImageStore", "LinuxSystem", "Machine",
                "VirtualMachine", system,
            ],
            swiftSettings: settings),
        .target(
            name: "HostHealth",
            dependencies: [
                "ContainerImage", "DiskImage", "ImageStore", "LibvirtDomain", "LinuxSystem", "Machine",
                "VirtualMachine", system,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "bcvk",
            dependencies: [
                "BootPlan", "ContainerImage", "DiskImage", "HostHealth", "ImageAnalysis", "ImageStore",
                "LibvirtDomain", "LinuxSystem", "Machine", "GuestProtocol", "QMP", "VirtualMachine",
                argumentParser, system,
            ],
            swiftSettings: settings),
        // The same sources as GuestProtocol, compiled a second time as Embedded Swift.
        .executableTarget(
            name: "bcvk-guest", dependencies: ["CGuest", "CLinux"], path: "initramfs",
            swiftSettings: embeddedSettings,
            linkerSettings: [.unsafeFlags(["-Xclang-linker", "-static"])]),
        // The source of the package in contrib/example, built here too so that the tests can run it.
        .executableTarget(
            name: "bcvk-example", dependencies: ["EphemeralMachine"], path: "contrib/example/Sources/Example",
            swiftSettings: settings),
        // Archives and layouts for tests, honest and hostile ones.
        .target(name: "TarFixtures", path: "Tests/TarFixtures", swiftSettings: settings),
        .target(
            name: "ImageFixtures", dependencies: ["ContainerImage", "LinuxSystem", "TarFixtures", system],
            path: "Tests/ImageFixtures", swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "bcvk-example", "ContainerImage", "EphemeralMachine", "ImageFixtures", "LinuxSystem", "QMP",
                "TarFixtures", system,
            ],
            path: "tests-integration", swiftSettings: settings),
        .testTarget(name: "LinuxSystemTests", dependencies: ["LinuxSystem", system], swiftSettings: settings),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"], swiftSettings: settings),
        .testTarget(name: "TarTests", dependencies: ["Compression", "Tar", "TarFixtures"], swiftSettings: settings),
        .testTarget(
            name: "ContainerImageTests",
            dependencies: ["ContainerImage", "ImageFixtures", "LinuxSystem", "TarFixtures", system],
            swiftSettings: settings),
        .testTarget(
            name: "ImageStoreTests",
            dependencies: [
                "CLinux", "Compression", "ContainerImage", "ImageFixtures", "ImageStore", "LinuxSystem", "Tar",
                "TarFixtures", system,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "GuestProtocolTests", dependencies: ["GuestProtocol", "LinuxSystem", system],
            swiftSettings: settings),
        .testTarget(
            name: "BootPlanTests", dependencies: ["BootPlan", "ImageFixtures", "LinuxSystem", system],
            swiftSettings: settings),
        .testTarget(name: "ImageAnalysisTests", dependencies: ["ImageAnalysis"], swiftSettings: settings),
        .testTarget(name: "MachineTests", dependencies: ["Machine"], swiftSettings: settings),
        .testTarget(
            name: "DiskImageTests", dependencies: ["BootPlan", "DiskImage", "LinuxSystem", "Machine", system],
            swiftSettings: settings),
        .testTarget(
            name: "HostHealthTests",
            dependencies: ["HostHealth", "ImageStore", "LinuxSystem", "Machine", "VirtualMachine", system],
            swiftSettings: settings),
        .testTarget(name: "LibvirtDomainTests", dependencies: ["LibvirtDomain", "Machine"], swiftSettings: settings),
        .testTarget(name: "QMPTests", dependencies: ["QMP"], swiftSettings: settings),
        .testTarget(
            name: "VirtualMachineTests",
            dependencies: ["GuestProtocol", "LinuxSystem", "Machine", "VirtualMachine", system],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)

if isFuzzing {
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/CFuzzer"),
        .executableTarget(
            name: "bcvk-fuzz",
            dependencies: [
                "BootPlan", "CFuzzer", "Compression", "ContainerImage", "DiskImage", "GuestProtocol", "ImageAnalysis",
                "ImageStore", "LinuxSystem", "Machine", "QMP", "Tar", "TarFixtures", "VirtualMachine", system,
            ], path: "Tests/Fuzzing", swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
}

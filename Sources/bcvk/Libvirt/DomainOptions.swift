import ArgumentParser
import BootPlan
import ContainerImage
import DiskImage
import FoundationEssentials
import Glibc
import GuestProtocol
import ImageStore
import LibvirtDomain
import LinuxSystem
import Machine
import SystemPackage
import VirtualMachine

/// How a domain is made.
struct DomainOptions: ParsableArguments {
    @Option(help: "The domain's name; by default that of the disk's file or of the image.")
    var name: MachineName?

    @Option(help: "The machine's memory: 512M, 4G, 1.5GiB; a bare number counts MiB. By default 4G.")
    var memory: MemorySize?

    @Option(help: ArgumentHelp("How many CPUs.", valueName: "number"))
    var vcpus = 2

    @Option(help: "What executes the guest: kvm, tcg, or auto for KVM where it works.")
    var accel = AcceleratorRequest.auto

    @Option(help: "The port of 127.0.0.1 that leads to the guest's ssh server; by default a free one.")
    var sshPort: UInt16?

    @Option(help: "For a disk, uefi or bios; by default UEFI where it has an EFI system partition.")
    var firmware: DiskMachineRequest.FirmwareChoice?

    @Argument(help: "A disk's file, or an image.", completion: .file())
    var subject: String

    func validate() throws {
        guard (1...512).contains(vcpus) else { throw ValidationError("--vcpus takes 1 to 512") }
    }

    /// The domain that these options make.
    func domain() throws -> Domain {
        let accelerator = try AcceleratorChoice.make(accel).accelerator
        // A name that is no file's is an image's.
        if let resolved = realpath(subject, nil) {
            defer { free(resolved) }
            let path = FilePath(String(cString: resolved))
            return try disk(path, accelerator)
        }
        return try kernel(accelerator)
    }

    private func disk(_ path: FilePath, _ accelerator: Accelerator) throws -> Domain {
        let reader = try DiskReader(path)
        let table = try reader.partitionTable()
        let standard: DiskMachineRequest.FirmwareChoice = table.first(.efiSystem) == nil ? .bios : .uefi
        var boot = Firmware.bios
        if firmware ?? standard == .uefi {
            let found = try UEFIFirmware.find(.host)
            boot = .uefi(code: found.code, variables: found.variables)
        }
        let made = reader.description
        let key = DiskKey.file(of: path)
        return Domain(
            name: try name?.text ?? Self.name(path.stem ?? ""),
            boot: .disk(file: path.string, format: reader.format, firmware: boot), accelerator: accelerator,
            memory: memory?.size ?? ByteSize(mebibytes: 4096), processors: vcpus,
            note: DomainNote(
                image: made?.image ?? path.string, digest: made?.digest ?? "", sshPort: try port(),
                sshKey: Files.exists(key) ? key.string : ""))
    }

    private func kernel(_ accelerator: Accelerator) throws -> Domain {
        let access = StoreAccess()
        let image = try access.image(subject)
        let name = try name?.text ?? Self.name(image.digest.short)
        let boot = try LibvirtKernelBoot(image, access.store, name: name, isTranslated: accelerator == .tcg)
        return Domain(
            name: name, boot: .kernel(boot.boot, tree: image.tree, tag: BootPlanner.rootTag), accelerator: accelerator,
            memory: memory?.size ?? ByteSize(mebibytes: 4096), processors: vcpus,
            note: DomainNote(
                image: image.reference, digest: image.digest.description, sshPort: try port(),
                sshKey: boot.key.string))
    }

    private static func name(_ text: String) throws -> String {
        let label = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        let trimmed = label.split(separator: "-").joined(separator: "-").prefix(63)
        guard let name = MachineName(String(trimmed)) else { throw ValidationError("give the domain a --name") }
        return name.text
    }

    private func port() throws -> UInt16 { try sshPort ?? FreePort.find() }
}

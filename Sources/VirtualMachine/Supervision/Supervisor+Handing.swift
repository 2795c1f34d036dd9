internal import Glibc
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// Everything that QEMU works with, opened for it.
extension Supervisor {
    /// Puts what QEMU inherits in the place of the machine's paths.
    func handOver(_ machine: inout MachineSpec, _ files: inout HandedFiles) throws {
        if let boot = machine.boot {
            machine.boot?.kernel = try files.show(boot.kernel)
            machine.boot?.initrd = try files.show(boot.initrd)
        }
        if case .uefi(var code, var variables) = machine.firmware {
            code.file = try files.inherit(code.file, isReadOnly: true)
            variables.file = try files.inherit(variables.file, isReadOnly: false)
            machine.firmware = .uefi(code: code, variables: variables)
        }
        for index in machine.firmwareConfiguration.indices {
            machine.firmwareConfiguration[index].file = try files.show(machine.firmwareConfiguration[index].file)
        }
        try handOver(&machine.shares, &files)
        try handOver(&machine.plugged.shares, &files)
        try handOver(&machine.drives, &files)
        try handOver(&machine.plugged.drives, &files)
        machine.console.log = try files.inheritLog(machine.console.log)
        for index in machine.ports.indices {
            guard case .file(let path) = machine.ports[index].backend else { continue }
            machine.ports[index].backend = .file(try files.inheritLog(path))
        }
        for disk in plan.scratchDisks {
            let file = try disk.makeFile(in: FilePath(plan.scratchDirectory))
            machine.drives.append(disk.drive(file: try files.inherit(file)))
        }
    }

    private func handOver(_ shares: inout [FileSystemShare], _ files: inout HandedFiles) throws {
        for index in shares.indices {
            shares[index].descriptor = files.pass(try UnixSocket.connect(FilePath(shares[index].socket)))
        }
    }

    private func handOver(_ drives: inout [Drive], _ files: inout HandedFiles) throws {
        for index in drives.indices {
            if drives[index].forgetsWrites {
                let overlay = try DiskFiles.makeOverlay(on: drives[index], qemu: FilePath(plan.qemu))
                drives[index].overlay = try files.inherit(overlay)
            }
            let isReadOnly = drives[index].isReadOnly || drives[index].forgetsWrites
            drives[index].file = try files.inherit(drives[index].file, isReadOnly: isReadOnly)
        }
    }
}

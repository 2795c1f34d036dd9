import DiskImage
import Glibc
import LinuxSystem
import SystemPackage

/// What is read of a disk that a stranger has made.
let diskTargets: [String: FuzzTarget] = [
    "partition-table": { bytes in
        guard let table = try? PartitionTable(primary: bytes) else { return }
        for partition in table.partitions {
            promise(partition.sectors.upperBound < table.sectorCount, "a partition beyond the disk")
            _ = partition.type
        }
    },
    "disk": { bytes in
        // In a file, as raw disks and qcow2 files are.
        guard let name = getenv("BCVK_FUZZ_SCRATCH") else { return }
        let path = FilePath(String(cString: name)).appending("disk")
        do {
            try Files.createDirectories(path.removingLastComponent())
            try Files.writeAtomically(bytes, to: path)
        } catch {
            fatalError("\(error)")
        }
        guard let reader = try? DiskReader(path) else { return }
        _ = try? reader.partitionTable()
        _ = reader.description?.image
    },
]

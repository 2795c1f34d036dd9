internal import Glibc
internal import GuestProtocol
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// What of this host a machine is given, checked before any image is touched.
struct HostResources: Sendable {
    /// A directory that is shared.
    struct Share: Sendable {
        var directory: FilePath
        var guest: GuestShare
    }

    /// A disk with its file.
    struct Disk: Sendable {
        var drive: Drive
        /// Whether the file has to be made.
        var isMissing: Bool
    }

    var shares: [Share]
    var disks: [Disk]
    let scratchDisks: [ScratchDisk]
    let units: [GuestFile]
    let cloudInit: [UInt8]?
    let ignition: FilePath?

    /// Each is a device on the same bus, which has room for 29.
    private static let deviceLimit = 20
    private static let cloudInitLimit = 4 << 20

    init(_ request: MachineRequest) throws {
        shares = try Self.shares(request.shares)
        disks = try Self.disks(request.disks)
        scratchDisks = try Self.scratchDisks(request)
        units = try request.systemdUnits.map { try SystemdUnits.read($0) } ?? []
        cloudInit = try request.cloudInit.map { text in
            let path = try HostPath.resolve(text, kind: .regular, writable: false)
            let bytes = try Files.readWhole(path, limit: Self.cloudInitLimit)
            if bytes.isEmpty { throw RequestError.unusableFile(text, reason: "it is empty") }
            return bytes
        }
        ignition = try request.ignition.map { try HostPath.resolve($0, kind: .regular, writable: false) }
        try Self.check(ports: request.network.published)
        try Self.refuseDoubles("guest path", shares.map(\.guest.path))
        try Self.refuseDoubles("disk", disks.map(\.drive.serial) + scratchDisks.map(\.serial))
        let devices = shares.count + disks.count + scratchDisks.count
        guard devices <= Self.deviceLimit else {
            throw RequestError.forbidden(
                "shares and disks", value: "\(devices)", rule: "a machine takes \(Self.deviceLimit)")
        }
    }

    private static func shares(_ requests: [ShareRequest]) throws(RequestError) -> [Share] {
        var found: [Share] = []
        for request in requests {
            let path = try HostPath.resolve(request.directory, kind: .directory, writable: !request.isReadOnly)
            let guest = GuestShare(
                tag: "bind\(found.count)", path: try request.guestPath(of: path.string),
                isReadOnly: request.isReadOnly)
            found.append(Share(directory: path, guest: guest))
        }
        return found
    }

    private static func disks(_ requests: [DiskRequest]) throws -> [Disk] {
        var found: [Disk] = []
        for request in requests {
            let missing = try HostPath.missing(request.file)
            let file: FilePath
            if let missing {
                file = missing
            } else {
                file = try HostPath.resolve(request.file, kind: .regular, writable: true)
                if request.format == .qcow2 { try DiskFiles.refuseLayer(file) }
            }
            if found.contains(where: { $0.drive.file == file.string }) {
                throw RequestError.doubled("disk file", file.string)
            }
            let drive = Drive(serial: request.name, file: file.string, format: request.format)
            found.append(Disk(drive: drive, isMissing: missing != nil))
        }
        return found
    }

    private static func scratchDisks(_ request: MachineRequest) throws -> [ScratchDisk] {
        var found: [ScratchDisk] = []
        if let size = request.swap { found.append(try ScratchDisk.swap(size)) }
        if let size = request.scratch { found.append(try ScratchDisk.upperLayers(size)) }
        return found
    }

    private static func check(ports: [PortForward]) throws(RequestError) {
        var seen: Set<PortForward> = []
        for port in ports where port.hostPort != 0 {
            let name = "\(port.address):\(port.hostPort)/\(port.transport.rawValue)"
            var place = port
            place.guestPort = 0
            guard seen.insert(place).inserted else { throw .doubled("port", name) }
            do {
                try PortProbe.look(address: port.address, port: port.hostPort, isDatagram: port.transport == .udp)
            } catch {
                throw .unusablePort(name, reason: error.errno == .addressInUse ? "it is taken" : "\(error.errno)")
            }
        }
    }

    private static func refuseDoubles(_ part: String, _ values: [String]) throws(RequestError) {
        var seen: Set<String> = []
        for value in values where !seen.insert(value).inserted { throw .doubled(part, value) }
    }
}

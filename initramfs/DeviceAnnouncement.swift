import CGuest
import CLinux

/// Announces the devices that are there already to udev, as `udevadm trigger --type=all --action=add` does: parents before what hangs
/// on them, and some subsystems before all others.
enum DeviceAnnouncement {
    private struct Device {
        /// Its directory below /sys, and a slash after it: so a parent is a prefix.
        let path: [UInt8]
        var isFirst: Bool
    }

    private static let buses = "/sys/bus"
    private static let classes = "/sys/class"
    private static let modules = "/sys/module"

    static func run() throws(GuestError) {
        let list: [UInt8]
        do throws(GuestError) {
            list = try WholeFile.read(GuestPlaces.announced)
        } catch {
            Console.warn(error.text)
            // All of them, then.
            guest_execute("/usr/bin/udevadm", CStrings(["udevadm", "trigger", "--action=add"]).pointers)
            throw GuestError("execute", "/usr/bin/udevadm")
        }
        let choice = DeviceChoice(list)
        var devices: [Device] = []
        for bus in names(buses) { add(links(of: buses + "/" + bus + "/devices"), of: bus, choice, to: &devices) }
        for name in names(classes) { add(links(of: classes + "/" + name), of: name, choice, to: &devices) }
        let module = Array("module".utf8)
        if choice.takes(module) {
            for name in names(modules) where choice.announces(name, of: module, alias: { [] }) {
                devices.append(Device(path: Array((modules + "/" + name + "/").utf8), isFirst: choice.isFirst(module)))
            }
        }
        for path in order(devices) {
            // A device may have gone, and one whose name only is in a class has no events.
            let file = guest_open(String(decoding: path, as: UTF8.self) + "uevent", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            _ = "add".withCString { write(file, $0, 3) }
            close(file)
        }
    }

    private static func add(
        _ links: [(name: String, path: [UInt8])], of subsystem: String, _ choice: DeviceChoice,
        to devices: inout [Device]
    ) {
        let kind = Array(subsystem.utf8)
        guard choice.takes(kind) else { return }
        let isFirst = choice.isFirst(kind)
        for link in links where choice.announces(link.name, of: kind, alias: { alias(of: link.path) }) {
            if let node = choice.node(link.name, of: kind) {
                set(node, of: link.name)
            } else {
                devices.append(Device(path: link.path, isFirst: isFirst))
            }
        }
    }

    private static func alias(of device: [UInt8]) -> [UInt8] {
        do throws(GuestError) {
            return try WholeFile.read(String(decoding: device, as: UTF8.self) + "modalias")
        } catch {
            // Not every device has one.
            return []
        }
    }

    private static func set(_ node: DeviceChoice.Node, of name: String) {
        // Not every device has a node of its own.
        guard guest_name_device(name) == 0 else { return }
        let path = "/dev/" + name
        if let group = node.group { _ = chown(path, 0, group) }
        if let mode = node.mode { _ = chmod(path, mode) }
    }

    /// What a directory of links to devices leads to.
    private static func links(of directory: String) -> [(name: String, path: [UInt8])] {
        let file = guest_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var found: [(name: String, path: [UInt8])] = []
        var target = [CChar](repeating: 0, count: 4097)
        for name in names(directory) {
            let count = readlinkat(file, name, &target, 4096)
            guard count > 0 else { continue }
            var rest = target[..<count].map { UInt8(bitPattern: $0) }[...]
            while rest.starts(with: "../".utf8) { rest = rest.dropFirst(3) }
            found.append((name, Array("/sys/".utf8) + rest + [UInt8(ascii: "/")]))
        }
        return found
    }

    private static func names(_ directory: String) -> [String] {
        let file = guest_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        guard let stream = clinux_open_names(file) else { return [] }
        defer { clinux_close_names(stream) }
        var found: [String] = []
        while let name = clinux_next_name(stream) { found.append(String(cString: name)) }
        return found
    }

    private static func order(_ devices: [Device]) -> [[UInt8]] {
        var devices = devices
        devices.sort { left, right in left.path.lexicographicallyPrecedes(right.path) }
        // What an early one hangs on comes early too.
        for device in devices where device.isFirst {
            for index in devices.indices where device.path.starts(with: devices[index].path) {
                devices[index].isFirst = true
            }
        }
        var result: [[UInt8]] = []
        for device in devices where device.isFirst && !isLate(device.path) { result.append(device.path) }
        for device in devices where !device.isFirst && !isLate(device.path) { result.append(device.path) }
        for device in devices where isLate(device.path) { result.append(device.path) }
        return result
    }

    /// What is made of other devices, and what tells that a sound card is complete.
    private static func isLate(_ path: [UInt8]) -> Bool {
        for part in ["/block/dm-", "/block/md", "/controlC"] {
            let part = Array(part.utf8)
            if path.withUnsafeBytes({ path in
                part.withUnsafeBytes { guest_holds(path.baseAddress, path.count, $0.baseAddress, $0.count) }
            }) {
                return true
            }
        }
        return false
    }
}

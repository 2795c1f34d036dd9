/// Why a configuration could not be read.
public enum GuestConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A line without `=`, or with an unknown escape.
    case malformedLine(Int)
    /// A value that its key does not take.
    case invalidValue(line: Int)
    /// A key that every configuration has is not there.
    case missingKey

    public var description: String {
        switch self {
        case .malformedLine(let number): "line \(number) is not key=value"
        case .invalidValue(let number): "line \(number) has a value that its key does not take"
        case .missingKey: "root-tag or init is missing"
        }
    }
}

// The form: `key=value` lines; a backslash in a value begins `\\` or `\n`. Unknown keys are passed over, so that a newer host
// can say more than an older guest program knows.
extension GuestConfiguration {
    /// The configuration as text.
    public func encoded() -> [UInt8] {
        var writer = LineWriter()
        writer.add("root-mode", rootMode == .bootc ? "bootc" : "writable")
        writer.add("root-tag", rootTag)
        writer.add("init", initProgram)
        writer.add("hostname", hostname)
        writer.add("machine-id", machineID)
        for key in authorizedKeys { writer.add("authorized-key", key) }
        if let sshUser { writer.add("ssh-user", sshUser) }
        if let hostKey { writer.add("host-key", hostKey) }
        if let hostKeyPublic { writer.add("host-key-public", hostKeyPublic) }
        if let sshUnit { writer.add("ssh-unit", sshUnit) }
        if usesResolved { writer.add("resolved", "yes") }
        if let service { write(service, to: &writer) }
        if streamsJournal { writer.add("journal", "yes") }
        if let consoleLogin { writer.add("console-login", consoleLogin) }
        if let network {
            writer.add("address", network.address)
            writer.add("prefix-length", "\(network.prefixLength)")
            writer.add("gateway", network.gateway)
            for resolver in network.resolvers { writer.add("resolver", resolver) }
            if let name = network.interfaceName { writer.add("interface", name) }
        }
        writer.add("scratch-percent", "\(scratchPercent)")
        if let scratchDisk { writer.add("scratch-disk", scratchDisk) }
        if let swapDisk { writer.add("swap-disk", swapDisk) }
        for unit in maskedUnits { writer.add("mask", unit) }
        if overlaysUsr { writer.add("usr-overlay", "yes") }
        for mount in kernelMounts { mount.write(to: &writer) }
        for entry in environment { writer.add("env", entry) }
        for share in shares { share.write(to: &writer) }
        for file in files { file.write(to: &writer) }
        return writer.bytes
    }

    private func write(_ service: GuestService, to writer: inout LineWriter) {
        for word in service.arguments { writer.add("service-argument", word) }
        for word in service.environment { writer.add("service-environment", word) }
        writer.add("service-directory", service.directory)
        writer.add("service-user", service.user)
        writer.add("service-stop-signal", "\(service.stopSignal)")
    }

    /// Reads what `encoded` has written.
    public init(decoding bytes: [UInt8]) throws(GuestConfigurationError) {
        self.init(rootMode: .bootc, rootTag: "", initProgram: "", hostname: "", machineID: "")
        var service = GuestService(arguments: [])
        var network = GuestNetwork(interfaceName: nil, address: "", prefixLength: 24, gateway: "", resolvers: [])
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            number += 1
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), let value = unescaped(line[(equals + 1)...])
            else {
                throw .malformedLine(number)
            }
            let key = line[..<equals]
            if key.isText("root-mode") {
                if value.isText("bootc") {
                    rootMode = .bootc
                } else if value.isText("writable") {
                    rootMode = .writable
                } else {
                    throw .invalidValue(line: number)
                }
            } else if key.isText("root-tag") {
                rootTag = text(value)
            } else if key.isText("init") {
                initProgram = text(value)
            } else if key.isText("hostname") {
                hostname = text(value)
            } else if key.isText("machine-id") {
                machineID = text(value)
            } else if key.isText("authorized-key") {
                authorizedKeys.append(text(value))
            } else if key.isText("host-key") {
                hostKey = text(value)
            } else if key.isText("host-key-public") {
                hostKeyPublic = text(value)
            } else if key.isText("ssh-unit") {
                sshUnit = text(value)
            } else if key.isText("resolved") {
                usesResolved = value.isText("yes")
            } else if key.isText("service-argument") {
                service.arguments.append(text(value))
            } else if key.isText("service-environment") {
                service.environment.append(text(value))
            } else if key.isText("service-directory") {
                service.directory = text(value)
            } else if key.isText("service-user") {
                service.user = text(value)
            } else if key.isText("service-stop-signal") {
                guard let signal = decimal(value), (1...64).contains(signal) else {
                    throw .invalidValue(line: number)
                }
                service.stopSignal = UInt8(signal)
            } else if key.isText("journal") {
                streamsJournal = value.isText("yes")
            } else if key.isText("console-login") {
                consoleLogin = text(value)
            } else if key.isText("address") {
                network.address = text(value)
            } else if key.isText("prefix-length") {
                guard let length = decimal(value), length <= 32 else { throw .invalidValue(line: number) }
                network.prefixLength = length
            } else if key.isText("gateway") {
                network.gateway = text(value)
            } else if key.isText("resolver") {
                network.resolvers.append(text(value))
            } else if key.isText("interface") {
                network.interfaceName = text(value)
            } else if key.isText("scratch-percent") {
                guard let percent = decimal(value), (1...100).contains(percent) else {
                    throw .invalidValue(line: number)
                }
                scratchPercent = percent
            } else if key.isText("ssh-user") {
                sshUser = text(value)
            } else if key.isText("scratch-disk") {
                scratchDisk = text(value)
            } else if key.isText("swap-disk") {
                swapDisk = text(value)
            } else if key.isText("mask") {
                maskedUnits.append(text(value))
            } else if key.isText("usr-overlay") {
                overlaysUsr = value.isText("yes")
            } else if key.isText("env") {
                environment.append(text(value))
            } else if try !shares.take(key, value, line: number), try !kernelMounts.take(key, value, line: number) {
                try files.take(key, value, line: number)
            }
        }
        if !service.arguments.isEmpty { self.service = service }
        guard !rootTag.utf8.isEmpty, !initProgram.utf8.isEmpty || self.service != nil else { throw .missingKey }
        if !network.address.utf8.isEmpty { self.network = network }
    }
}

struct LineWriter {
    var bytes: [UInt8] = []

    mutating func add(_ key: String, _ value: String) {
        add(key, Array(value.utf8))
    }

    mutating func add(_ key: String, _ value: [UInt8]) {
        bytes += key.utf8
        bytes.append(UInt8(ascii: "="))
        for byte in value {
            switch byte {
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

private func unescaped(_ value: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = value
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\") else {
            result.append(byte)
            continue
        }
        switch rest.popFirst() {
        case UInt8(ascii: "\\"): result.append(byte)
        case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
        default: return nil
        }
    }
    return result
}

func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
}

private func decimal(_ bytes: [UInt8]) -> Int? {
    guard (1...9).contains(bytes.count) else { return nil }
    var number = 0
    for byte in bytes {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return number
}

extension Sequence<UInt8> {
    func isText(_ text: StaticString) -> Bool {
        elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

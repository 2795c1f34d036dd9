/// How an engine shows a container's configuration. Docker has the members of an image's configuration; podman before 5 has the
/// entry point as one string and the stop signal as a number.
package struct EngineConfiguration: Decodable {
    package let execution: ImageConfiguration.Execution

    private enum CodingKeys: String, CodingKey {
        case user = "User"
        case environment = "Env"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case workingDirectory = "WorkingDir"
        case labels = "Labels"
        case stopSignal = "StopSignal"
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        execution = ImageConfiguration.Execution(
            user: try members.decodeIfPresent(String.self, forKey: .user),
            environment: try members.decodeIfPresent([String].self, forKey: .environment),
            entrypoint: try Self.words(members, .entrypoint),
            command: try Self.words(members, .command),
            workingDirectory: try members.decodeIfPresent(String.self, forKey: .workingDirectory),
            labels: try members.decodeIfPresent([String: String].self, forKey: .labels),
            stopSignal: try Self.signal(members))
    }

    private static func words(_ members: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys) throws -> [String]? {
        if let words = try? members.decodeIfPresent([String].self, forKey: key) { return words }
        let text = try members.decodeIfPresent(String.self, forKey: key) ?? ""
        return text.isEmpty ? nil : text.split(separator: " ").map(String.init)
    }

    private static func signal(_ members: KeyedDecodingContainer<CodingKeys>) throws -> String? {
        if let number = try? members.decodeIfPresent(Int.self, forKey: .stopSignal) { return "\(number)" }
        return try members.decodeIfPresent(String.self, forKey: .stopSignal)
    }
}

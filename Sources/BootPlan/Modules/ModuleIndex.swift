/// What depmod(8) wrote down of a kernel's modules.
public struct ModuleIndex: Sendable {
    /// How the kernel comes by something.
    public enum Presence: String, Sendable, Hashable, Codable {
        case builtIn = "built-in"
        case module
        case absent
    }

    private var files: [String: String] = [:]
    private var dependencies: [String: [String]] = [:]
    private var earlier: [String: [String]] = [:]
    private var builtIn: Set<String> = []

    /// Reads modules.dep, modules.builtin and modules.softdep. Lines that are none are passed over.
    public init(dependencies: String, builtIn: String, softDependencies: String = "") {
        for line in dependencies.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let name = Self.name(ofFile: String(parts[0]))
            files[name] = String(parts[0])
            self.dependencies[name] = parts[1].split(separator: " ").map { Self.name(ofFile: String($0)) }
        }
        for line in builtIn.split(separator: "\n") { self.builtIn.insert(Self.name(ofFile: String(line))) }
        for line in softDependencies.split(separator: "\n") {
            // softdep NAME pre: A B post: C
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 2, words[0] == "softdep", let start = words.firstIndex(of: "pre:") else { continue }
            let names = words[(start + 1)...].prefix { $0 != "post:" }
            earlier[Self.normalised(words[1]), default: []] += names.map(Self.normalised)
        }
    }

    /// How the kernel comes by a module.
    public func presence(of name: String) -> Presence {
        let name = Self.normalised(name)
        if builtIn.contains(name) { return .builtIn }
        return files[name] == nil ? .absent : .module
    }

    /// The files that have to be loaded for these modules, each after those that it depends on. What is built in, or not
    /// there, is left out.
    public func loadOrder(_ names: [String]) -> [String] {
        var order: [String] = []
        var seen: Set<String> = []
        func visit(_ name: String) {
            guard seen.insert(name).inserted, !builtIn.contains(name), let file = files[name] else { return }
            for other in earlier[name] ?? [] { visit(other) }
            for other in dependencies[name] ?? [] { visit(other) }
            order.append(file)
        }
        for name in names { visit(Self.normalised(name)) }
        return order
    }

    /// The kernel takes `-` and `_` in module names for the same.
    private static func normalised(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }

    /// `kernel/fs/fuse/virtiofs.ko.xz` is the module virtiofs.
    static func name(ofFile path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return normalised(String(file.split(separator: ".").first ?? ""))
    }
}

internal import LinuxSystem

/// What the names of one directory stand for, as layer after layer is looked at, the topmost first.
struct UnitedNames {
    private enum State {
        /// Nothing of a lower layer shows there.
        case final
        /// A directory, to which lower layers may add: its place in `directories`, and whether the lowest layer so far only passes
        /// through it.
        case directory(Int, isPassed: Bool)
    }

    /// A layer passes through a directory where a lower one has a symbolic link: what it has there goes to where the link leads.
    struct LinkInTheWay: Error {}

    /// A directory and the layers that it is in, the topmost first.
    struct Directory: Hashable {
        let name: RawName
        fileprivate(set) var layers: [Int]
    }

    private var states: [RawName: State] = [:]
    /// The directories that show.
    private(set) var directories: [Directory] = []
    /// Directories below something else, by the layers that have them.
    private(set) var hidden: [RawName: [Int]] = [:]

    /// Adds what is no directory. False when something above hides it.
    mutating func addFile(_ name: RawName, isLink: Bool) throws(LinkInTheWay) -> Bool {
        guard let state = states.updateValue(.final, forKey: name) else { return true }
        if isLink, case .directory(_, isPassed: true) = state { throw LinkInTheWay() }
        return false
    }

    /// Adds a directory of a layer.
    /// - Parameter isPassed: whether the layer does not say what it is to be.
    mutating func addDirectory(_ name: RawName, of layer: Int, isPassed: Bool) {
        switch states[name] {
        case nil:
            states[name] = .directory(directories.count, isPassed: isPassed)
            directories.append(Directory(name: name, layers: [layer]))
        case .directory(let place, _):
            states[name] = .directory(place, isPassed: isPassed)
            directories[place].layers.append(layer)
        case .final: hidden[name, default: []].append(layer)
        }
    }

    /// Hides what lower layers have of these names.
    mutating func hide(_ names: [RawName]) {
        for name in names { states[name] = .final }
    }
}

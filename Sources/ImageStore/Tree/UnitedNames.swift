internal import LinuxSystem

/// What the names of one directory stand for, as layer after layer is looked at, the topmost first.
struct UnitedNames {
    private struct State {
        /// The directory's place in `directories`; nil where nothing of a lower layer shows.
        var directory: Int?
        /// The layer that was looked at last, where it has a directory there and does not say what that is to be.
        var passing: Int?
    }

    /// A layer passes through a directory where a lower one has a symbolic link: what it has there goes to where the link leads, even
    /// if something above hides both.
    struct LinkInTheWay: Error {
        /// The layer that passes.
        var layer: Int
    }

    /// A directory and the layers that it is in, the topmost first.
    struct Directory: Hashable {
        let name: RawName
        fileprivate(set) var layers: [Int]
    }

    /// Whether there is only one layer, which needs no look at what another has.
    private let isOnlyOne: Bool
    private var states: [RawName: State] = [:]
    /// The directories that show.
    private(set) var directories: [Directory] = []
    /// Directories below something else, by the layers that have them.
    private(set) var hidden: [RawName: [Int]] = [:]

    /// - Parameter layers: how many layers have the directory.
    init(layers: Int) {
        isOnlyOne = layers == 1
    }

    /// Adds what is no directory. False when something above hides it.
    mutating func addFile(_ name: RawName, isLink: Bool) throws(LinkInTheWay) -> Bool {
        if isOnlyOne { return true }
        guard let state = states.updateValue(State(), forKey: name) else { return true }
        if isLink, let layer = state.passing { throw LinkInTheWay(layer: layer) }
        return false
    }

    /// Adds a directory of a layer.
    /// - Parameter isPassed: whether the layer does not say what it is to be.
    mutating func addDirectory(_ name: RawName, of layer: Int, isPassed: Bool) {
        if isOnlyOne { return directories.append(Directory(name: name, layers: [layer])) }
        let passing = isPassed ? layer : nil
        guard let state = states[name] else {
            states[name] = State(directory: directories.count, passing: passing)
            directories.append(Directory(name: name, layers: [layer]))
            return
        }
        states[name]?.passing = passing
        if let place = state.directory {
            directories[place].layers.append(layer)
        } else {
            hidden[name, default: []].append(layer)
        }
    }

    /// Hides what lower layers have of these names.
    mutating func hide(_ names: [RawName]) {
        for name in names { states[name] = State() }
    }
}

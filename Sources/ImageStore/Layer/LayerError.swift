package import LinuxSystem

/// Why a layer could not be extracted.
package enum LayerError: Error, Hashable, CustomStringConvertible {
    case pathLeadsOut(entry: String)
    case nameTooLong(entry: String)
    case rootIsNoDirectory
    case badWhiteout(entry: String)
    case parentIsNoDirectory(entry: String)
    case linkToDirectory(entry: String, target: String)
    case emptyLinkTarget(entry: String)
    case missingLinkTarget(entry: String, target: String)
    case ownerBeyondMap(entry: String, owner: UInt32, group: UInt32)
    case tooManyAttributes(entry: String, limit: Int)
    case failed(entry: String, SystemError)

    /// Does something for an entry; what the system says of it gets the entry's name.
    static func naming<Result>(_ entry: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as SystemError {
            throw LayerError.failed(entry: entry(), failure)
        }
    }

    package var description: String {
        switch self {
        case .pathLeadsOut(let entry): "entry \(entry): its path leads out of the layer"
        case .nameTooLong(let entry): "entry \(entry.prefix(80))…: its name is too long"
        case .rootIsNoDirectory: "the layer's root is no directory"
        case .badWhiteout(let entry): "entry \(entry): a whiteout of nothing"
        case .parentIsNoDirectory(let entry): "entry \(entry): what should hold it is no directory"
        case .linkToDirectory(let entry, let target): "entry \(entry): a hard link to \(target), a directory"
        case .emptyLinkTarget(let entry): "entry \(entry): a link to nothing"
        case .missingLinkTarget(let entry, let target): "entry \(entry): a hard link to \(target), which is not there"
        case .ownerBeyondMap(let entry, let owner, let group):
            "entry \(entry): its owner \(owner):\(group) is beyond your subordinate ids"
        case .tooManyAttributes(let entry, let limit):
            "entry \(entry): the extended attributes of directories take more than \(limit >> 20) MiB"
        case .failed(let entry, let failure): "entry \(entry): \(failure)"
        }
    }
}

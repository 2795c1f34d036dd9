internal import Machine
package import VirtualMachine

/// Whether the processor runs the guest's instructions itself.
package enum AcceleratorCheck {
    private static let id = "accelerator"

    static func look() -> Finding {
        do {
            return finding(try AcceleratorChoice.make(.auto))
        } catch {
            return Finding(id, .problem, failure: error)
        }
    }

    package static func finding(_ choice: AcceleratorChoice) -> Finding {
        let facts: [String: Fact] = ["accelerator": .text(choice.accelerator.rawValue)]
        guard let obstacle = choice.obstacle else {
            return Finding(id, .ok, "KVM: the processor runs guests itself", facts: facts)
        }
        return Finding(
            id, .note, "instructions are translated, which is slow: \(obstacle)",
            cure: obstacle.cure, facts: facts)
    }
}

internal import SystemPackage
internal import VirtualMachine

/// Whether the program that runs in the guest is there.
enum GuestProgramCheck {
    private static let id = "guest_program"

    static func look() -> Finding {
        do {
            let program = try GuestProgram.find()
            return Finding(id, .ok, program.string, facts: ["program": .text(program.string)])
        } catch {
            return Finding(id, .problem, failure: error)
        }
    }
}

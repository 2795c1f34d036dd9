package import LinuxSystem

/// Whether the processes that read images, and those that serve them, can have namespaces of their own.
package enum NamespacesCheck {
    private static let id = "namespaces"

    static func look() -> Finding {
        let limits = NamespaceLimits.read()
        let map: UserNamespaceMap?
        do {
            map = try UserNamespaceMap.forCurrentUser()
        } catch {
            return finding(limits, isRoot: false, outcome: nil)
        }
        return finding(limits, isRoot: map == nil, outcome: Result { try NamespaceTrial.run(map: map) })
    }

    /// - Parameter outcome: what came of a trial; nil where there could be none, for want of subordinate ids.
    package static func finding(_ limits: NamespaceLimits, isRoot: Bool, outcome: Result<Void, any Error>?) -> Finding {
        var facts: [String: Fact] = [:]
        facts["unprivileged_userns_clone"] = limits.unprivilegedClone.map { .number(Int64($0)) }
        facts["max_user_namespaces"] = limits.maximum.map { .number(Int64($0)) }
        facts["apparmor_restrict_unprivileged_userns"] = limits.restrictedByAppArmor.map { .number(Int64($0)) }
        switch outcome {
        case .success:
            return Finding(id, .ok, isRoot ? "mounts" : "users and mounts", facts: facts)
        case .failure(let failure):
            var finding = Finding(id, .problem, failure: failure, facts: facts)
            if finding.cure == nil, isRoot {
                finding.cure = "in a container: give it CAP_SYS_ADMIN, or run bcvk as an ordinary user in it"
            }
            return finding
        case nil:
            guard let obstacle = limits.obstacle else {
                return Finding(id, .note, "not tried: it takes subordinate ids", facts: facts)
            }
            return Finding(id, .problem, obstacle.reason, cure: obstacle.cure, facts: facts)
        }
    }
}

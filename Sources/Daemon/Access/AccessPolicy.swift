/// Who has which role, and what it may do: the configuration with its names looked up.
struct AccessPolicy: Sendable {
    private struct Grant: Sendable {
        var role: Role
        var users: Set<UInt32>
        var groups: Set<UInt32>
    }

    private let grants: [Grant]
    private let others: Role?
    private let rights: [Role: Rights]
    /// root and the daemon's own user, who can do anything to the daemon anyway.
    private let owners: Set<UInt32>

    /// - Throws: `DaemonError.invalidValue` for a user or a group that this machine does not know.
    init(_ configuration: Configuration.Access) throws(DaemonError) {
        var grants: [Grant] = []
        for (index, grant) in configuration.grants.enumerated() {
            let users = try Self.numbers(of: grant.users, "access.grants[\(index)].users", SystemCalls.userNumber)
            let groups = try Self.numbers(of: grant.groups, "access.grants[\(index)].groups", SystemCalls.groupNumber)
            grants.append(Grant(role: grant.role, users: users, groups: groups))
        }
        self.grants = grants
        others = configuration.others
        rights = Dictionary(
            uniqueKeysWithValues: Role.allCases.map { ($0, configuration.roles[$0] ?? Rights($0)) })
        owners = [0, SystemCalls.ownUser]
    }

    /// The role of a process: that of the first grant that names its user or one of its groups, else `admin` for the
    /// machine's owner, else that of everybody who may connect; nil for none.
    func role(of process: PeerCredentials) -> Role? {
        let groups = Set(process.groups + [process.gid])
        let grant = grants.first { $0.users.contains(process.uid) || !$0.groups.isDisjoint(with: groups) }
        return grant?.role ?? (owners.contains(process.uid) ? .admin : others)
    }

    /// What a role may do.
    func rights(of role: Role) -> Rights { rights[role] ?? .none }

    private static func numbers(
        of principals: [Configuration.Principal], _ key: String, _ lookUp: (String) -> UInt32?
    ) throws(DaemonError) -> Set<UInt32> {
        var numbers: Set<UInt32> = []
        for principal in principals {
            switch principal {
            case .number(let number): numbers.insert(number)
            case .name(let name):
                guard let number = lookUp(name) else {
                    throw .invalidValue(key: key, reason: "this machine does not know \(name)")
                }
                numbers.insert(number)
            }
        }
        return numbers
    }
}

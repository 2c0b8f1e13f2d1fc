extension Configuration.Access: Decodable {
    private enum Keys: String, CodingKey { case grants, others, roles }
    private enum RoleKeys: String, CodingKey { case terminal, kiosk, batch, auditor, admin }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        grants = try keys.optional(.grants) ?? grants
        if let name = try keys.optional(.others, as: String.self) {
            others = name == "none" ? nil : try keys.role(.others, name)
        }
        guard keys.contains(.roles) else { return }
        // Read once more as an object whose keys must be roles.
        let strict = try keys.superDecoder(forKey: .roles).strictContainer(keyedBy: RoleKeys.self)
        for key in strict.allKeys {
            guard let role = Role(rawValue: key.rawValue) else { continue }
            roles[role] = try strict.decode(RightsChange.self, forKey: key).applied(to: Rights(role))
        }
    }
}

extension Configuration.Grant: Decodable {
    private enum Keys: String, CodingKey { case role, users, groups }

    /// Takes the role, and who has it.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        guard let name = try keys.optional(.role, as: String.self) else {
            throw keys.unacceptable(.role, "it is missing")
        }
        role = try keys.role(.role, name)
        users = try keys.optional(.users) ?? []
        groups = try keys.optional(.groups) ?? []
    }
}

extension Configuration.Principal: Decodable {
    /// Takes a name or a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(UInt32.self) {
            self = .number(number)
            return
        }
        let name = try container.decode(String.self)
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw UnacceptableValue(path: decoder.codingPath.map(PathStep.init), reason: "it is no name")
        }
        self = .name(name)
    }
}

/// What a configuration says of a role; what it leaves out stays as it is.
private struct RightsChange: Decodable {
    private enum Keys: String, CodingKey { case permissions, fields, requestsPerMinute }

    private var permissions: [Permission]?
    private var fields: [AnswerField]?
    private var requestsPerMinute: Int?

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        permissions = try keys.optionalWords(.permissions)
        fields = try keys.optionalWords(.fields)
        requestsPerMinute = try keys.optionalNumber(.requestsPerMinute, in: 0...10_000_000)
    }

    func applied(to rights: Rights) -> Rights {
        var rights = rights
        if let permissions { rights.permissions = Set(permissions) }
        if let fields { rights.fields = Set(fields) }
        if let requestsPerMinute { rights.requestsPerMinute = requestsPerMinute == 0 ? nil : requestsPerMinute }
        return rights
    }
}

extension KeyedDecodingContainer {
    /// The role that `name`, the value of `key`, names.
    func role(_ key: Key, _ name: String) throws -> Role {
        guard let role = Role(rawValue: name) else {
            throw unacceptable(key, "it must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }

    /// The words of the list of `key`, each one of those of `Word`.
    fileprivate func optionalWords<Word: RawRepresentable<String> & CaseIterable>(_ key: Key) throws -> [Word]? {
        guard let texts = try optional(key, as: [String].self) else { return nil }
        return try texts.map { text in
            guard let word = Word(rawValue: text) else {
                let all = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw unacceptable(key, "\(text) is none of \(all)")
            }
            return word
        }
    }
}

/// Who is insured, and which cards are reported lost: an SQLite file that answers with no network.
///
///     let registry = try InsuranceRegistry(path: "/var/lib/cccd/registry.sqlite")
///     let decision = try registry.decide(EligibilityQuestion(personalNumber: "001090012345", facility: "01001"))
///
/// May be used from many threads at once; each call takes a connection of its own from a pool. A load into the same path,
/// by this or another program, is seen by the first question asked after it is whole (see `RegistryImport`).
public final class InsuranceRegistry: InsuranceSource {
    /// The name under which its answers are given.
    public let name: String
    /// Path of the file.
    public let path: String

    let pool: SessionPool
    private let decider: Decider

    /// Opens the registry at `path`, and looks whether it is one.
    ///
    /// - Parameter readOnly: never write; reports of lost cards are refused.
    /// - Throws: `missing`, `notADatabase`, `notARegistry`, `otherVersion`, `notPermitted`, …
    public convenience init(path: String, readOnly: Bool = false) throws(RegistryError) {
        try self.init(path: path, readOnly: readOnly, name: "registry")
    }

    init(path: String, readOnly: Bool, name: String) throws(RegistryError) {
        self.path = path
        self.name = name
        pool = SessionPool(path: path, access: readOnly ? .readOnly : .readWrite)
        decider = Decider(rules: try BenefitRules.standard(), source: name)
        try pool.withSession { _ in }
    }

    /// Makes an empty registry at `path` and opens it.
    ///
    /// - Throws: `alreadyExists`, `notPermitted`, `readOnly`, `diskFull`, …
    public static func create(path: String) throws(RegistryError) -> InsuranceRegistry {
        let lock = try LoadLock(for: path)
        guard !FileSystem.exists(path) else { throw .alreadyExists(path: path) }
        try LoadJob.replace(path) { connection throws(RegistryError) in
            try connection.transaction { () throws(RegistryError) in
                try Schema.create(in: connection)
                try connection.execute(Schema.indexes)
            }
        }
        _ = consume lock
        return try InsuranceRegistry(path: path)
    }

    /// Decides one question.
    ///
    /// - Throws: `invalidQuestion`, or why the registry cannot be read.
    public func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        let checked = try CheckedQuestion(question)
        let findings = try pool.withSession { session throws(RegistryError) in try session.find(checked) }
        return decider.decide(checked, findings, now: .now)
    }

    /// How many records the registry has, and how old they are.
    public func status() throws(RegistryError) -> RegistryStatus {
        try pool.withSession { session throws(RegistryError) in
            let state = try session.connection.prepare(RegistryStatus.query)
            guard try state.step() else { throw .notARegistry(path: path) }
            return RegistryStatus(state, source: name, now: .now)
        }
    }
}

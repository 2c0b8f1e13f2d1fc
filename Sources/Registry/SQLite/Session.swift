import Synchronization

/// A connection to a registry with its prepared statements. One thread uses it at a time: the pool hands it over whole,
/// which is why it may be sent although SQLite's handles may not.
final class Session: @unchecked Sendable {
    let connection: Connection
    private let byPerson: Statement
    private let byCard: Statement
    private let byParent: Statement

    /// Holds the inner pages of the indexes of some millions of rows.
    private static let cacheKibibytes = 8192

    /// - Throws: `missing`, `notADatabase`, `notARegistry`, `otherVersion`, …
    init(path: String, access: Connection.Access) throws(RegistryError) {
        let connection = try Connection(path: path, access: access)
        try Schema.check(connection)
        try connection.execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
        let byPerson = try connection.prepare(FindingsQuery.byPerson(.sqlite))
        let byCard = try connection.prepare(FindingsQuery.byCard(.sqlite))
        let byParent = try connection.prepare(FindingsQuery.byParent(.sqlite))
        self.connection = connection
        self.byPerson = byPerson
        self.byCard = byCard
        self.byParent = byParent
    }

    /// What the registry knows about a question's subject, by one statement.
    func find(_ checked: CheckedQuestion) throws(RegistryError) -> Findings {
        let (number, kind, issuedOn) = checked.lookUp
        return switch checked.subject {
        case .personalNumber: try find(byPerson, number, kind, issuedOn)
        case .cardNumber: try find(byCard, number, kind, issuedOn)
        case .child: try find(byParent, number, kind, issuedOn)
        }
    }

    private func find(
        _ statement: borrowing Statement, _ number: String, _ kind: LostCard.Kind, _ issuedOn: String?
    ) throws(RegistryError) -> Findings {
        defer { statement.reset() }
        try statement.bind(number, at: 1)
        try statement.bind(kind.rawValue, at: 2)
        try statement.bind(issuedOn, at: 3)
        var findings = Findings()
        while try statement.step() { findings.take(statement, kind) }
        findings.putInOrder()
        return findings
    }
}

/// Open sessions that wait for the next question.
final class SessionPool: Sendable {
    let path: String
    private let access: Connection.Access
    private let idle = Mutex(Idle())
    private static let idleLimit = 8

    private struct Idle {
        var sessions: [Session] = []
        /// Counts how often a new file was found at the path.
        var generation = 0
    }

    init(path: String, access: Connection.Access) {
        self.path = path
        self.access = access
    }

    /// Lends a session on the file that stands at the path now: a load puts a new one there.
    func withSession<Result>(
        _ body: (Session) throws(RegistryError) -> Result
    ) throws(RegistryError) -> Result {
        let (session, generation) = try take()
        let result = try body(session)
        // A session that failed is not kept, so that the next question starts with a fresh one.
        idle.withLock { idle in
            guard idle.generation == generation, idle.sessions.count < Self.idleLimit else { return }
            idle.sessions.append(session)
        }
        return result
    }

    /// Runs `body` in a write transaction on the file that stands at the path now.
    func write<Result>(
        _ body: (borrowing Connection) throws(RegistryError) -> Result
    ) throws(RegistryError) -> Result {
        while true {
            let result = try withSession { session throws(RegistryError) -> Result? in
                try session.connection.transaction { () throws(RegistryError) -> Result? in
                    // A load renames its file while it holds this lock: what stands here now stays until the commit.
                    session.connection.hasMoved ? nil : try body(session.connection)
                }
            }
            if let result { return result }
        }
    }

    private func take() throws(RegistryError) -> (Session, generation: Int) {
        let (waiting, generation) = idle.withLock { ($0.sessions.popLast(), $0.generation) }
        guard let waiting else { return (try Session(path: path, access: access), generation) }
        guard waiting.connection.hasMoved else { return (waiting, generation) }
        // The others hold the replaced file too, and with it its space on the disk.
        let next = idle.withLock { idle in
            idle.sessions.removeAll()
            idle.generation += 1
            return idle.generation
        }
        return (try Session(path: path, access: access), next)
    }
}

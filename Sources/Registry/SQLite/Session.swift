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
    /// More records than any person has; bounds what a damaged registry can make of one answer.
    private static let recordLimit = 64

    /// - Throws: `missing`, `notADatabase`, `notARegistry`, `otherVersion`, …
    init(path: String, access: Connection.Access) throws(RegistryError) {
        let connection = try Connection(path: path, access: access)
        try Schema.check(connection)
        try connection.execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
        // One row at least comes back, so that the data's age is known also where nobody is found; and one statement
        // sees one state of the file.
        let select = """
            SELECT data_as_of, promised_age,
                (SELECT lost_on FROM lost_card WHERE number = ?1 AND kind = ?2 AND found_at IS NULL
                    AND (?3 IS NULL OR coalesce(issued_on = ?3, ?3 <= lost_on)) LIMIT 1),
                personal_number, card_number, full_name, birth_date, sex, insured_group, benefit_level, valid_from,
                valid_to, facility_code, (SELECT name FROM facility WHERE code = facility_code), area_code,
                five_years_from, status
            FROM state LEFT JOIN insured ON
            """
        let byPerson = try connection.prepare("\(select) personal_number = ?1 LIMIT \(Self.recordLimit)")
        let byCard = try connection.prepare("\(select) substr(card_number, -10) = ?1 LIMIT \(Self.recordLimit)")
        let byParent = try connection.prepare(
            """
            \(select) parent_personal_number = ?1 AND parent_personal_number IS NOT NULL LIMIT \(Self.recordLimit)
            """)
        self.connection = connection
        self.byPerson = byPerson
        self.byCard = byCard
        self.byParent = byParent
    }

    /// What the registry knows about a question's subject, by one statement.
    func find(_ checked: CheckedQuestion) throws(RegistryError) -> Findings {
        let issuedOn = checked.question.shownCard?.issuedOn?.description
        switch checked.subject {
        case .personalNumber(let number):
            return try find(byPerson, number, .identityCard, issuedOn)
        case .cardNumber(let card):
            return try find(byCard, card.socialInsuranceNumber, .insuranceCard, nil)
        case .child(let parent):
            return try find(byParent, parent, .identityCard, issuedOn)
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
        while try statement.step() {
            if findings.records.isEmpty {
                findings.dataAsOf = statement.integer(0).map(Timestamp.init(secondsSince1970:))
                findings.promisedAge = statement.integer(1).map(RegistryImport.boundedAge)
                let lostOn = statement.text(2).flatMap(Day.init(iso:))
                switch kind {
                case .identityCard: findings.idCardLostOn = lostOn
                case .insuranceCard: findings.insuranceCardLostOn = lostOn
                }
            }
            if let record = record(statement) { findings.records.append(record) }
        }
        // Not by ORDER BY, for which SQLite would build a table at each question. Most often there is one record.
        if findings.records.count > 1 {
            findings.records.sort { $0.validFrom < $1.validFrom }
        }
        return findings
    }

    private func record(_ row: borrowing Statement) -> InsuranceRecord? {
        guard let fullName = row.text(5), let birthDate = row.text(6),
            let validFrom = row.text(10).flatMap(Day.init(iso:))
        else { return nil }
        return InsuranceRecord(
            personalNumber: row.text(3), cardNumber: row.text(4).flatMap(CardNumber.init), fullName: fullName,
            birthDate: birthDate, sex: row.text(7), group: row.text(8), level: row.integer(9), validFrom: validFrom,
            validTo: row.text(11).flatMap(Day.init(iso:)), facilityCode: row.text(12), facilityName: row.text(13),
            areaCode: row.text(14), fiveYearsFrom: row.text(15).flatMap(Day.init(iso:)), status: row.text(16))
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

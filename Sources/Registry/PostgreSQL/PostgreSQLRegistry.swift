/// Who is insured, and which cards are reported lost: a PostgreSQL server that many terminals share.
///
/// May be used from many threads at once. Nothing is asked of the server before the first call, and each call finds it
/// again where it was stopped and started in between. See `SharedRegistry` for one that answers also without its server.
public final class PostgreSQLRegistry: InsuranceStore {
    /// The name under which its answers are given.
    public let name = "postgresql"
    /// Where it is.
    public let address: PostgreSQLAddress

    let pool: PostgreSQLPool
    /// For what takes long: measuring, and reports that wait for the end of a load.
    let slowPool: PostgreSQLPool
    private let decider: Result<Decider, RegistryError>

    /// - Parameter answerLimit: how long a decision may take before the server counts as not answering.
    public init(_ address: PostgreSQLAddress, answerLimit: Duration = .seconds(2)) {
        self.address = address
        pool = PostgreSQLPool(address, limits: .init(answer: answerLimit))
        slowPool = PostgreSQLPool(address, limits: .init(answer: .seconds(1800), connections: 2))
        let source = name
        decider = Result { () throws(RegistryError) in Decider(rules: try BenefitRules.standard(), source: source) }
    }

    /// Decides one question.
    ///
    /// - Throws: `invalidQuestion`, `serverUnavailable`, `serverRefused`, `missing`, …
    public func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        let checked = try CheckedQuestion(question)
        let findings = try pool.withSession { session throws(RegistryError) in try session.find(checked) }
        return try decider.get().decide(checked, findings, now: .now)
    }

    /// How many records the registry has, and how old they are.
    public func status() throws(RegistryError) -> RegistryStatus {
        try pool.withSession { session throws(RegistryError) in
            var rows = PostgreSQLRows(try session.connection.execute(RegistryStatus.query))
            guard rows.next() else { throw .missing(path: address.description) }
            return RegistryStatus(rows, source: name, now: .now)
        }
    }
}

extension PostgreSQLRegistry {
    /// Takes a report of a lost card down. An open report about the same card stays and is given back.
    @discardableResult
    public func reportLost(_ card: LostCard) throws(RegistryError) -> LostCard {
        try change { connection, number throws(RegistryError) in
            let open = try openReports(connection, card.kind, card.number).first { $0.issuedOn == card.issuedOn }
            if let open { return open }
            let inserted = try connection.execute(
                """
                INSERT INTO lost_card (kind, number, issued_on, lost_on, reported_at, reported_by)
                VALUES ($1, $2, $3, $4, $5::bigint, $6) RETURNING id
                """,
                [
                    card.kind.rawValue, card.number, card.issuedOn?.description, card.lostOn.description,
                    "\(card.reportedAt.secondsSince1970)", card.reportedBy,
                ])
            var taken = card
            taken.id = inserted.integer(0, 0) ?? 0
            try log(taken, number, connection)
            return taken
        }
    }

    /// Closes all open reports about an ID card, and gives back those that were open.
    @discardableResult
    public func reportFound(
        identityCardOf personalNumber: String, by: String? = nil
    ) throws(RegistryError) -> [LostCard] {
        try reportFound(.identityCard, personalNumber, by)
    }

    /// Closes all open reports about an insurance card, and gives back those that were open.
    @discardableResult
    public func reportFound(insuranceCard cardNumber: String, by: String? = nil) throws(RegistryError) -> [LostCard] {
        try reportFound(.insuranceCard, String(cardNumber.suffix(10)), by)
    }

    /// Whether the ID card that a person shows is reported lost.
    public func isLost(identityCardOf personalNumber: String, issuedOn: Day? = nil) throws(RegistryError) -> Bool {
        try pool.withSession { session throws(RegistryError) in
            try openReports(session.connection, .identityCard, personalNumber)
        }.contains { $0.concerns(cardIssuedOn: issuedOn) }
    }

    private func reportFound(
        _ kind: LostCard.Kind, _ cardNumber: String, _ by: String?
    ) throws(RegistryError) -> [LostCard] {
        try change { connection, number throws(RegistryError) in
            let foundAt = Timestamp.now
            var closed = try openReports(connection, kind, cardNumber)
            for index in closed.indices {
                closed[index].foundAt = foundAt
                closed[index].foundBy = by.map { String($0.prefix(128)) }
                try connection.execute(
                    "UPDATE lost_card SET found_at = $2::bigint, found_by = $3 WHERE id = $1::bigint",
                    ["\(closed[index].id)", "\(foundAt.secondsSince1970)", closed[index].foundBy])
                try log(closed[index], number, connection)
            }
            return closed
        }
    }

    /// Runs `body` in a transaction that has a number of its own in the log of changes.
    private func change<Result>(
        _ body: (borrowing PostgreSQLConnection, Int) throws(RegistryError) -> Result
    ) throws(RegistryError) -> Result {
        try slowPool.withSession { session throws(RegistryError) in
            try session.connection.transaction { () throws(RegistryError) in
                // Waits while a load publishes, and not for ever.
                try session.connection.execute("SET LOCAL lock_timeout = '60s'")
                return try body(session.connection, PostgreSQLSchema.nextChange(session.connection))
            }
        }
    }

    private func log(
        _ card: LostCard, _ number: Int, _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        try connection.execute(
            "INSERT INTO change VALUES ($1::bigint, 'lost', $2, NULL, $3::bigint)",
            ["\(number)", "\(card.id)", "\(Timestamp.now.secondsSince1970)"])
    }

    private func openReports(
        _ connection: borrowing PostgreSQLConnection, _ kind: LostCard.Kind, _ number: String
    ) throws(RegistryError) -> [LostCard] {
        var rows = PostgreSQLRows(
            try connection.execute(
                """
                SELECT id, issued_on, lost_on, reported_at, reported_by FROM lost_card
                WHERE number = $1 AND kind = $2 AND found_at IS NULL ORDER BY id
                """, [number, kind.rawValue]))
        var reports: [LostCard] = []
        while rows.next() { if let report = LostCard(rows, kind, number) { reports.append(report) } }
        return reports
    }
}

extension PostgreSQLRegistry {
    /// Keeps what a verified chip said, when the registry has a record of its holder; the latest statement counts.
    @discardableResult
    public func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool {
        try pool.withSession { session throws(RegistryError) in
            try session.connection.execute(
                """
                INSERT INTO chip_statement AS kept SELECT $1, $2, $3, $4, $5::bigint
                WHERE EXISTS (SELECT 1 FROM insured WHERE personal_number = $1)
                ON CONFLICT (personal_number) DO UPDATE SET full_name = excluded.full_name,
                    birth_date = excluded.birth_date, sex = excluded.sex, seen_at = excluded.seen_at
                WHERE kept.seen_at <= excluded.seen_at
                """,
                [
                    statement.personalNumber, statement.fullName, statement.birthDate, statement.sex,
                    "\(statement.seenAt.secondsSince1970)",
                ]
            ).changedRows > 0
        }
    }

    /// Every field in which the registry differs from what chips said.
    public func proposals() throws(RegistryError) -> [MendingProposal] {
        try slowPool.withSession { session throws(RegistryError) in
            var proposals: [MendingProposal] = []
            var rows = PostgreSQLRows(try session.connection.execute(ChipComparison.query(.postgresql)))
            while rows.next() { proposals += ChipComparison.differences(rows) ?? [] }
            return proposals
        }
    }

    /// Measures what the data is worth, in one pass over all records on the server.
    public func quality(
        now: Timestamp = .now, finding: ((QualityFinding) -> Void)? = nil
    ) throws(RegistryError) -> QualityReport {
        let status = try status()
        let checks = try QualityCheck.all(.postgresql, status: status, now: now)
        return try slowPool.withSession { session throws(RegistryError) in
            var tally = QualityTally(finding: finding)
            var compared = PostgreSQLRows(try session.connection.execute(ChipComparison.query(.postgresql)))
            while compared.next() {
                if let differences = ChipComparison.differences(compared) { tally.take(differences) }
            }
            var counts = PostgreSQLRows(try session.connection.execute(QualityCheck.countQuery(checks)))
            guard counts.next() else { throw .missing(path: address.description) }
            let report = tally.report(checks, counts, status)
            guard finding != nil else { return report }
            for check in checks {
                // By a cursor, so that a fault of all rows does not have to fit into memory.
                try session.connection.transaction { () throws(RegistryError) in
                    try session.connection.execute("DECLARE faulty NO SCROLL CURSOR FOR \(check.listQuery)")
                    while true {
                        let page = try session.connection.execute("FETCH 10000 FROM faulty")
                        guard page.rowCount > 0 else { return }
                        var rows = PostgreSQLRows(page)
                        while rows.next() { tally.take(rows, check) }
                    }
                }
            }
            return report
        }
    }
}

import Glibc

/// A full load: fills a table beside the one in use, and puts it in its place.
struct FullLoad {
    private let load: PostgreSQLLoad
    private let previousTotal: Int
    private static let table = "insured_loading"

    /// How often it is tried to put the new table in place, each time for a second.
    private static let attempts = 900

    init(load: PostgreSQLLoad, _ connection: borrowing PostgreSQLConnection) throws(RegistryError) {
        self.load = load
        previousTotal = try connection.integer("SELECT row_count FROM state")
    }

    func run(
        _ reader: inout some RecordReader & ~Copyable, _ report: inout ImportReport,
        _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        try connection.execute("CREATE TABLE \(Self.table) (LIKE insured)")
        let (facilities, lastLine) = try fill(&reader, &report, connection)
        try load.reading.tell(.indexing, reader.consumedByteCount, report)
        try index(&report, connection)
        guard report.inserted > 0 else { throw .nothingToLoad(rejected: report.rejected) }
        try connection.execute("ANALYZE \(Self.table)")
        let changedCount = try compare(connection)
        try load.reading.tell(.publishing, reader.consumedByteCount, report)

        // From here on other writers wait.
        let number = try PostgreSQLSchema.nextChange(connection)
        try load.keep(facilities, isAll: true, number: number, connection)
        try log(changedCount, number, report.inserted, connection)
        try load.finish(&report, previousTotal: 0, lastID: lastLine, number: number, connection)
        try replace(connection)
    }

    private func fill(
        _ reader: inout some RecordReader & ~Copyable, _ report: inout ImportReport,
        _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) -> (FacilityNames.Gathered, lastLine: Int) {
        // The line is the row's id: that is how a repeated line finds the first.
        try connection.beginCopyIn("COPY \(Self.table) FROM STDIN (FREEZE)")
        var writer = CopyWriter()
        var facilities = FacilityNames.Gathered()
        var lastLine = 0
        try load.reading.eachRow(&reader, &report) { row, line, report throws(RegistryError) in
            writer.append(line: line, row.bytes, row.values)
            try writer.send(connection)
            facilities.gather(row)
            report.inserted += 1
            lastLine = line
            return nil
        }
        try writer.send(connection, isLast: true)
        try connection.endCopy()
        return (facilities, lastLine)
    }

    /// Makes the indexes. The unique ones fail where lines are repeated, which costs nothing where none are.
    private func index(
        _ report: inout ImportReport, _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        try connection.execute("SAVEPOINT unindexed")
        switch Result(catching: { () throws(RegistryError) in try makeIndexes(connection) }) {
        case .success: return
        case .failure(.serverFailed(_, let failure)) where failure.code == "23505": break
        case .failure(let error): throw error
        }
        try connection.execute("ROLLBACK TO SAVEPOINT unindexed")
        try removeRepeated(&report, connection)
        try makeIndexes(connection)
    }

    private func makeIndexes(_ connection: borrowing PostgreSQLConnection) throws(RegistryError) {
        try connection.execute(PostgreSQLSchema.indexes(of: Self.table))
    }

    /// Of several lines with the same person and first day the first is kept.
    private func removeRepeated(
        _ report: inout ImportReport, _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        let identities = [
            ("personal_number", "personal_number IS NOT NULL"), ("right(card_number, 10)", "personal_number IS NULL"),
        ]
        for (identity, condition) in identities {
            let removed = try connection.execute(
                """
                WITH repeated AS (
                    SELECT \(identity) AS identity, valid_from, min(id) AS first FROM \(Self.table) WHERE \(condition)
                    GROUP BY 1, 2 HAVING count(*) > 1),
                removed AS (
                    DELETE FROM \(Self.table) AS r USING repeated AS p
                    WHERE \(condition) AND \(identity) = p.identity AND r.valid_from = p.valid_from AND r.id > p.first
                    RETURNING r.id, p.first)
                SELECT id, first FROM removed ORDER BY id
                """)
            for row in 0..<removed.rowCount {
                guard let line = removed.integer(row, 0) else { continue }
                report.inserted -= 1
                load.reading.reject(
                    RejectedLine(line: line, field: "validFrom", reason: .repeated(line: removed.integer(row, 1))),
                    &report)
            }
        }
    }

    /// Finds out in which records old and new differ, for the copies.
    /// - Returns: how many they are; nil where that is not worth while, since there was nothing before.
    private func compare(_ connection: borrowing PostgreSQLConnection) throws(RegistryError) -> Int? {
        guard previousTotal > 0 else { return nil }
        func side(_ table: String) -> String {
            "(SELECT \(PostgreSQLSchema.key(table)) AS key, valid_from AS day, ROW(\(PostgreSQLSchema.columns)) AS fields FROM \(table))"
        }
        try connection.execute(
            """
            CREATE TEMP TABLE changed ON COMMIT DROP AS
            SELECT key, day AS valid_from FROM \(side("insured")) AS old FULL JOIN \(side(Self.table)) AS new
                USING (key, day)
            WHERE old.fields IS DISTINCT FROM new.fields
            """)
        return try connection.integer("SELECT count(*) FROM changed")
    }

    private func log(
        _ changedCount: Int?, _ number: Int, _ total: Int, _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        // Where most records differ, a copy is sooner made anew.
        guard let changedCount, changedCount <= total / 2 else {
            try connection.execute("DELETE FROM change; UPDATE state SET log_start = change_number")
            return
        }
        try connection.execute(
            """
            INSERT INTO change
            SELECT \(number), 'record', key, valid_from, \(Timestamp.now.secondsSince1970) FROM changed
            """)
    }

    /// Puts the new table in the place of the old, with the rights that the old one had.
    private func replace(_ connection: borrowing PostgreSQLConnection) throws(RegistryError) {
        try connection.execute(
            """
            DO $$
            DECLARE granted record;
            BEGIN
                FOR granted IN
                    SELECT a.privilege_type, a.grantee, r.rolname FROM pg_class AS c, aclexplode(c.relacl) AS a
                    LEFT JOIN pg_roles AS r ON r.oid = a.grantee WHERE c.oid = 'cccd.insured'::regclass
                LOOP
                    EXECUTE format('GRANT %s ON cccd.\(Self.table) TO %s', granted.privilege_type,
                        CASE WHEN granted.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(granted.rolname) END);
                END LOOP;
            END $$
            """)
        try lock(connection)
        let renames = PostgreSQLSchema.indexDefinitions.map { name, _, _ in
            "ALTER INDEX \(Self.table)_\(name) RENAME TO insured_\(name)"
        }
        try connection.execute(
            (["DROP TABLE insured", "ALTER TABLE \(Self.table) RENAME TO insured"] + renames).joined(separator: "; "))
    }

    /// Locks the old table against readers. A reader that takes long, such as one who measures, would hold up this lock
    /// and with it all who come after: so it is asked for a second at a time.
    private func lock(_ connection: borrowing PostgreSQLConnection) throws(RegistryError) {
        try connection.execute("SET LOCAL lock_timeout = '1s'; SAVEPOINT unlocked")
        for _ in 0..<Self.attempts {
            let result = Result { () throws(RegistryError) in
                _ = try connection.execute("LOCK TABLE insured IN ACCESS EXCLUSIVE MODE")
            }
            switch result {
            case .success: return
            case .failure(.serverFailed(_, let failure)) where failure.code == "55P03":
                try connection.execute("ROLLBACK TO SAVEPOINT unlocked")
                sleep(1)
            case .failure(let error): throw error
            }
        }
        throw .serverUnavailable(server: connection.server, reason: "the old table was in use the whole time")
    }
}

/// Carries a load into a server's registry out, in one transaction: whatever ends it early, the registry is as it was.
struct PostgreSQLLoad: LoadTarget {
    let reading: LoadReading
    let address: PostgreSQLAddress

    private var plan: RegistryImport { reading.plan }
    /// Sorting some millions of rows for an index takes long on a busy server.
    private static let answerLimit = Duration.seconds(3600)

    func run(
        _ reader: consuming some RecordReader & ~Copyable, _ blank: ImportReport
    ) throws(RegistryError) -> ImportReport {
        var reader = reader
        var report = blank
        let connection = try PostgreSQLConnection(address, answerLimit: Self.answerLimit)
        try connection.execute("\(PostgreSQLSchema.session); SET statement_timeout = 0")
        guard try connection.execute("SHOW server_encoding").text(0, 0) == "UTF8" else {
            throw .serverRefused(server: connection.server, reason: "the database's encoding is not UTF8")
        }
        let exists = try PostgreSQLSchema.exists(in: connection)
        if plan.mode == .full, plan.isDryRun {
            // What is found out depends on the file alone, and the server has no part in it.
            return try LoadJob(reading: reading, path: "").dryRunOfFullLoad(reader, blank)
        }
        guard exists || plan.mode == .full else { throw .missing(path: address.description) }
        let load = self
        try connection.execute("BEGIN")
        do throws(RegistryError) {
            let isFree = try connection.execute("SELECT pg_try_advisory_xact_lock(\(PostgreSQLSchema.loadLock))").text(
                0, 0)
            guard isFree == "t" else { throw .loadRunning(path: address.description) }
            if !exists { try connection.execute(PostgreSQLSchema.create) }
            try connection.execute("SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '256MB'")
            switch plan.mode {
            case .full: try FullLoad(load: load, connection).run(&reader, &report, connection)
            case .changes: try load.change(&reader, &report, connection)
            }
            try connection.execute(plan.isDryRun ? "ROLLBACK" : "COMMIT")
        } catch {
            _ = try? connection.execute("ROLLBACK")
            throw error
        }
        return report
    }

    /// Writes down what the registry has now and that this load was made.
    func finish(
        _ report: inout ImportReport, previousTotal: Int, lastID: Int, number: Int,
        _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        report.total = previousTotal + report.inserted - report.deleted
        let now = "\(Timestamp.now.secondsSince1970)"
        let dataAsOf = "\(report.dataAsOf.secondsSince1970)"
        try connection.execute(
            """
            UPDATE state SET row_count = $1::bigint, loaded_at = $2::bigint, last_id = $3::bigint,
                data_as_of = greatest(coalesce(data_as_of, $4::bigint), $4::bigint),
                promised_age = coalesce($5::bigint, promised_age)
            """,
            [
                "\(report.total)", now, "\(lastID)", dataAsOf,
                plan.promisedAge.map { "\(RegistryImport.boundedAge($0))" },
            ])
        try connection.execute(
            """
            INSERT INTO load (mode, finished_at, data_as_of, read, kept, deleted, rejected)
            VALUES ($1, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint)
            """,
            [
                plan.mode.rawValue, now, dataAsOf, "\(report.read)", "\(report.kept)", "\(report.deleted)",
                "\(report.rejected)",
            ])
        // Copies that were not refreshed for so long take everything over.
        try connection.execute(
            """
            WITH old AS (DELETE FROM change WHERE made_at < \(now) - 30 * 86400 RETURNING number)
            UPDATE state SET log_start = greatest(log_start, (SELECT max(number) FROM old))
            """)
    }

    /// Copies facilities' names to the server and keeps those that are new, with their traces in the log.
    /// - Parameter isAll: whether facilities that are not among them are taken away.
    func keep(
        _ facilities: FacilityNames.Gathered, isAll: Bool, number: Int, _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        try connection.execute("CREATE TEMP TABLE loaded_facility (code text, name text) ON COMMIT DROP")
        try connection.beginCopyIn("COPY loaded_facility FROM STDIN")
        var writer = CopyWriter()
        for (code, name) in facilities.names {
            writer.append(code, name)
            try writer.send(connection)
        }
        try writer.send(connection, isLast: true)
        try connection.endCopy()
        try connection.execute(
            """
            WITH kept AS (
                INSERT INTO facility SELECT code, name FROM loaded_facility
                ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE facility.name <> excluded.name
                RETURNING code),
            removed AS (
                DELETE FROM facility WHERE \(isAll) AND code NOT IN (SELECT code FROM loaded_facility) RETURNING code)
            INSERT INTO change SELECT \(number), 'facility', code, NULL, \(Timestamp.now.secondsSince1970)
            FROM (SELECT code FROM kept UNION ALL SELECT code FROM removed) AS altered
            """)
    }

    // MARK: Changes

    private func change(
        _ reader: inout some RecordReader & ~Copyable, _ report: inout ImportReport,
        _ connection: borrowing PostgreSQLConnection
    ) throws(RegistryError) {
        let names = PostgreSQLSchema.columns
        try connection.execute(
            """
            CREATE TEMP TABLE incoming ON COMMIT DROP AS
                SELECT id AS line, \(names), NULL::text AS operation FROM insured WITH NO DATA;
            CREATE TEMP TABLE changed (key text, valid_from text) ON COMMIT DROP;
            CREATE TEMP TABLE effect (line bigint, word text) ON COMMIT DROP
            """)
        try connection.beginCopyIn("COPY incoming FROM STDIN")
        var writer = CopyWriter()
        var facilities = FacilityNames.Gathered()
        try reading.eachRow(&reader, &report) { row, line, _ throws(RegistryError) in
            let operation = row.operation == .put ? "put" : "delete"
            writer.append(line: line, row.bytes, row.values, last: Array(operation.utf8))
            try writer.send(connection)
            if row.operation == .put { facilities.gather(row) }
            return nil
        }
        try writer.send(connection, isLast: true)
        try connection.endCopy()
        try reading.tell(.indexing, reader.consumedByteCount, report)
        try connection.execute(Self.applyChanges)

        let effects = try connection.execute("SELECT word, count(*) FROM effect GROUP BY word")
        for row in 0..<effects.rowCount {
            let count = effects.integer(row, 1) ?? 0
            switch effects.text(row, 0) {
            case "inserted": report.inserted = count
            case "updated": report.updated = count
            case "unchanged": report.unchanged = count
            case "deleted": report.deleted = count
            default: break
            }
        }
        let absent = try connection.execute("SELECT line FROM effect WHERE word = 'absent' ORDER BY line")
        for row in 0..<absent.rowCount {
            let line = RejectedLine(line: absent.integer(row, 0) ?? 0, field: nil, reason: .nothingToDelete)
            reading.reject(line, &report)
        }

        let previous = try connection.execute("SELECT row_count, last_id FROM state")
        let lastID = (previous.integer(0, 1) ?? 0) + report.inserted
        let number = try PostgreSQLSchema.nextChange(connection)
        try keep(facilities, isAll: false, number: number, connection)
        try connection.execute(
            """
            INSERT INTO change
            SELECT DISTINCT \(number), 'record', key, valid_from, \(Timestamp.now.secondsSince1970) FROM changed
            """)
        try finish(
            &report, previousTotal: previous.integer(0, 0) ?? 0, lastID: lastID, number: number, connection)
        try reading.tell(.publishing, reader.consumedByteCount, report)
    }

    /// Applies the lines of `incoming` in their order, as `ChangeWriter` does: a later line finds what an earlier one did.
    private static let applyChanges = """
        DO $$
        DECLARE
            given record;
            known record;
            next_id bigint := (SELECT last_id FROM cccd.state);
        BEGIN
            FOR given IN SELECT * FROM incoming ORDER BY line LOOP
                SELECT i.ctid AS place, \(PostgreSQLSchema.key("i")) AS key INTO known FROM insured AS i
                    WHERE i.personal_number = given.personal_number AND i.valid_from = given.valid_from;
                IF known.place IS NULL AND given.card_number IS NOT NULL THEN
                    SELECT i.ctid AS place, \(PostgreSQLSchema.key("i")) AS key INTO known FROM insured AS i
                        WHERE right(i.card_number, 10) = right(given.card_number, 10)
                            AND i.valid_from = given.valid_from
                            AND (given.personal_number IS NULL OR i.personal_number IS NULL)
                        ORDER BY i.personal_number NULLS FIRST LIMIT 1;
                END IF;
                IF given.operation = 'delete' AND known.place IS NULL THEN
                    INSERT INTO effect VALUES (given.line, 'absent');
                    CONTINUE;
                ELSIF given.operation = 'delete' THEN
                    DELETE FROM insured WHERE ctid = known.place;
                    INSERT INTO effect VALUES (given.line, 'deleted');
                ELSIF known.place IS NULL THEN
                    next_id := next_id + 1;
                    INSERT INTO insured VALUES (next_id, \(ChangeWriter.columns.map { "given.\($0)" }.joined(separator: ", ")));
                    INSERT INTO effect VALUES (given.line, 'inserted');
                ELSE
                    UPDATE insured SET (\(PostgreSQLSchema.columns)) =
                        ROW(\(ChangeWriter.columns.map { "given.\($0)" }.joined(separator: ", ")))
                        WHERE ctid = known.place AND (\(PostgreSQLSchema.columns)) IS DISTINCT FROM
                            (\(ChangeWriter.columns.map { "given.\($0)" }.joined(separator: ", ")));
                    IF NOT FOUND THEN
                        INSERT INTO effect VALUES (given.line, 'unchanged');
                        CONTINUE;
                    END IF;
                    INSERT INTO effect VALUES (given.line, 'updated');
                END IF;
                INSERT INTO changed VALUES (known.key, given.valid_from),
                    (coalesce(given.personal_number, right(given.card_number, 10)), given.valid_from);
            END LOOP;
            DELETE FROM changed WHERE key IS NULL;
        END $$
        """
}

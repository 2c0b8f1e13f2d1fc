/// What a refresh of a copy did.
public struct CopyRefresh: Sendable, Equatable, Encodable, CustomStringConvertible {
    /// Whether everything was taken over, and not only what changed.
    public internal(set) var isWhole: Bool
    /// Records taken over or taken away.
    public internal(set) var records = 0
    /// Reports of lost cards taken over.
    public internal(set) var lostCards = 0

    /// One sentence for a person.
    public var description: String {
        isWhole
            ? "The copy was made anew: it has \(records) records."
            : "The copy agrees with the server again: \(records) records and \(lostCards) reports of lost cards had changed."
    }
}

/// This machine's copy of a server's registry: an SQLite registry with one table more, which tells of which server and up
/// to which change it is the copy.
final class LocalCopy: Sendable {
    let path: String
    private let registry: GuardedRegistry

    /// More changes than that are made in a second file, since readers wait while a transaction is written.
    private static let inPlaceLimit = 20_000
    private static let columns = ChangeWriter.columns.joined(separator: ", ")

    init(path: String) {
        self.path = path
        registry = GuardedRegistry(path: path)
    }

    // MARK: Answers

    /// The copy as a registry, and how many seconds ago it agreed with its server.
    /// - Throws: `missing` when there is no copy yet, …
    func opened() throws(RegistryError) -> (InsuranceRegistry, age: Int) {
        let registry = try registry.opened()
        let refreshedAt = try registry.pool.withSession { session throws(RegistryError) in
            try Self.origin(session.connection)?.refreshedAt
        }
        guard let refreshedAt else { throw .notARegistry(path: path) }
        return (registry, max(0, Timestamp.now.secondsSince1970 - refreshedAt))
    }

    // MARK: Refresh

    /// Makes the copy agree with the server.
    ///
    /// - Throws: `alreadyExists` when another registry stands at the path; `loadRunning` while another program refreshes it.
    func refresh(from address: PostgreSQLAddress) throws(RegistryError) -> CopyRefresh {
        let lock = try LoadLock(for: path)
        let known = try knownOrigin()
        let server = try PostgreSQLConnection(address, answerLimit: .seconds(120))
        try server.execute("\(PostgreSQLSchema.session); SET statement_timeout = 0")
        guard try PostgreSQLSchema.exists(in: server) else { throw .missing(path: address.description) }
        let refresh = try server.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
            () throws(RegistryError) in
            let origin = try Origin(server)
            let logStart = try server.integer("SELECT log_start FROM state")
            guard let known, known.registryID == origin.registryID, known.changeNumber >= logStart,
                known.changeNumber <= origin.changeNumber
            else { return try copyAll(server, origin) }
            return try takeChanges(server, since: known.changeNumber, origin)
        }
        _ = consume lock
        return refresh
    }

    private func knownOrigin() throws(RegistryError) -> Origin? {
        guard FileSystem.exists(path) else { return nil }
        let connection = try Connection(path: path, access: .readWrite)
        switch Result(catching: { () throws(RegistryError) in try Schema.check(connection) }) {
        case .success: break
        // A copy of an older version of this program is made anew.
        case .failure(.otherVersion) where try Self.isCopy(connection): return nil
        case .failure(let error): throw error
        }
        guard let origin = try Self.origin(connection) else { throw .alreadyExists(path: path) }
        return origin
    }

    private func copyAll(
        _ server: borrowing PostgreSQLConnection, _ origin: Origin
    ) throws(RegistryError) -> CopyRefresh {
        var refresh = CopyRefresh(isWhole: true)
        try LoadJob.replace(path) { connection throws(RegistryError) in
            try connection.execute("BEGIN")
            try Schema.create(in: connection)
            try connection.execute(Self.originTable)
            refresh.records = try fill(connection, from: server)
            try insert(into: connection, "facility", ["code", "name"], from: server) {}
            try insert(into: connection, "lost_card", Self.lostCardColumns, from: server) { refresh.lostCards += 1 }
            try connection.execute(Schema.indexes)
            try takeOver(origin, server, connection)
            try connection.execute("COMMIT")
        }
        return refresh
    }

    /// Copies the table `insured`, and gives the number of its records.
    private func fill(
        _ connection: borrowing Connection, from server: borrowing PostgreSQLConnection
    ) throws(RegistryError) -> Int {
        let rows = try RowSort()
        var row = CopiedRow(columnCount: ChangeWriter.columns.count)
        var count = 0
        try server.copyOut("COPY (SELECT \(Self.columns) FROM insured) TO STDOUT") { line throws(RegistryError) in
            try row.read(line, server: server.server)
            count += 1
            try rows.add(row.bytes, row.values, line: count)
        }
        return count - (try RowFill.fill(connection, from: rows).count)
    }

    private static let lostCardColumns = [
        "id", "kind", "number", "issued_on", "lost_on", "reported_at", "reported_by", "found_at", "found_by",
    ]

    private func insert(
        into connection: borrowing Connection, _ table: String, _ columns: [String],
        from server: borrowing PostgreSQLConnection, _ each: () -> Void
    ) throws(RegistryError) {
        let names = columns.joined(separator: ", ")
        let places = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
        let insert = try connection.prepare("INSERT INTO \(table) (\(names)) VALUES (\(places))")
        var row = CopiedRow(columnCount: columns.count)
        try server.copyOut("COPY (SELECT \(names) FROM \(table)) TO STDOUT") { line throws(RegistryError) in
            try row.read(line, server: server.server)
            try insert.run(row.bytes.span, row.values, from: 1)
            each()
        }
    }

    // MARK: Changes

    private func takeChanges(
        _ server: borrowing PostgreSQLConnection, since number: Int, _ origin: Origin
    ) throws(RegistryError) -> CopyRefresh {
        var refresh = CopyRefresh(isWhole: false)
        let count = try server.integer("SELECT count(*) FROM change WHERE number > \(number)")
        if count <= Self.inPlaceLimit {
            let connection = try Connection(path: path, access: .readWrite)
            try connection.execute("PRAGMA cache_spill = OFF")
            try connection.transaction { () throws(RegistryError) in
                try apply(server, since: number, origin, connection, &refresh)
            }
        } else {
            let old = try Connection(path: path, access: .readOnly)
            var applied = refresh
            try LoadJob.replace(path) { connection throws(RegistryError) in
                try old.copy(into: connection)
                try connection.transaction { () throws(RegistryError) in
                    try apply(server, since: number, origin, connection, &applied)
                }
            }
            refresh = applied
        }
        return refresh
    }

    /// Takes over what the log names, in the state that it has now: so a record that changed often is moved once, and a
    /// refresh may be repeated without harm.
    private func apply(
        _ server: borrowing PostgreSQLConnection, since number: Int, _ origin: Origin,
        _ connection: borrowing Connection, _ refresh: inout CopyRefresh
    ) throws(RegistryError) {
        let places = (3...ChangeWriter.columns.count + 2).map { "?\($0)" }.joined(separator: ", ")
        let deletePerson = try connection.prepare(
            "DELETE FROM insured WHERE \(RowOrder.isOf("?1")) AND valid_from = ?2")
        let deleteCard = try connection.prepare(
            "DELETE FROM insured WHERE substr(card_number, -10) = ?1 AND personal_number IS NULL AND valid_from = ?2")
        let idPlace = Int32(ChangeWriter.columns.count + 3)
        let insert = try connection.prepare(
            """
            INSERT INTO insured (\(Self.columns), id) SELECT \(places), ?\(idPlace)
            WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL
            """)
        let ids = try RowPlaces(connection)
        var row = CopiedRow(columnCount: ChangeWriter.columns.count + 2)
        let fields = ChangeWriter.columns.map { "i.\($0)" }.joined(separator: ", ")
        try server.copyOut(
            """
            COPY (
                WITH named AS (SELECT DISTINCT key, valid_from FROM change WHERE kind = 'record' AND number > \(number))
                SELECT n.key, n.valid_from, \(fields) FROM named AS n LEFT JOIN insured AS i
                    ON i.personal_number = n.key AND i.valid_from = n.valid_from WHERE length(n.key) = 12
                UNION ALL
                SELECT n.key, n.valid_from, \(fields) FROM named AS n LEFT JOIN insured AS i
                    ON right(i.card_number, 10) = n.key AND i.personal_number IS NULL AND i.valid_from = n.valid_from
                    WHERE length(n.key) = 10
            ) TO STDOUT
            """
        ) { line throws(RegistryError) in
            try row.read(line, server: server.server)
            let isPerson = row.values[0]?.count == 12
            if isPerson {
                try deletePerson.run(row.bytes.span, Array(row.values.prefix(2)), from: 1)
            } else {
                try deleteCard.run(row.bytes.span, Array(row.values.prefix(2)), from: 1)
            }
            // The first day is NULL where the server has no such record any more.
            if row.values[2 + InsuredRow.Column.validFrom.rawValue] != nil {
                let number = row.values[2 + InsuredRow.Column.personalNumber.rawValue]
                // More records than there is room for are more than an answer looks at.
                guard let id = try ids.next(for: number.map { String(decoding: row.bytes[$0], as: UTF8.self) }) else {
                    return
                }
                try insert.bind(id, at: idPlace)
                try insert.run(row.bytes.span, row.values, from: 1)
            }
            refresh.records += 1
        }
        var lostCards = 0
        try replaceNamed("facility", ["code", "name"], kind: "facility", server, since: number, connection) {}
        try replaceNamed("lost_card", Self.lostCardColumns, kind: "lost", server, since: number, connection) {
            lostCards += 1
        }
        refresh.lostCards = lostCards
        try takeOver(origin, server, connection)
    }

    /// - Parameter columns: the first is the one that the log names.
    private func replaceNamed(
        _ table: String, _ columns: [String], kind: String, _ server: borrowing PostgreSQLConnection,
        since number: Int, _ connection: borrowing Connection, _ each: () -> Void
    ) throws(RegistryError) {
        let places = (2...columns.count + 1).map { "?\($0)" }.joined(separator: ", ")
        let delete = try connection.prepare("DELETE FROM \(table) WHERE \(columns[0]) = ?1")
        let put = try connection.prepare(
            "INSERT INTO \(table) (\(columns.joined(separator: ", "))) SELECT \(places) WHERE ?1 IS NOT NULL")
        var row = CopiedRow(columnCount: columns.count + 1)
        let fields = columns.map { "t.\($0)" }.joined(separator: ", ")
        try server.copyOut(
            """
            COPY (SELECT n.key, \(fields)
                FROM (SELECT DISTINCT key FROM change WHERE kind = '\(kind)' AND number > \(number)) AS n
                LEFT JOIN \(table) AS t ON t.\(columns[0])::text = n.key) TO STDOUT
            """
        ) { line throws(RegistryError) in
            try row.read(line, server: server.server)
            try delete.run(row.bytes.span, Array(row.values.prefix(1)), from: 1)
            if row.values[1] != nil { try put.run(row.bytes.span, row.values, from: 1) }
            each()
        }
    }

    // MARK: Origin

    /// Of which registry a copy is one, and up to which change.
    private struct Origin {
        let registryID: String
        let changeNumber: Int
        let refreshedAt: Int

        init(registryID: String, changeNumber: Int, refreshedAt: Int) {
            self.registryID = registryID
            self.changeNumber = changeNumber
            self.refreshedAt = refreshedAt
        }

        init(_ server: borrowing PostgreSQLConnection) throws(RegistryError) {
            let state = try server.execute("SELECT registry_id, change_number FROM state")
            guard let id = state.text(0, 0), let number = state.integer(0, 1) else {
                throw .missing(path: server.server)
            }
            self.init(registryID: id, changeNumber: number, refreshedAt: Timestamp.now.secondsSince1970)
        }
    }

    private static let originTable = """
        CREATE TABLE origin (
            id INTEGER PRIMARY KEY CHECK (id = 1), registry_id TEXT NOT NULL, change_number INTEGER NOT NULL,
            refreshed_at INTEGER NOT NULL)
        """

    private static func isCopy(_ connection: borrowing Connection) throws(RegistryError) -> Bool {
        try connection.integer("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'origin'") > 0
    }

    private static func origin(_ connection: borrowing Connection) throws(RegistryError) -> Origin? {
        guard try isCopy(connection) else { return nil }
        let select = try connection.prepare("SELECT registry_id, change_number, refreshed_at FROM origin")
        guard try select.step(), let id = select.text(0), let number = select.integer(1), let at = select.integer(2)
        else { return nil }
        return Origin(registryID: id, changeNumber: number, refreshedAt: at)
    }

    private func takeOver(
        _ origin: Origin, _ server: borrowing PostgreSQLConnection, _ connection: borrowing Connection
    ) throws(RegistryError) {
        let state = try server.execute("SELECT row_count, loaded_at, data_as_of, promised_age FROM state")
        let update = try connection.prepare(
            "UPDATE state SET row_count = ?1, loaded_at = ?2, data_as_of = ?3, promised_age = ?4")
        for column in 0..<4 { try update.bind(state.integer(0, column), at: Int32(column + 1)) }
        try update.run()
        let put = try connection.prepare("INSERT OR REPLACE INTO origin VALUES (1, ?1, ?2, ?3)")
        try put.bind(origin.registryID, at: 1)
        try put.bind(origin.changeNumber, at: 2)
        try put.bind(origin.refreshedAt, at: 3)
        try put.run()
    }
}

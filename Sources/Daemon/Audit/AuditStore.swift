import Crypto
import Registry

/// The audit log's file, open for writing. Used by one thread at a time.
///
/// Each batch of records and the signed head behind it are one transaction: wherever the log breaks off, be it by a
/// kill or a loss of power, a head that this terminal signed stands over its last record.
final class AuditStore: @unchecked Sendable {
    /// Raised when the tables change in a way that older programs cannot read.
    static let version = 1
    /// "CCAL" in ASCII: tells an audit log from other SQLite files.
    static let applicationID = 0x4343_414C

    private static let tables = """
        CREATE TABLE records (number INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;
        CREATE TABLE heads (number INTEGER PRIMARY KEY, statement TEXT NOT NULL, is_kept INTEGER NOT NULL) STRICT;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        """

    let path: String
    private let connection: Connection
    private let insertRecord: Statement
    /// Many rows by one statement cost SQLite half of what they do by one each.
    private let insertRecords: Statement
    private static let group = 32
    private let insertHead: Statement
    private let terminal: Terminal
    private(set) var position: AuditPosition

    /// Opens the log at `path`, or begins one there.
    /// - Throws: `AuditError.altered` when the log does not end where its head says.
    init(path: String, terminal: Terminal) throws(AuditError) {
        self.path = path
        self.terminal = terminal
        do throws(RegistryError) {
            let connection = try Connection(path: path, access: .create)
            // With large pages the log and its journal are written in fewer pieces.
            try connection.execute("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            if try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 {
                try connection.transaction { () throws(RegistryError) in try connection.execute(Self.tables) }
            }
            guard try AuditReader.isAuditLog(connection) else { throw .notARegistry(path: path) }
            insertRecord = try connection.prepare("INSERT INTO records (number, content) VALUES (?1, ?2)")
            let rows = (0..<Self.group).map { "(?1 + \($0), ?\($0 + 2))" }.joined(separator: ", ")
            insertRecords = try connection.prepare("INSERT INTO records (number, content) VALUES \(rows)")
            insertHead = try connection.prepare(
                "INSERT OR REPLACE INTO heads (number, statement, is_kept) VALUES (?1, ?2, ?3)")
            self.connection = connection
            position = .beginning
        } catch {
            throw AuditError(error, path: path)
        }
        position = try end()
        guard try newestHead() ?? .beginning == position else { throw .altered(path: path) }
    }

    /// Adds records, and a head over them that stays when `keepsHead`, else until the next one.
    func append(_ batch: AuditBatch, at moment: String, keepsHead: Bool) throws(AuditError) {
        try change { () throws(AuditError) in
            try insert(batch)
            try sign(position, at: moment, isKept: keepsHead)
        }
    }

    /// Does on the disk what `append` does, and leaves both tables as they were.
    func tryWriting() throws(AuditError) {
        let before = position
        var event = AuditEvent(.checkIn)
        // Longer than records are.
        event.id = String(repeating: "0", count: 1000)
        try change { () throws(AuditError) in
            try insert(AuditBatch([event.body]))
            _ = try AuditHead.signed(position, at: Timestamp.now.description, by: terminal)
            position = before
            try executing { () throws(RegistryError) in
                try connection.execute("DELETE FROM records WHERE number > \(before.number)")
                try connection.execute(
                    "UPDATE heads SET is_kept = is_kept WHERE number = (SELECT max(number) FROM heads)")
            }
        }
    }

    /// Removes the records up to the last one of the first `limit` that are older than `end`, and records that.
    ///
    /// What is left stays provable: the head over the last record removed is kept, and the chain says that it was.
    /// - Parameter moment: What the clock shows.
    /// - Returns: How many were removed.
    func removeRecords(before end: Timestamp, limit: Int, at moment: Timestamp) throws(AuditError) -> Int {
        let cutoff = end.description
        var oldest: (first: Int, last: AuditPosition)?
        do throws(RegistryError) {
            let statement = try connection.prepare("SELECT content FROM records ORDER BY number LIMIT ?1")
            try statement.bind(limit, at: 1)
            while try statement.step() {
                guard let content = statement.text(0), let place = AuditRecordPlace(content), place.at < cutoff,
                    // The last record stays: a chain has an end to follow on.
                    place.number < position.number, let hash = try? AuditPosition.hash(content)
                else { break }
                oldest = (oldest?.first ?? place.number, AuditPosition(number: place.number, hash: hash))
            }
        } catch {
            throw AuditError(error, path: path)
        }
        guard let oldest else { return 0 }
        var event = AuditEvent(.retention)
        event.at = moment.secondsSince1970 * 1000
        event.removedTo = oldest.last.number
        try change { () throws(AuditError) in
            try sign(oldest.last, at: moment.description, isKept: true)
            try insert(AuditBatch([event.body]))
            try sign(position, at: moment.description, isKept: false)
            try executing { () throws(RegistryError) in
                try connection.execute("DELETE FROM records WHERE number <= \(oldest.last.number)")
                try connection.execute("DELETE FROM heads WHERE number < \(oldest.last.number)")
            }
        }
        return oldest.last.number - oldest.first + 1
    }

    /// When the first record was written; nil without one.
    func oldestMoment() throws(AuditError) -> Timestamp? { try place("ORDER BY number LIMIT 1")?.moment }

    /// When a record was written that is not younger than `latest`: mostly the newest such one. Nil without one.
    ///
    /// Found by halving. Moments rise with the numbers but where the clock was set; there it is some record that old.
    func moment(notAfter latest: Timestamp) throws(AuditError) -> Timestamp? {
        guard let first = try place("ORDER BY number LIMIT 1"), var found = first.moment, found <= latest else {
            return nil
        }
        var (old, young) = (first.number, position.number + 1)
        while young - old > 1 {
            let middle = old + (young - old) / 2
            guard let moment = try place("WHERE number = \(middle)")?.moment else { break }
            if moment <= latest { (old, found) = (middle, moment) } else { young = middle }
        }
        return found
    }

    private func place(_ clause: String) throws(AuditError) -> AuditRecordPlace? {
        try text("SELECT content FROM records \(clause)").flatMap(AuditRecordPlace.init)
    }

    private func insert(_ batch: AuditBatch) throws(AuditError) {
        var link = AuditLink(position)
        var remaining = batch.bodies[...]
        while !remaining.isEmpty {
            let group = remaining.prefix(remaining.count >= Self.group ? Self.group : 1)
            remaining = remaining.dropFirst(group.count)
            let first = link.number + 1
            link.begin()
            do throws(CryptoError) {
                for body in group { try link.follow(batch.bytes.span.extracting(body)) }
            } catch {
                throw .keyUnusable(reason: error.description)
            }
            try executing { () throws(RegistryError) in
                if group.count == Self.group {
                    try insertRecords.run(link.text.span, link.records, from: 2, behind: first)
                } else {
                    try insertRecord.run(link.text.span, link.records, from: 2, behind: first)
                }
            }
            // Whoever waits for an answer goes first.
            SystemCalls.yieldProcessor()
        }
        position = link.position
    }

    private func sign(_ position: AuditPosition, at moment: String, isKept: Bool) throws(AuditError) {
        let statement = try AuditHead.signed(position, at: moment, by: terminal)
        try executing { () throws(RegistryError) in
            try connection.execute("DELETE FROM heads WHERE is_kept = 0")
            try insertHead.bind(position.number, at: 1)
            try insertHead.bind(statement, at: 2)
            try insertHead.bind(isKept ? 1 : 0, at: 3)
            try insertHead.run()
        }
    }

    /// Runs `body` in a transaction; when it fails, file and position are as before.
    private func change(_ body: () throws(AuditError) -> Void) throws(AuditError) {
        let before = position
        do throws(AuditError) {
            try executing { () throws(RegistryError) in try connection.execute("BEGIN IMMEDIATE") }
            try body()
            try executing { () throws(RegistryError) in try connection.execute("COMMIT") }
        } catch {
            connection.rollBack()
            position = before
            throw error
        }
    }

    private func executing(_ body: () throws(RegistryError) -> Void) throws(AuditError) {
        do throws(RegistryError) { try body() } catch { throw AuditError(error, path: path) }
    }

    private func end() throws(AuditError) -> AuditPosition {
        guard let content = try text("SELECT content FROM records ORDER BY number DESC LIMIT 1") else {
            return .beginning
        }
        guard let place = AuditRecordPlace(content), let hash = try? AuditPosition.hash(content) else {
            throw .altered(path: path)
        }
        return AuditPosition(number: place.number, hash: hash)
    }

    /// What the newest head says; its signature is proven by `AuditVerification`, not here: the terminal's key may have
    /// been renewed since.
    private func newestHead() throws(AuditError) -> AuditPosition? {
        guard let text = try text("SELECT statement FROM heads ORDER BY number DESC LIMIT 1") else { return nil }
        guard let head = try? AuditHead.opened(text).head else { throw .altered(path: path) }
        return head.position
    }

    private func text(_ sql: String) throws(AuditError) -> String? {
        do throws(RegistryError) {
            let statement = try connection.prepare(sql)
            return try statement.step() ? statement.text(0) : nil
        } catch {
            throw AuditError(error, path: path)
        }
    }
}

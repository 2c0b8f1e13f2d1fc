import Registry

/// An audit log's file as it is at one moment, also while the daemon writes on.
public final class AuditReader {
    /// The file.
    public let path: String
    private let connection: Connection

    /// - Throws: `AuditError`: `missing`, `notAnAuditLog`, `unusable`.
    public init(path: String) throws(AuditError) {
        self.path = path
        do throws(RegistryError) {
            let connection = try Connection(path: path, access: .readOnly)
            guard try Self.isAuditLog(connection) else { throw .notARegistry(path: path) }
            // One snapshot for all that is read from here on.
            try connection.execute("BEGIN")
            self.connection = connection
        } catch {
            throw AuditError(error, path: path)
        }
    }

    static func isAuditLog(_ connection: borrowing Connection) throws(RegistryError) -> Bool {
        let application = try connection.integer("PRAGMA application_id")
        let version = try connection.integer("PRAGMA user_version")
        return application == AuditStore.applicationID && version == AuditStore.version
    }

    /// Hands over the records from a number on, in order, each as the line of JSON that it is, until `take` says false.
    public func records(from number: Int = 1, _ take: (_ number: Int, _ content: String) -> Bool) throws(AuditError) {
        do throws(RegistryError) {
            let statement = try connection.prepare(
                "SELECT number, content FROM records WHERE number >= ?1 ORDER BY number")
            try statement.bind(number, at: 1)
            while try statement.step() {
                guard take(statement.integer(0) ?? 0, statement.text(1) ?? "") else { return }
            }
        } catch {
            throw AuditError(error, path: path)
        }
    }

    /// The signed heads, oldest first.
    public func heads() throws(AuditError) -> [String] {
        var heads: [String] = []
        do throws(RegistryError) {
            let statement = try connection.prepare("SELECT statement FROM heads ORDER BY number")
            while try statement.step() { heads.append(statement.text(0) ?? "") }
        } catch {
            throw AuditError(error, path: path)
        }
        return heads
    }

    /// The signed head over the last record; nil when there is no record yet.
    public func head() throws(AuditError) -> String? { try heads().last }
}

extension AuditReader {
    /// What stands in a log for a person.
    ///
    /// - Parameter keyPath: The file of the log's key, `audit.key`.
    /// - Throws: `AuditError.keyUnusable`.
    public static func subject(_ personalNumber: String, keyPath: String) throws(AuditError) -> String {
        try AuditLog.subject(personalNumber, key: AuditLog.subjectKey(keyPath, makesIt: false))
    }

    /// Whether a record is about the person that `subject` stands for.
    public static func isAbout(_ subject: String, record: String) -> Bool {
        AuditRecordPlace(record)?.subject == subject
    }
}

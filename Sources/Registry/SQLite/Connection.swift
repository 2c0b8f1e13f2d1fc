import CSQLite

/// An open SQLite database. Used by one thread at a time.
@safe package struct Connection: ~Copyable {
    package enum Access { case readOnly, readWrite, create }

    /// How long a statement waits for another program's lock, in milliseconds.
    static let busyTimeout: Int32 = 5_000

    /// What is set for all connections, before the first one; somebody else's SQLite that runs already stays as it is.
    private static let settings: Void = { _ = cccd_sqlite3_count_no_memory() }()

    let path: String
    private let handle: OpaquePointer

    /// - Parameter path: an empty path opens a private database that is gone when the connection closes.
    package init(path: String, access: Access) throws(RegistryError) {
        let flags =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        _ = Self.settings
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let opened = unsafe opened, code == SQLITE_OK else {
            let error = unsafe RegistryError(code, of: opened, path: path, operation: "open")
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe sqlite3_busy_timeout(opened, Self.busyTimeout)
        // A damaged or planted file is to fail, not to run what its schema says.
        _ = unsafe sqlite3_exec(opened, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", nil, nil, nil)
        self.path = path
        unsafe self.handle = opened
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs one or more statements that take no values.
    package func execute(_ sql: String) throws(RegistryError) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code, operation: Self.operation(of: sql)) }
    }

    /// A statement that is compiled once and may be run many times.
    package func prepare(_ sql: String) throws(RegistryError) -> Statement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard let statement = unsafe statement, code == SQLITE_OK else {
            throw error(code, operation: Self.operation(of: sql))
        }
        return unsafe Statement(statement, path: path, operation: Self.operation(of: sql))
    }

    /// The first column of the first row of `sql` as a number; zero when there is none.
    package func integer(_ sql: String) throws(RegistryError) -> Int {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) ?? 0 : 0
    }

    /// Runs `body` in a write transaction, which is undone when it throws.
    package func transaction<Result>(_ body: () throws(RegistryError) -> Result) throws(RegistryError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Undoes the open transaction; SQLite may have done so already.
    package func rollBack() {
        _ = unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    /// Goes without journal and synchronisation: for a database that nobody sees before it is whole, and that is thrown
    /// away when something goes wrong.
    func workUnseen() throws(RegistryError) {
        try execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768")
    }

    /// The number of rows that the last statement changed.
    package var changedRows: Int { Int(unsafe sqlite3_changes64(handle)) }

    /// The row id that the last INSERT made.
    var lastRowID: Int { Int(unsafe sqlite3_last_insert_rowid(handle)) }

    /// Whether another file, or none, now stands at the path that was opened.
    var hasMoved: Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// Copies the whole database over whatever `target` holds.
    ///
    /// By SQLite's own copying, since opening and closing the file beside SQLite would drop SQLite's POSIX locks on it.
    func copy(into target: borrowing Connection) throws(RegistryError) {
        guard let backup = unsafe sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw unsafe target.error(sqlite3_extended_errcode(target.handle), operation: "copy")
        }
        let stepped = unsafe sqlite3_backup_step(backup, -1)
        let finished = unsafe sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE, finished == SQLITE_OK else {
            throw target.error(finished == SQLITE_OK ? stepped : finished, operation: "copy")
        }
    }

    private func error(_ code: Int32, operation: String) -> RegistryError {
        unsafe RegistryError(code, of: handle, path: path, operation: operation)
    }

    /// The statement's first two words: enough to say what was done, and never a value.
    private static func operation(of sql: String) -> String {
        sql.split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
    }
}

extension RegistryError {
    /// The case for an SQLite result code, with the code and the text of `handle` carried along.
    init(_ code: Int32, of handle: OpaquePointer?, path: String, operation: String) {
        let path = path.isEmpty ? "(temporary)" : path
        let text = unsafe handle.flatMap { unsafe sqlite3_errmsg($0) }.map { unsafe String(cString: $0) }
        let failure = unsafe SQLiteFailure(
            code: code, message: text ?? String(cString: sqlite3_errstr(code)), operation: operation)
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy(path: path, failure)
        case SQLITE_READONLY: self = .readOnly(path: path, failure)
        case SQLITE_FULL: self = .diskFull(path: path, failure)
        case SQLITE_NOTADB: self = .notADatabase(path: path, failure)
        case SQLITE_CORRUPT: self = .damaged(path: path, failure)
        case SQLITE_PERM, SQLITE_AUTH: self = .notPermitted(path: path, reason: failure.message)
        case SQLITE_CANTOPEN:
            switch unsafe handle.map({ unsafe sqlite3_system_errno($0) }) ?? 0 {
            case FileSystem.noSuchFile: self = .missing(path: path)
            case FileSystem.accessDenied, FileSystem.notOwner:
                self = .notPermitted(path: path, reason: "permission denied")
            default: self = .failed(path: path, failure)
            }
        default: self = .failed(path: path, failure)
        }
    }
}

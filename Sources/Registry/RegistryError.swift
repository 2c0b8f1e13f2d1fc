/// What SQLite said when it refused.
public struct SQLiteFailure: Equatable, Sendable, CustomStringConvertible {
    /// SQLite's extended result code (sqlite.org/rescode.html).
    public let code: Int32
    /// SQLite's own text for it.
    public let message: String
    /// What was being done.
    public let operation: String

    /// The operation, the text and the code.
    public var description: String { "\(operation): \(message) (SQLite code \(code))" }
}

/// What a PostgreSQL server said when it refused.
public struct ServerFailure: Equatable, Sendable, CustomStringConvertible {
    /// PostgreSQL's code (PostgreSQL, appendix A), five characters.
    public let code: String
    /// The server's text for it; empty for the classes of code whose text may repeat values.
    public let message: String
    /// What was being done.
    public let operation: String

    /// The operation, the text and the code.
    public var description: String {
        message.isEmpty ? "\(operation) (SQLSTATE \(code))" : "\(operation): \(message) (SQLSTATE \(code))"
    }
}

/// Why the registry could not answer, load or write.
///
/// No case carries personal data.
public enum RegistryError: Error, Equatable, Sendable {
    /// There is no file at `path`.
    case missing(path: String)
    /// A new registry was to be made where a file already is.
    case alreadyExists(path: String)
    /// The file is not an SQLite database.
    case notADatabase(path: String, SQLiteFailure)
    /// The file is an SQLite database, and another program's.
    case notARegistry(path: String)
    /// The registry's tables are laid out for another version of this program.
    case otherVersion(path: String, found: Int, expected: Int)
    /// The file or its folder may not be written.
    case readOnly(path: String, SQLiteFailure)
    /// The file may not be opened by this user.
    case notPermitted(path: String, reason: String)
    /// The volume has no space left.
    case diskFull(path: String, SQLiteFailure)
    /// Another program held the registry for longer than the time limit.
    case busy(path: String, SQLiteFailure)
    /// The database is damaged.
    case damaged(path: String, SQLiteFailure)
    /// SQLite failed in another way.
    case failed(path: String, SQLiteFailure)
    /// A file-system operation failed; `reason` is the system's text.
    case fileFailure(path: String, operation: String, reason: String)
    /// Another load into this registry is running.
    case loadRunning(path: String)
    /// The load was stopped by the caller; the registry is as it was.
    case stopped
    /// The first line does not name the columns that a load needs.
    case invalidHeader(reason: String)
    /// A full load found not one good line; the registry is as it was.
    case nothingToLoad(rejected: Int)
    /// The question cannot be asked: `field` breaks the rules of its type. The gateway's code for it is 205.
    case invalidQuestion(field: String, reason: String)
    /// A registry's address cannot be understood.
    case invalidAddress(reason: String)
    /// The server cannot be reached, or does not answer in time; another source may be asked. `reason` is the library's text.
    case serverUnavailable(server: String, reason: String)
    /// The server does not let this user in, or not do this.
    case serverRefused(server: String, reason: String)
    /// The server failed in another way.
    case serverFailed(server: String, ServerFailure)
    /// The national gateway cannot be reached, or does not answer in time or in its own form; another source may be asked.
    case gatewayUnavailable(reason: String)
    /// The national gateway does not accept this user, this officer or this program's question; the code is its own (maKetQua).
    case gatewayRefused(code: String, reason: String)
    /// The national gateway cannot be asked this: it knows about today alone, and wants a name and a birth date.
    case gatewayNotAsked(reason: String)
    /// A setting for the national gateway cannot be used.
    case invalidGateway(reason: String)
    /// A rules table that the program carries cannot be read.
    case invalidRules(table: String, line: Int, reason: String)
}

extension RegistryError: CustomStringConvertible {
    /// One sentence in English: what happened, on what, and what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "there is no registry at \(path); load one with 'cccd registry import'"
        case .alreadyExists(let path):
            "\(path) exists already; choose another path or load into it"
        case .notADatabase(let path, let failure):
            "\(path) is not an SQLite database; check registry.url (\(failure))"
        case .notARegistry(let path):
            "\(path) is an SQLite database but not an insurance registry; check registry.url"
        case .otherVersion(let path, let found, let expected):
            "\(path) has table version \(found) and this program needs \(expected); "
                + (found < expected
                    ? "load it anew in full, which keeps the reports of lost cards"
                    : "use the program of that version, or load into another file")
        case .readOnly(let path, let failure):
            "\(path) cannot be written; check the owner and mode of the file and its folder (\(failure))"
        case .notPermitted(let path, let reason):
            "\(path) cannot be opened by this user: \(reason)"
        case .diskFull(let path, let failure):
            "no space left for \(path); free some and repeat, the data is as it was (\(failure))"
        case .busy(let path, let failure):
            "\(path) is held by another program; repeat in a moment (\(failure))"
        case .damaged(let path, let failure):
            "\(path) is damaged; load it again in full or restore a copy (\(failure))"
        case .failed(let path, let failure):
            "SQLite failed on \(path): \(failure)"
        case .fileFailure(let path, let operation, let reason):
            "could not \(operation) \(path): \(reason)"
        case .loadRunning(let path):
            "another load into \(path) is running; wait for it to end"
        case .stopped:
            "the load was stopped; the registry is as it was"
        case .invalidHeader(let reason):
            "the header line does not fit: \(reason)"
        case .nothingToLoad(let rejected):
            "no good line among \(rejected) read; the registry is as it was"
        case .invalidQuestion(let field, let reason):
            "\(field) \(reason)"
        case .invalidAddress(let reason):
            "the registry's address cannot be used: \(reason); give the path of an SQLite file, or postgresql://HOST/DATABASE"
        case .serverUnavailable(let server, let reason):
            "the PostgreSQL server \(server) does not answer: \(reason); look whether it runs and can be reached"
        case .serverRefused(let server, let reason):
            "the PostgreSQL server \(server) refuses: \(reason); check the user, the password and the rights"
        case .serverFailed(let server, let failure):
            "the PostgreSQL server \(server) failed: \(failure)"
        case .gatewayUnavailable(let reason):
            "the national gateway does not answer: \(reason); repeat later"
        case .gatewayRefused(let code, let reason):
            "the national gateway refuses with code \(code): \(reason); check registry.gateway"
        case .gatewayNotAsked(let reason):
            "the national gateway was not asked: \(reason)"
        case .invalidGateway(let reason):
            "registry.gateway cannot be used: \(reason)"
        case .invalidRules(let table, let line, let reason):
            "rules table \(table), line \(line): \(reason)"
        }
    }
}

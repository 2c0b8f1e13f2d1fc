import CPostgreSQL
import Glibc

/// A connection to a PostgreSQL server. Used by one thread at a time. Every wait has a limit.
///
/// This is the one file that touches libpq's pointers.
@safe struct PostgreSQLConnection: ~Copyable {
    /// For error texts: host and database.
    let server: String
    private let handle: OpaquePointer
    /// How long an answer, or the next piece of one, may take.
    var answerLimit: Duration

    /// Seconds in which a connection must stand; libpq knows whole seconds from two on.
    private static let connectSeconds = 2

    /// - Throws: `serverUnavailable`, `serverRefused`.
    init(_ address: PostgreSQLAddress, answerLimit: Duration) throws(RegistryError) {
        // Of a parameter that is named twice the last counts: the first ones are defaults that the URI may replace.
        let parameters = [
            ("connect_timeout", "\(Self.connectSeconds)"), ("application_name", "cccd"), ("keepalives_idle", "10"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
            ("dbname", address.uri), ("client_encoding", "UTF8"),
        ]
        let opened = unsafe withOptionalCStrings(parameters.map(\.0)) { names in
            unsafe withOptionalCStrings(parameters.map(\.1)) { values in
                unsafe PQconnectdbParams(names, values, 1)
            }
        }
        guard let opened = unsafe opened else {
            throw .serverUnavailable(server: address.description, reason: "no memory for a connection")
        }
        guard unsafe PQstatus(opened) == CONNECTION_OK else {
            let error = unsafe Self.connectError(opened, address.description)
            unsafe PQfinish(opened)
            throw error
        }
        // Notices may repeat values, and go to standard error unless told otherwise.
        unsafe PQsetNoticeProcessor(opened, { _, _ in }, nil)
        server = address.description
        self.answerLimit = answerLimit
        unsafe handle = opened
    }

    deinit { unsafe PQfinish(handle) }

    // MARK: Statements

    /// Runs one or more statements that take no values; gives back the last one's answer.
    @discardableResult
    func execute(_ sql: String) throws(RegistryError) -> PostgreSQLResult {
        try sent(unsafe PQsendQuery(handle, sql), sql)
        return try answer(sql)
    }

    /// Runs one statement with values, each as text or nil for NULL.
    @discardableResult
    func execute(_ sql: String, _ values: [String?]) throws(RegistryError) -> PostgreSQLResult {
        let code = unsafe withOptionalCStrings(values) { pointers in
            unsafe PQsendQueryParams(handle, sql, Int32(values.count), nil, pointers, nil, nil, 0)
        }
        try sent(code, sql)
        return try answer(sql)
    }

    /// Compiles a statement under a name.
    func prepare(_ name: String, _ sql: String) throws(RegistryError) {
        try sent(unsafe PQsendPrepare(handle, name, sql, 0, nil), sql)
        _ = try answer(sql)
    }

    /// Runs a compiled statement.
    func run(_ name: String, _ values: [String?]) throws(RegistryError) -> PostgreSQLResult {
        let code = unsafe withOptionalCStrings(values) { pointers in
            unsafe PQsendQueryPrepared(handle, name, Int32(values.count), pointers, nil, nil, 0)
        }
        try sent(code, name)
        return try answer(name)
    }

    /// The first column of the first row as a number; zero when there is none.
    func integer(_ sql: String) throws(RegistryError) -> Int {
        let result = try execute(sql)
        return result.rowCount > 0 ? result.integer(0, 0) ?? 0 : 0
    }

    /// Runs `body` in a transaction, which is undone when it throws.
    /// - Parameter begin: `BEGIN` with the transaction's properties.
    func transaction<Result>(
        _ begin: String = "BEGIN", _ body: () throws(RegistryError) -> Result
    ) throws(RegistryError) -> Result {
        try execute(begin)
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            _ = try? execute("ROLLBACK")
            throw error
        }
    }

    // MARK: COPY

    /// Begins `COPY … FROM STDIN`; `put` and `endCopy` follow.
    func beginCopyIn(_ sql: String) throws(RegistryError) {
        try sent(unsafe PQsendQuery(handle, sql), sql)
        try expectCopy(PGRES_COPY_IN, sql)
    }

    /// Sends a piece of the data.
    func put(_ bytes: Span<UInt8>) throws(RegistryError) {
        let code = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) {
                unsafe PQputCopyData(handle, $0.baseAddress, Int32(clamping: $0.count))
            }
        }
        guard code == 1 else { throw lost() }
    }

    /// Ends the data; with a reason, makes the server throw it away.
    func endCopy(abandonedBecause reason: String? = nil) throws(RegistryError) {
        guard unsafe PQputCopyEnd(handle, reason) == 1 else { throw lost() }
        _ = try answer("COPY")
    }

    /// Runs `COPY … TO STDOUT` and gives each line, its line feed included.
    func copyOut(
        _ sql: String, _ body: (Span<UInt8>) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        try sent(unsafe PQsendQuery(handle, sql), sql)
        try expectCopy(PGRES_COPY_OUT, sql)
        while true {
            var line: UnsafeMutablePointer<CChar>?
            let count = unsafe PQgetCopyData(handle, &line, 1)
            if count == -1 { break }
            guard count != -2 else { throw lost() }
            if count == 0 {
                try waitForBytes(until: .now + answerLimit)
                continue
            }
            guard let line = unsafe line else { throw lost() }
            defer { unsafe PQfreemem(line) }
            try unsafe line.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { start throws(RegistryError) in
                try unsafe body(Span(_unsafeStart: start, count: Int(count)))
            }
        }
        _ = try answer(sql)
    }

    private func expectCopy(_ status: ExecStatusType, _ sql: String) throws(RegistryError) {
        guard let result = try nextResult(sql) else { throw lost() }
        if result.status == status { return }
        let failure = result.failure(sql)
        try drain(sql)
        throw error(failure ?? ServerFailure(code: "XX000", message: "no COPY began", operation: Self.operation(sql)))
    }

    // MARK: Waiting

    /// Takes all results of what was sent, and gives back the last, or throws the first error.
    private func answer(_ sql: String) throws(RegistryError) -> PostgreSQLResult {
        var last = try nextResult(sql)
        while true {
            let next = try nextResult(sql)
            guard let next else { break }
            if last?.failure(sql) == nil { last = consume next }
        }
        guard let last else { throw lost() }
        if let failure = last.failure(sql) { throw error(failure) }
        return last
    }

    private func drain(_ sql: String) throws(RegistryError) {
        while true {
            let next = try nextResult(sql)
            if next == nil { return }
        }
    }

    private func nextResult(_ sql: String) throws(RegistryError) -> PostgreSQLResult? {
        let end = ContinuousClock.now + answerLimit
        while unsafe PQisBusy(handle) == 1 { try waitForBytes(until: end) }
        guard let result = unsafe PQgetResult(handle) else { return nil }
        return unsafe PostgreSQLResult(result)
    }

    private func waitForBytes(until end: ContinuousClock.Instant) throws(RegistryError) {
        let left = (end - .now).components
        let milliseconds = max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
        var descriptor = pollfd(fd: unsafe PQsocket(handle), events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&descriptor, 1, Int32(clamping: milliseconds))
        if ready == 0 {
            // The server is not asked to give up: that takes a connection of its own, for which libpq knows no limit of
            // time. Its own statement_timeout sees to it.
            throw .serverUnavailable(server: server, reason: "no answer within \(answerLimit)")
        }
        guard ready > 0 || errno == EINTR else { throw lost() }
        guard unsafe PQconsumeInput(handle) == 1 else { throw lost() }
    }

    // MARK: Errors

    private func sent(_ code: Int32, _ sql: String) throws(RegistryError) {
        guard code == 1 else { throw lost() }
    }

    private func lost() -> RegistryError {
        .serverUnavailable(server: server, reason: "the connection was lost")
    }

    private func error(_ failure: ServerFailure) -> RegistryError {
        switch failure.code.prefix(2) {
        // Connection lost, the server is shutting down or starting, or has no connection left; our own limit ended it.
        case "", "08", "57": .serverUnavailable(server: server, reason: failure.message)
        case "53" where failure.code == "53300": .serverUnavailable(server: server, reason: failure.message)
        case "28": .serverRefused(server: server, reason: failure.message)
        case "42" where failure.code == "42501": .serverRefused(server: server, reason: failure.message)
        case "42" where failure.code == "42P01" || failure.code == "42703": .missing(path: server)
        case "3F": .missing(path: server)
        default: .serverFailed(server: server, failure)
        }
    }

    /// libpq gives no code for a connection that was not made; its text has host and cause, and no password.
    private static func connectError(_ handle: OpaquePointer, _ server: String) -> RegistryError {
        let text = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").first.map(String.init) ?? "no reason was given"
        let reason = line.split(separator: "failed: ", maxSplits: 1).last.map(String.init) ?? line
        let isRefused = unsafe PQconnectionNeedsPassword(handle) == 1 || PQconnectionUsedPassword(handle) == 1
        let words = [
            "authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied", "certificate",
        ]
        return isRefused || words.contains(where: line.contains)
            ? .serverRefused(server: server, reason: reason) : .serverUnavailable(server: server, reason: reason)
    }

    /// The statement's first two words: enough to say what was done, and never a value.
    fileprivate static func operation(_ sql: String) -> String {
        sql.split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
    }

    // MARK: Addresses

    /// The parameters that a connection URI sets; nil when it is none.
    static func parse(_ uri: String) -> [String: String]? {
        guard let options = unsafe PQconninfoParse(uri, nil) else { return nil }
        defer { unsafe PQconninfoFree(options) }
        var values: [String: String] = [:]
        var index = 0
        while let name = unsafe options[index].keyword {
            if let value = unsafe options[index].val { unsafe values[String(cString: name)] = String(cString: value) }
            index += 1
        }
        return values
    }
}

/// The answer to one statement. Rows and columns count from 0.
@safe struct PostgreSQLResult: ~Copyable {
    private let handle: OpaquePointer

    /// Takes the result over.
    fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQclear(handle) }

    fileprivate var status: ExecStatusType { unsafe PQresultStatus(handle) }

    var rowCount: Int { Int(unsafe PQntuples(handle)) }

    /// How many rows the statement changed.
    var changedRows: Int { unsafe PQcmdTuples(handle).flatMap { unsafe Int(String(cString: $0)) } ?? 0 }

    /// The column's text; nil for NULL, and outside the answer.
    func text(_ row: Int, _ column: Int) -> String? {
        guard (0..<rowCount).contains(row), (0..<Int(unsafe PQnfields(handle))).contains(column) else { return nil }
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(handle, row, column) == 0, let start = unsafe PQgetvalue(handle, row, column) else {
            return nil
        }
        let count = Int(unsafe PQgetlength(handle, row, column))
        return unsafe start.withMemoryRebound(to: UInt8.self, capacity: count) {
            unsafe String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }

    func integer(_ row: Int, _ column: Int) -> Int? { text(row, column).flatMap { Int($0) } }

    /// What went wrong; nil when nothing did.
    fileprivate func failure(_ sql: String) -> ServerFailure? {
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE else { return nil }
        let code = unsafe cccd_pq_sqlstate(handle).map { unsafe String(cString: $0) } ?? ""
        // The text of these two classes may repeat what a row holds.
        let isTextSafe = !code.hasPrefix("22") && !code.hasPrefix("23")
        let message = unsafe cccd_pq_primary_message(handle).map { unsafe String(cString: $0) }
        return ServerFailure(
            code: code, message: isTextSafe ? message ?? "the connection was lost" : "",
            operation: PostgreSQLConnection.operation(sql))
    }
}

/// A row of an answer, for the code that reads both databases. Holds the answer.
struct PostgreSQLRows: RecordRow, ~Copyable {
    private let result: PostgreSQLResult
    private var row = -1

    init(_ result: consuming PostgreSQLResult) { self.result = result }

    /// Goes to the next row; false behind the last.
    mutating func next() -> Bool {
        row += 1
        return row < result.rowCount
    }

    func text(_ column: Int32) -> String? { result.text(row, Int(column)) }

    func integer(_ column: Int32) -> Int? { result.integer(row, Int(column)) }
}

/// Lends the texts as C strings, nil as NULL, with a NULL behind the last.
private func withOptionalCStrings<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    var bytes: [CChar] = []
    var starts: [Int?] = []
    for text in texts {
        starts.append(text == nil ? nil : bytes.count)
        guard let text else { continue }
        // A NUL would end the text early; no value of ours holds one.
        bytes += text.utf8.map { CChar(bitPattern: $0) } + [0]
    }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
        let pointers =
            unsafe starts.map { start in
                unsafe start.flatMap { start in unsafe buffer.baseAddress.map { unsafe $0 + start } }
            } + [nil]
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}

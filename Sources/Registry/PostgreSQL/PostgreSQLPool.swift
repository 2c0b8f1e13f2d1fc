import Dispatch
import Synchronization

/// A connection to a server with its compiled statements. One thread uses it at a time: the pool hands it over whole,
/// which is why it may be sent although libpq's handles may not.
final class PostgreSQLSession: @unchecked Sendable {
    let connection: PostgreSQLConnection
    private var prepared: Set<String> = []

    /// - Throws: `serverUnavailable`, `serverRefused`, `missing`, `otherVersion`.
    init(_ address: PostgreSQLAddress, limits: PostgreSQLPool.Limits) throws(RegistryError) {
        let connection = try PostgreSQLConnection(address, answerLimit: limits.answer)
        // The server's own limit is there for the case that nobody can tell it any more that nobody waits.
        let milliseconds = limits.answer.components.seconds * 1000 + 1000
        try connection.execute("\(PostgreSQLSchema.session); SET statement_timeout = \(milliseconds)")
        guard try PostgreSQLSchema.exists(in: connection) else { throw .missing(path: address.description) }
        self.connection = connection
    }

    /// What the registry knows about a question's subject, by one statement.
    func find(_ checked: CheckedQuestion) throws(RegistryError) -> Findings {
        let (number, kind, issuedOn) = checked.lookUp
        let (name, sql) =
            switch checked.subject {
            case .personalNumber: ("person", FindingsQuery.byPerson(.postgresql))
            case .cardNumber: ("card", FindingsQuery.byCard(.postgresql))
            case .child: ("parent", FindingsQuery.byParent(.postgresql))
            }
        if prepared.insert(name).inserted { try connection.prepare(name, sql) }
        var rows = PostgreSQLRows(try connection.run(name, [number, kind.rawValue, issuedOn]))
        var findings = Findings()
        while rows.next() { findings.take(rows, kind) }
        findings.putInOrder()
        return findings
    }
}

/// Connections to one server that wait for the next question.
final class PostgreSQLPool: Sendable {
    /// What a pool may take.
    struct Limits: Sendable {
        /// How long an answer may take.
        var answer: Duration
        /// How many connections may be open.
        var connections = 8
    }

    let address: PostgreSQLAddress
    private let limits: Limits
    private let idle = Mutex<[PostgreSQLSession]>([])
    private let places: DispatchSemaphore

    init(_ address: PostgreSQLAddress, limits: Limits) {
        self.address = address
        self.limits = limits
        places = DispatchSemaphore(value: limits.connections)
    }

    /// Lends a session. One that turns out to have been cut off, as after a restart of the server, is replaced once by a
    /// new one; so `body` must be fit to be run again.
    func withSession<Result>(
        _ body: (PostgreSQLSession) throws(RegistryError) -> Result
    ) throws(RegistryError) -> Result {
        let seconds = Int(limits.answer.components.seconds)
        guard places.wait(timeout: .now() + .seconds(max(1, seconds))) == .success else {
            throw .serverUnavailable(
                server: address.description, reason: "all \(limits.connections) connections are in use")
        }
        defer { places.signal() }
        if let waiting = idle.withLock({ $0.popLast() }) {
            let begin = ContinuousClock.now
            switch attempt(waiting, body) {
            case .success(let result): return result
            case .failure(.serverUnavailable) where ContinuousClock.now - begin < limits.answer:
                // The others were cut off together with it.
                idle.withLock { $0.removeAll() }
            case .failure(let error): throw error
            }
        }
        return try attempt(PostgreSQLSession(address, limits: limits), body).get()
    }

    private func attempt<Result>(
        _ session: PostgreSQLSession, _ body: (PostgreSQLSession) throws(RegistryError) -> Result
    ) -> Swift.Result<Result, RegistryError> {
        let result = Swift.Result { () throws(RegistryError) in try body(session) }
        // A session that failed is not kept, so that the next question starts with a fresh one.
        if case .success = result { idle.withLock { $0.append(session) } }
        return result
    }
}

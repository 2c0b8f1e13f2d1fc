import Dispatch
import Synchronization

/// A server's registry with this machine's copy of it, which answers when the server does not: no check-in fails for a
/// server that is stopped, slow or out of reach, and every answer tells from where it is.
///
/// May be used from many threads at once.
public final class SharedRegistry: InsuranceStore {
    /// The name under which the server's answers are given; the copy's own is `copy`.
    public let name = "postgresql"

    private let server: PostgreSQLRegistry
    private let copy: LocalCopy?
    private let breaker: CircuitBreaker
    private let refresher = Mutex<Refresher?>(nil)

    /// - Parameters:
    ///   - copy: path of the copy's SQLite file; nil for none.
    ///   - answerLimit: how long a decision may take before the copy answers.
    public convenience init(_ address: PostgreSQLAddress, copy: String?, answerLimit: Duration = .seconds(2)) {
        self.init(
            address, copy: copy, answerLimit: answerLimit,
            breaker: CircuitBreaker(threshold: 1, firstPause: .seconds(5), longestPause: .seconds(60)))
    }

    init(_ address: PostgreSQLAddress, copy: String?, answerLimit: Duration, breaker: CircuitBreaker) {
        self.breaker = breaker
        server = PostgreSQLRegistry(address, answerLimit: answerLimit)
        self.copy = copy.map(LocalCopy.init)
    }

    /// Brings the copy up to date now.
    ///
    /// - Throws: `serverUnavailable`, `loadRunning` while another program does so, `alreadyExists` when the copy's path is
    ///   that of another registry, …
    @discardableResult
    public func refreshCopy() throws(RegistryError) -> CopyRefresh {
        guard let copy else { throw .invalidAddress(reason: "no copy is configured") }
        return try copy.refresh(from: server.address)
    }

    /// Brings the copy up to date now and every so many seconds from now on, on a thread of its own.
    ///
    /// - Parameter told: what each refresh did, or why there was none.
    public func refreshCopy(every seconds: Int, told: @escaping @Sendable (Result<CopyRefresh, RegistryError>) -> Void)
    {
        guard copy != nil else { return }
        let started = Refresher(every: seconds) { [weak self] in
            guard let self else { return }
            told(Result { () throws(RegistryError) in try self.refreshCopy() })
        }
        refresher.withLock { $0 = started }
    }

    // MARK: Answers

    /// Decides one question: by the server, or where it does not answer by the copy.
    ///
    /// - Throws: `invalidQuestion`; otherwise the server's error, where there is no copy either.
    public func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        let rules = try BenefitRules.standard()
        return try answer { server throws(RegistryError) in
            try server.decide(question)
        } orFromCopy: { copy, age throws(RegistryError) in
            var decision = try copy.decide(question)
            decision.copyAge = age
            decision.reasons.append(rules.code(.fromCopy).reason)
            return decision
        }
    }

    /// Whether the ID card that a person shows is reported lost.
    public func isLost(identityCardOf personalNumber: String, issuedOn: Day? = nil) throws(RegistryError) -> Bool {
        try answer { server throws(RegistryError) in
            try server.isLost(identityCardOf: personalNumber, issuedOn: issuedOn)
        } orFromCopy: { copy, _ throws(RegistryError) in
            try copy.isLost(identityCardOf: personalNumber, issuedOn: issuedOn)
        }
    }

    /// How much is known and how old it is.
    public func status() throws(RegistryError) -> RegistryStatus {
        try answer { server throws(RegistryError) in
            try server.status()
        } orFromCopy: { copy, age throws(RegistryError) in
            var status = try copy.status()
            status.copyAge = age
            return status
        }
    }

    private func answer<Answer>(
        _ ask: (PostgreSQLRegistry) throws(RegistryError) -> Answer,
        orFromCopy askCopy: (InsuranceRegistry, _ age: Int) throws(RegistryError) -> Answer
    ) throws(RegistryError) -> Answer {
        guard let copy else { return try ask(server) }
        var serverError: RegistryError?
        if breaker.mayAsk() {
            switch Result(catching: { () throws(RegistryError) in try ask(server) }) {
            case .success(let answer):
                breaker.succeeded()
                return answer
            case .failure(.invalidQuestion(let field, let reason)):
                breaker.succeeded()
                throw .invalidQuestion(field: field, reason: reason)
            case .failure(let error):
                breaker.failed()
                serverError = error
            }
        }
        let fromCopy = Result { () throws(RegistryError) in
            let (registry, age) = try copy.opened()
            return try askCopy(registry, age)
        }
        switch fromCopy {
        case .success(let answer): return answer
        case .failure(.invalidQuestion(let field, let reason)): throw .invalidQuestion(field: field, reason: reason)
        // There is no copy to speak of: the server's trouble is the one to act on.
        case .failure(let error):
            throw serverError
                ?? .serverUnavailable(
                    server: server.address.description, reason: "it did not a moment ago, and the copy says: \(error)")
        }
    }

    // MARK: What the server alone can do

    /// Takes a report of a lost card down, on the server: a report that others do not see would be none.
    @discardableResult
    public func reportLost(_ card: LostCard) throws(RegistryError) -> LostCard { try server.reportLost(card) }

    /// Closes all open reports about an ID card, and gives back those that were open.
    @discardableResult
    public func reportFound(
        identityCardOf personalNumber: String, by: String? = nil
    ) throws(RegistryError) -> [LostCard] {
        try server.reportFound(identityCardOf: personalNumber, by: by)
    }

    /// Closes all open reports about an insurance card, and gives back those that were open.
    @discardableResult
    public func reportFound(insuranceCard cardNumber: String, by: String? = nil) throws(RegistryError) -> [LostCard] {
        try server.reportFound(insuranceCard: cardNumber, by: by)
    }

    /// Keeps what a verified chip said, when the registry has a record of its holder; the latest statement counts.
    @discardableResult
    public func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool { try server.keep(statement) }

    /// Every field in which the registry differs from what chips said.
    public func proposals() throws(RegistryError) -> [MendingProposal] { try server.proposals() }

    /// Measures what the data is worth.
    public func quality(
        now: Timestamp = .now, finding: ((QualityFinding) -> Void)? = nil
    ) throws(RegistryError) -> QualityReport {
        try server.quality(now: now, finding: finding)
    }
}

/// Does something now and at regular times until it is let go of.
private final class Refresher: @unchecked Sendable {
    private let timer: any DispatchSourceTimer

    init(every seconds: Int, _ body: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "cccd.registry-copy"))
        timer.schedule(deadline: .now(), repeating: .seconds(max(1, seconds)), leeway: .milliseconds(100))
        timer.setEventHandler(handler: body)
        timer.resume()
    }

    deinit { timer.cancel() }
}

/// A registry that is opened when it is first needed, and tried again until it is there.
final class GuardedRegistry: Sendable {
    private let path: String
    private let registry = Mutex<InsuranceRegistry?>(nil)

    init(path: String) { self.path = path }

    func opened() throws(RegistryError) -> InsuranceRegistry {
        if let registry = registry.withLock({ $0 }) { return registry }
        let opened = try InsuranceRegistry(path: path, readOnly: true, name: "copy")
        registry.withLock { $0 = opened }
        return opened
    }
}

import Dispatch
import Synchronization

/// A way into a registry file for one thread that may not wait: it decides at once, or not at all.
///
/// Questions by personal number are answered from one state of the file that is held for some milliseconds, so that the
/// file's lock, its age and the names of facilities are asked for once for many of them. Nobody writes into the file
/// meanwhile; a load, which puts another file in its place, is seen when the time is over.
public final class PromptReader: Sendable {
    /// For so long the file's lock is held, whoever wants to write.
    private static let hold = DispatchTimeInterval.milliseconds(5)
    private static let clock = DispatchQueue(label: "cccd.registry.prompt")

    private let path: String
    private let decider: Decider
    private let session = Mutex<PromptSession?>(nil)
    /// Shows ThreadSanitizer, which does not know the mutex on Linux, that one thread follows the other.
    private let handOver = Atomic(false)

    /// - Parameter path: The registry's file; it may come later.
    /// - Throws: `invalidRules`, which a test of the program rules out.
    public init(path: String) throws(RegistryError) {
        self.path = path
        decider = Decider(rules: try BenefitRules.standard(), source: "registry")
    }

    /// Decides one question; nil when it is to be asked of `InsuranceRegistry`, which may wait and says what is wrong.
    public func decide(_ question: EligibilityQuestion) -> EligibilityDecision? {
        guard case .personalNumber = question.subject, let checked = try? CheckedQuestion(question) else { return nil }
        let findings = withSession { session -> Findings? in
            do throws(RegistryError) {
                let current = try prepared(session)
                session = current
                return try current.find(checked)
            } catch {
                session = nil
                return nil
            }
        }
        return findings.map { decider.decide(checked, $0, now: .now) }
    }

    /// A session that holds a state of the file that stands at the path.
    private func prepared(_ current: PromptSession?) throws(RegistryError) -> PromptSession {
        if let current, current.isHolding { return current }
        let session = if let current, !current.hasMoved { current } else { try PromptSession(path: path) }
        try session.hold()
        Self.clock.asyncAfter(deadline: .now() + Self.hold) { [weak self] in self?.letGo() }
        return session
    }

    private func letGo() {
        withSession { session in
            do throws(RegistryError) { try session?.letGo() } catch { session = nil }
        }
    }

    private func withSession<Result: Sendable>(_ body: (inout sending PromptSession?) -> Result) -> Result {
        session.withLock { session in
            _ = handOver.load(ordering: .acquiring)
            defer { handOver.store(true, ordering: .releasing) }
            return body(&session)
        }
    }
}

/// A connection that holds one state of the file, with what does not change in it. Used by one thread at a time.
private final class PromptSession: @unchecked Sendable {
    private let connection: Connection
    private let records: Statement
    private let lostCard: Statement
    private let state: Statement
    private let facility: Statement
    private let version: Statement
    private(set) var isHolding = false
    private var knownVersion: Int?
    private var dataAsOf: Timestamp?
    private var promisedAge: Int?
    private var facilityNames: [String: String?] = [:]
    /// There are some thousands; more is somebody's attempt to fill the memory.
    private static let nameLimit = 65_536

    init(path: String) throws(RegistryError) {
        let connection = try Connection(path: path, access: .readOnly)
        try Schema.check(connection)
        // The file's pages are read where the system keeps them; and whoever finds the file locked does not wait.
        try connection.execute("PRAGMA mmap_size = 2147418112; PRAGMA cell_size_check = OFF; PRAGMA busy_timeout = 0")
        let records = try connection.prepare(FindingsQuery.recordsOfPerson)
        let lostCard = try connection.prepare(FindingsQuery.lostIdentityCard)
        let state = try connection.prepare("SELECT data_as_of, promised_age FROM state")
        let facility = try connection.prepare("SELECT name FROM facility WHERE code = ?1")
        let version = try connection.prepare("PRAGMA data_version")
        self.connection = connection
        self.records = records
        self.lostCard = lostCard
        self.state = state
        self.facility = facility
        self.version = version
    }

    var hasMoved: Bool { connection.hasMoved }

    /// Begins to hold the file's state as it is now.
    func hold() throws(RegistryError) {
        try connection.execute("BEGIN")
        isHolding = true
        defer {
            state.reset()
            version.reset()
        }
        guard try state.step() else { throw .notARegistry(path: connection.path) }
        dataAsOf = state.integer(0).map(Timestamp.init(secondsSince1970:))
        promisedAge = state.integer(1).map(RegistryImport.boundedAge)
        let found = try version.step() ? version.integer(0) : nil
        if found == nil || found != knownVersion { facilityNames.removeAll() }
        knownVersion = found
    }

    /// Lets others write.
    func letGo() throws(RegistryError) {
        guard isHolding else { return }
        isHolding = false
        try connection.execute("COMMIT")
    }

    func find(_ checked: CheckedQuestion) throws(RegistryError) -> Findings {
        let (number, _, issuedOn) = checked.lookUp
        var findings = Findings()
        findings.dataAsOf = dataAsOf
        findings.promisedAge = promisedAge
        findings.idCardLostOn = try lostOn(number, issuedOn)
        defer { records.reset() }
        try records.bind(number, at: 1)
        while try records.step() {
            let code = records.text(9)
            if let record = InsuranceRecord(
                records, from: 0, facilityCode: code, facilityName: try code.flatMap(facilityName))
            {
                findings.records.append(record)
            }
        }
        findings.putInOrder()
        return findings
    }

    private func lostOn(_ number: String, _ issuedOn: String?) throws(RegistryError) -> Day? {
        defer { lostCard.reset() }
        try lostCard.bind(number, at: 1)
        try lostCard.bind(issuedOn, at: 2)
        return try lostCard.step() ? lostCard.text(0).flatMap(Day.init(iso:)) : nil
    }

    private func facilityName(_ code: String) throws(RegistryError) -> String? {
        if let known = facilityNames[code] { return known }
        defer { facility.reset() }
        try facility.bind(code, at: 1)
        let name = try facility.step() ? facility.text(0) : nil
        if facilityNames.count < Self.nameLimit { facilityNames[code] = .some(name) }
        return name
    }
}

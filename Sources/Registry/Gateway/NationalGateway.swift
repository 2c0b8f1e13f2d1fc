import Glibc
import Synchronization

/// The national gateway as a source: asks over HTTPS, and remembers for a while what it learned.
///
/// It knows about today alone and wants the person's name and birth date beside a number. May be used from many threads
/// at once.
public final class NationalGateway: InsuranceSource {
    /// The name under which its answers are given.
    public let name = "gateway"

    private let settings: GatewaySettings
    private let client: HTTPClient
    private let decider: Decider
    private let rules: BenefitRules
    private let token = Mutex<GatewayToken?>(nil)
    private let memory: AnswerMemory
    private let breaker: CircuitBreaker

    /// How often a look-up is tried within its time limit.
    private static let attempts = 3

    /// - Throws: `invalidRules`, which a test of the program rules out.
    public convenience init(_ settings: GatewaySettings) throws(RegistryError) {
        try self.init(
            settings, breaker: CircuitBreaker(threshold: 3, firstPause: .seconds(15), longestPause: .seconds(300)))
    }

    init(_ settings: GatewaySettings, breaker: CircuitBreaker) throws(RegistryError) {
        self.settings = settings
        self.breaker = breaker
        client = HTTPClient(certificateAuthorities: settings.certificateAuthorities)
        rules = try BenefitRules.standard()
        decider = Decider(rules: rules, source: name)
        memory = AnswerMemory(freshSeconds: Int(settings.memory.components.seconds))
    }

    /// Decides one question about today.
    ///
    /// - Throws: `gatewayNotAsked` for a question that it cannot answer, `gatewayUnavailable`, `gatewayRefused`,
    ///   `invalidQuestion`.
    public func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        let checked = try CheckedQuestion(question)
        guard question.day == .todayInVietnam else {
            throw .gatewayNotAsked(reason: "it knows about today alone")
        }
        let number: String
        let personalNumber: String?
        switch checked.subject {
        case .personalNumber(let text): (number, personalNumber) = (text, text)
        case .cardNumber(let card): (number, personalNumber) = (card.text, nil)
        case .child: throw .gatewayNotAsked(reason: "it does not know whose child somebody is")
        }
        let holder = question.provenHolder
        guard let fullName = question.fullName ?? holder?.fullName, !fullName.isEmpty,
            let birthDate = checked.birthDate ?? holder.flatMap({ DateText($0.birthDate.utf8.span) })
        else {
            throw .gatewayNotAsked(reason: "it wants the name and the birth date")
        }
        let look = Look(number: number, fullName: fullName, birthDate: Self.text(birthDate))
        let now = Timestamp.now
        if let known = memory.answer(to: look, now: now), known.isFresh {
            return decision(checked, known.answer, asOf: known.learnedAt, now: now)
        }
        do throws(RegistryError) {
            let answer = try ask(look, personalNumber: personalNumber)
            memory.keep(answer, to: look, now: now)
            return decision(checked, answer, asOf: now, now: now)
        } catch {
            guard case .gatewayUnavailable = error, let known = memory.answer(to: look, now: now) else { throw error }
            var decision = decision(checked, known.answer, asOf: known.learnedAt, now: now)
            decision.reasons.append(rules.code(.fromMemory).reason)
            return decision
        }
    }

    /// Whether the gateway accepts the account; it does not tell how much it knows.
    public func status() throws(RegistryError) -> RegistryStatus {
        _ = try currentToken(until: .now + settings.timeLimit)
        return RegistryStatus(gateway: name)
    }

    // MARK: Asking

    /// A question as the gateway takes it.
    struct Look: Hashable, Sendable {
        let number: String
        let fullName: String
        let birthDate: String
    }

    /// Asks until there is an answer, the time is over, or it is of no use to ask again.
    private func ask(_ look: Look, personalNumber: String?) throws(RegistryError) -> GatewayAnswer {
        guard breaker.mayAsk() else { throw .gatewayUnavailable(reason: "it did not answer a moment ago") }
        let end = ContinuousClock.now + settings.timeLimit
        var pause = Duration.milliseconds(200)
        var attempt = 0
        var hasRenewed = false
        while true {
            attempt += 1
            let result = Result { () throws(RegistryError) in
                try look2024(look, personalNumber, try currentToken(until: end), until: end)
            }
            switch result {
            case .success(let answer):
                breaker.succeeded()
                return answer
            case .failure(.gatewayRefused(GatewayCode.notAuthenticated, _)) where !hasRenewed:
                // The gateway may end a token before its time.
                hasRenewed = true
                token.withLock { $0 = nil }
                continue
            case .failure(.gatewayUnavailable(let reason)):
                // Half of the pause is left to chance, so that many terminals do not come back at once.
                let next = pause / 2 + pause / 2 * Double.random(in: 0...1)
                guard attempt < Self.attempts, ContinuousClock.now + next < end else {
                    breaker.failed()
                    throw .gatewayUnavailable(reason: reason)
                }
                sleep(next)
                pause *= 2
            case .failure(let error):
                // It is there, and does not like the question.
                breaker.succeeded()
                throw error
            }
        }
    }

    private func look2024(
        _ look: Look, _ personalNumber: String?, _ token: GatewayToken, until end: ContinuousClock.Instant
    ) throws(RegistryError) -> GatewayAnswer {
        let body = try post(
            "/api/egw/KQNhanLichSuKCB2024",
            query: [
                ("token", token.accessToken), ("id_token", token.idToken), ("username", settings.username),
                ("password", settings.passwordDigest),
            ],
            form: [
                ("maThe", look.number), ("hoTen", look.fullName), ("ngaySinh", look.birthDate),
                ("hoTenCb", settings.officerName), ("cccdCb", settings.officerPersonalNumber),
            ], until: end)
        let answer = try GatewayAnswer(body, personalNumber: personalNumber)
        if let fault = GatewayCode.fault(answer.code) { throw fault }
        guard rules.word(ofGatewayCode: answer.code) != nil else {
            throw .gatewayUnavailable(reason: "its code \(answer.code) is not known")
        }
        return answer
    }

    private func currentToken(until end: ContinuousClock.Instant) throws(RegistryError) -> GatewayToken {
        let now = Timestamp.now
        if let token = token.withLock({ $0 }), token.isGood(at: now) { return token }
        let body = try post(
            "/api/token/take", form: [("username", settings.username), ("password", settings.passwordDigest)],
            until: end)
        let taken = try GatewayToken(body, now: now)
        token.withLock { $0 = taken }
        return taken
    }

    private func post(
        _ path: String, query: [(String, String)] = [], form: [(String, String)], until end: ContinuousClock.Instant
    ) throws(RegistryError) -> [UInt8] {
        let left = end - .now
        guard left > .zero else { throw .gatewayUnavailable(reason: "no answer within \(settings.timeLimit)") }
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try client.post(settings.url + path, query: query, form: form, timeLimit: left)
        } catch {
            throw .gatewayUnavailable(reason: error.reason)
        }
        switch answer.status {
        case 200: return answer.body
        case 401, 403:
            throw .gatewayRefused(code: GatewayCode.notAuthenticated, reason: "the account is not authenticated")
        default: throw .gatewayUnavailable(reason: "HTTP status \(answer.status)")
        }
    }

    private func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }

    // MARK: Deciding

    private func decision(
        _ checked: CheckedQuestion, _ answer: GatewayAnswer, asOf: Timestamp, now: Timestamp
    ) -> EligibilityDecision {
        let word = rules.word(ofGatewayCode: answer.code) ?? .notFound
        // The old card has expired: what is in force is the new one.
        let record = word == .renewed ? answer.newRecord ?? answer.record : answer.record ?? answer.newRecord
        return decider.decide(checked, word: word, record: record, asOf: asOf, now: now)
    }

    /// `dd/mm/yyyy`, or the year where no more is known: the two forms that the gateway takes.
    private static func text(_ date: DateText) -> String {
        guard case .day(let day) = date else { return "\(date.year)" }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(padded(day.day))/\(padded(day.month))/\(day.year)"
    }
}

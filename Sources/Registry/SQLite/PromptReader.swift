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

    private struct State {
        var session: PromptSession?
        var outlines = AnswerOutlines()
    }

    private let path: String
    private let decider: Decider
    private let visit: EligibilityQuestion
    private let facility: UInt64?
    private let state = Mutex(State())
    /// Shows ThreadSanitizer, which does not know the mutex on Linux, that one thread follows the other.
    private let handOver = Atomic(false)

    /// - Parameters:
    ///   - path: The registry's file; it may come later.
    ///   - visit: A question of which `answer` takes all but the subject and the day; it is about today, and shows no card
    ///     and no name.
    /// - Throws: `invalidRules`, which a test of the program rules out.
    public init(path: String, visit: EligibilityQuestion = EligibilityQuestion(personalNumber: ""))
        throws(RegistryError)
    {
        self.path = path
        self.visit = visit
        let isPlain = visit.shownCard == nil && visit.fullName == nil && visit.birthDate == nil
        facility = isPlain ? RecordTraits.packed(visit.facility) : nil
        decider = Decider(rules: try BenefitRules.standard(), source: "registry")
    }

    /// Decides one question; nil when it is to be asked of `InsuranceRegistry`, which may wait and says what is wrong.
    public func decide(_ question: EligibilityQuestion) -> EligibilityDecision? {
        guard case .personalNumber = question.subject, let checked = try? CheckedQuestion(question) else { return nil }
        let findings = withSession { (session, _) throws(RegistryError) in try session.find(checked) }
        return findings.map { decider.decide(checked, $0, now: .now) }
    }

    /// Writes the decision about somebody's visit of today in JSON, and gives its code; nil, with nothing written, when it
    /// is to be asked of `InsuranceRegistry`.
    ///
    /// - Parameter number: Twelve digits.
    package func answer(_ number: String, into json: inout JSONText) -> String? {
        guard PersonalNumber.isWellFormed(number.utf8.span) else { return nil }
        let now = Timestamp.now
        let count = json.bytes.count
        let code = withSession { (session, outlines) throws(RegistryError) in
            try answer(number, now, session, &outlines, &json)
        }
        if code == nil { json.takeBack(to: count) }
        return code
    }

    /// By the outline of such answers, where it is known, and else in full.
    private func answer(
        _ number: String, _ now: Timestamp, _ session: PromptSession, _ outlines: inout AnswerOutlines,
        _ json: inout JSONText
    ) throws(RegistryError) -> String {
        let day = Day(inVietnamAt: now)
        outlines.begin(day)
        var traits: RecordTraits?
        if let facility {
            switch try session.writeAnswer(number, now, on: day, facility: facility, by: outlines, to: &json) {
            case .written(let code): return code
            case .unknown(let unknown): traits = unknown
            case .unusual: break
            }
        }
        var question = visit
        question.day = day
        question.subject = .personalNumber(number)
        let checked = try CheckedQuestion(question)
        let decision = decider.decide(checked, try session.find(checked), now: now)
        if let traits { outlines.learn(traits, decision) }
        decision.write(to: &json)
        return decision.code
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
        withState { state in
            do throws(RegistryError) { try state.session?.letGo() } catch { state.session = nil }
        }
    }

    /// Nil when the file cannot be read.
    private func withSession<Result: Sendable>(
        _ body: (PromptSession, inout AnswerOutlines) throws(RegistryError) -> Result
    ) -> Result? {
        withState { state -> Result? in
            do throws(RegistryError) {
                let session = try prepared(state.session)
                state.session = session
                return try body(session, &state.outlines)
            } catch {
                state.session = nil
                return nil
            }
        }
    }

    private func withState<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            _ = handOver.load(ordering: .acquiring)
            defer { handOver.store(true, ordering: .releasing) }
            return body(&state)
        }
    }
}

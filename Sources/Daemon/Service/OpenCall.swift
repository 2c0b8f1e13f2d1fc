import CardReader
import Verifier

/// One call about a card from its request to its answer: it is kept in the audit log before the one answer is given.
final class OpenCall: Sendable {
    let call: CardCall
    /// Names this call, in its answer and in the audit log: 32 hexadecimal digits.
    let id: String
    let visitor: Visitor
    let caller: Caller
    let cancellation: Cancellation
    let start = ContinuousClock.now
    private let reply: HTTPReply
    private let audit: AuditLog?
    private let feed: EventFeed
    private let metrics: Metrics
    private let log: Log
    private struct State {
        var event: AuditEvent
        var isAnswered = false
    }
    private let state: Guarded<State>

    /// - Throws: `Problem.internalError` when it is not known who asks.
    init(
        _ call: CardCall, _ request: HTTPRequest, _ reply: HTTPReply, _ running: RunningState, log: Log
    ) throws(Problem) {
        guard let visitor = request.visitor else { throw Problem(.internalError, "The caller is not known.") }
        self.call = call
        var random = SystemRandomNumberGenerator()
        id = lowerCaseHexadecimal((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
        self.visitor = visitor
        caller = request.caller
        cancellation = request.cancellation
        self.reply = reply
        audit = running.audit
        feed = running.feed
        metrics = running.metrics
        self.log = log
        var event = AuditEvent(call.auditEvent, by: visitor, request.caller)
        event.id = id
        state = Guarded(State(event: event))
    }

    var isAnswered: Bool { state.withLock { $0.isAnswered } }

    /// Notes for the audit log whose card is expected.
    func expect(_ key: AccessKey) {
        let number: String? =
            switch key {
            case .personalNumber(let number): number.text
            case .qr(let text): text.personalNumber.text
            case .can, .mrz: nil
            }
        if let number { noteSubject(number) }
    }

    /// Whose card it is, as the audit log has it.
    var subject: String? { state.withLock { $0.event.subject } }

    /// Notes for the audit log at which reader the card is.
    func note(reader: String) { state.withLock { $0.event.reader = reader } }

    /// Notes for the audit log what the card came to, and what the caller is told beside.
    func note(_ verdict: Verdict, withheld: [AnswerField], _ more: (inout AuditEvent) -> Void = { _ in }) {
        if let number = verdict.holder?.personalNumber { noteSubject(number) }
        state.withLock { state in
            state.event.outcome = verdict.outcome.rawValue
            state.event.validity = verdict.validity.isEmpty ? nil : verdict.validity.map(\.rawValue)
            let failed = verdict.checks.filter { $0.result == .failed }
            state.event.failed = failed.isEmpty ? nil : failed.map(\.id.rawValue)
            state.event.withheld = withheld.isEmpty ? nil : withheld.map(\.rawValue)
            more(&state.event)
        }
    }

    private func noteSubject(_ number: String) {
        let subject = audit?.subject(number)
        state.withLock { $0.event.subject = subject }
    }

    /// Gives the answer, if none was given yet; blocks until it is in the audit log.
    /// - Returns: Whether this was the answer.
    @discardableResult
    func finish(_ answer: Result<some CardAnswer, Problem>) -> Bool {
        switch answer {
        case .success(let answer): finish(with: answer)
        case .failure(let problem): finish(with: problem)
        }
    }

    private func finish(with answer: some CardAnswer) -> Bool {
        guard let event = close() else { return false }
        if isKept(event) {
            // Before the answer: who has it finds himself in the metrics.
            count(answer, event)
            send(.json(answer), event)
        }
        return true
    }

    /// As `finish`, with a problem.
    @discardableResult
    func finish(with problem: Problem) -> Bool {
        guard var event = close() else { return false }
        event.problem = problem.kind.rawValue
        event.reader = problem.reader ?? event.reader
        event.outcome = nil
        if isKept(event) {
            count(problem)
            send(problem.response, event)
            log.info(
                call.logTexts.notAnswered, .reader(event.reader ?? "none"), .problem(problem.kind),
                .milliseconds(.milliseconds(event.duration ?? 0)), .caller(caller))
        }
        return true
    }

    /// What is to be kept of the call; nil when it has its answer already.
    private func close() -> AuditEvent? {
        let duration = ContinuousClock.now - start
        return state.withLock { state in
            guard !state.isAnswered else { return nil }
            state.isAnswered = true
            state.event.duration = duration.milliseconds
            return state.event
        }
    }

    /// Keeps the event; when that fails the caller is told so, and nothing else.
    private func isKept(_ event: AuditEvent) -> Bool {
        do throws(AuditError) {
            try audit?.record(event)
            return true
        } catch {
            let problem = Problem(error)
            reply.send(problem)
            tellFollowers(event.reader, problem.kind.rawValue)
            metrics.count(call.problemMetric, problem.kind.rawValue)
            return false
        }
    }

    private func send(_ response: HTTPResponse, _ event: AuditEvent) {
        var response = response
        response.headers.append("audit-id", id)
        reply.send(response)
        tellFollowers(event.reader, event.problem)
    }

    private func tellFollowers(_ reader: String?, _ problem: String?) {
        guard call.usesReader else { return }
        feed.publish(CardCallFinishedEvent(id: id, reader: reader, problem: problem), about: call)
    }

    private func count(_ answer: some CardAnswer, _ event: AuditEvent) {
        let outcome = answer.verdict.outcome.rawValue
        metrics.count(call.answerMetric, outcome)
        if call == .checkIn { metrics.countToday(outcome) }
        for check in event.failed ?? [] { metrics.count(.failedChecks, check) }
        if let code = event.insurance { metrics.count(.insurance, code) }
        let duration = Duration.milliseconds(event.duration ?? 0)
        if let metric = call.durationMetric { metrics.observe(metric, duration) }
        if let seconds = answer.readFacts?.seconds { metrics.observe(.readDuration, .seconds(seconds)) }
        log.info(
            call.logTexts.answered, .reader(event.reader ?? "none"), .code("outcome", outcome),
            .code("insurance", event.insurance ?? "none"), .milliseconds(duration), .caller(caller))
    }

    private func count(_ problem: Problem) {
        metrics.count(call.problemMetric, problem.kind.rawValue)
        if call == .checkIn { metrics.countToday("problem") }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int {
        Int(clamping: components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}

extension Problem {
    /// What was done could not be kept, and so is not answered.
    init(_ error: AuditError) {
        self.init(.auditUnavailable, "Nothing is answered that cannot be recorded: \(error).")
    }
}

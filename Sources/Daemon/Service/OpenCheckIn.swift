import CardReader
import Verifier

/// One check-in from its request to its answer: it is kept in the audit log before the one answer is given.
final class OpenCheckIn: Sendable {
    /// Names this check-in, in its answer and in the audit log: 32 hexadecimal digits.
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

    init(_ request: HTTPRequest, from visitor: Visitor, _ reply: HTTPReply, _ running: RunningState, log: Log) {
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
        var event = AuditEvent(.checkIn, by: visitor, request.caller)
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

    /// Notes for the audit log what the card came to.
    func note(
        _ verdict: Verdict, insurance: String?, withheld: [AnswerField], portrait: Bool,
        receipt: [AnswerField]?
    ) {
        if let number = verdict.holder?.personalNumber { noteSubject(number) }
        state.withLock { state in
            state.event.outcome = verdict.outcome.rawValue
            state.event.validity = verdict.validity.isEmpty ? nil : verdict.validity.map(\.rawValue)
            let failed = verdict.checks.filter { $0.result == .failed }
            state.event.failed = failed.isEmpty ? nil : failed.map(\.id.rawValue)
            state.event.insurance = insurance
            state.event.withheld = withheld.isEmpty ? nil : withheld.map(\.rawValue)
            state.event.portrait = portrait ? true : nil
            state.event.receipt = receipt?.map(\.rawValue)
        }
    }

    private func noteSubject(_ number: String) {
        let subject = audit?.subject(number)
        state.withLock { $0.event.subject = subject }
    }

    /// Gives the answer, if none was given yet; blocks until it is in the audit log.
    /// - Returns: Whether this was the answer.
    @discardableResult
    func finish(_ answer: Result<CheckInAnswer, Problem>) -> Bool {
        let duration = ContinuousClock.now - start
        let event = state.withLock { state -> AuditEvent? in
            guard !state.isAnswered else { return nil }
            state.isAnswered = true
            state.event.duration = duration.milliseconds
            return state.event
        }
        guard var event else { return false }
        if case .failure(let problem) = answer {
            event.problem = problem.kind.rawValue
            event.reader = problem.reader ?? event.reader
            event.outcome = nil
        }
        do throws(AuditError) {
            try audit?.record(event)
        } catch {
            let problem = Problem(error)
            reply.send(problem)
            feed.publish(CheckInFinishedEvent(id: id, reader: event.reader, problem: problem.kind.rawValue))
            metrics.count(.checkInProblems, problem.kind.rawValue)
            return true
        }
        var response =
            switch answer {
            case .success(let answer): HTTPResponse.json(answer)
            case .failure(let problem): problem.response
            }
        response.headers.append("audit-id", id)
        reply.send(response)
        feed.publish(CheckInFinishedEvent(id: id, reader: event.reader, problem: event.problem))
        count(answer, event, duration)
        tell(answer, event)
        return true
    }

    private func count(
        _ answer: Result<CheckInAnswer, Problem>, _ event: AuditEvent, _ duration: Duration
    ) {
        switch answer {
        case .success(let answer):
            metrics.count(.checkIns, answer.verdict.outcome.rawValue)
            metrics.countToday(answer.verdict.outcome.rawValue)
            for check in event.failed ?? [] { metrics.count(.failedChecks, check) }
            if let code = event.insurance { metrics.count(.insurance, code) }
            metrics.observe(.checkInDuration, duration)
            metrics.observe(.readDuration, .seconds(answer.read.seconds))
        case .failure(let problem):
            metrics.count(.checkInProblems, problem.kind.rawValue)
            metrics.countToday("problem")
        }
    }

    private func tell(_ answer: Result<CheckInAnswer, Problem>, _ event: AuditEvent) {
        let (reader, duration) = (event.reader ?? "none", Duration.milliseconds(event.duration ?? 0))
        switch answer {
        case .success(let answer):
            log.info(
                "check-in answered", .reader(reader), .code("outcome", answer.verdict.outcome.rawValue),
                .code("insurance", event.insurance ?? "none"), .milliseconds(duration), .caller(caller))
        case .failure(let problem):
            log.info(
                "check-in not answered", .reader(reader), .problem(problem.kind), .milliseconds(duration),
                .caller(caller))
        }
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

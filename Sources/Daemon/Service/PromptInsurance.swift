import Crypto
import Registry

/// `POST /v1/insurance` with nothing but a personal number, from a caller without a limit of requests, of a registry in a
/// file: decided, counted and recorded as the route does it, without handing over to another thread.
final class PromptInsurance: PromptCall {
    /// What one thread at a time needs.
    private struct Lane: ~Copyable {
        var subjectHash: HMACSHA256.Hasher?
        var answer = JSONText(capacity: 4096)
        var record = JSONText(capacity: 1024)
        /// The counters of answers by code, found once; most answers have the code of the one before.
        var counters: [String: Metrics.Counter] = [:]
        var newest: (code: String, counter: Metrics.Counter)?

        init(_ audit: AuditLog?) throws(AuditError) { subjectHash = try audit?.subjectHash() }

        mutating func counter(of code: String, in metrics: Metrics) -> Metrics.Counter {
            if let newest, newest.code == code { return newest.counter }
            let counter = counters[code] ?? metrics.counter(.insurance, code)
            counters[code] = counter
            newest = (code, counter)
            return counter
        }
    }

    private final class LaneBox: Sendable {
        let desk: any PromptInsuranceDesk
        let lane: Guarded<Lane>

        init(_ desk: any PromptInsuranceDesk, _ audit: AuditLog?) throws(AuditError) {
            self.desk = desk
            lane = Guarded(try Lane(audit))
        }
    }

    private final class Answerer: PromptAnswerer {
        let insurance: PromptInsurance
        let record: PromptRecord

        init(_ insurance: PromptInsurance, _ record: PromptRecord) {
            self.insurance = insurance
            self.record = record
        }

        func answer(_ body: Span<UInt8>, lane: Int) -> SensitiveBytes? {
            insurance.answer(body, record, lane: lane)
        }
    }

    private let gate: AccessGate
    private let audit: AuditLog?
    private let metrics: Metrics
    private let requests: Metrics.Counter
    private let durations: Metrics.Histogram
    private let lanes: [LaneBox]

    /// Nil where questions may have to wait: for a server, or for the national gateway.
    init?(
        _ insurance: (any InsuranceDesk)?, gate: AccessGate, facility: Configuration.Facility, audit: AuditLog?,
        metrics: Metrics, route: String
    ) {
        let visit = Visit().question(.personalNumber(""), desk: facility)
        var lanes: [LaneBox] = []
        for _ in 0..<SystemCalls.processorCount {
            guard let desk = insurance?.promptDesk(for: visit), let lane = try? LaneBox(desk, audit) else { return nil }
            lanes.append(lane)
        }
        self.lanes = lanes
        self.gate = gate
        self.audit = audit
        self.metrics = metrics
        requests = metrics.counter(.requests, route, "200")
        durations = metrics.histogram(.insuranceDuration)
    }

    func answerer(for process: PeerCredentials) -> (any PromptAnswerer)? {
        guard let visitor = try? gate.visitor(of: process), visitor.rights.permissions.contains(.insurance),
            visitor.rights.requestsPerMinute == nil
        else { return nil }
        return Answerer(self, PromptRecord(by: visitor, process))
    }

    private func answer(_ body: Span<UInt8>, _ record: PromptRecord, lane number: Int) -> SensitiveBytes? {
        guard let subject = InsuranceRequest.plainNumber(in: body) else { return nil }
        let box = lanes[number % lanes.count]
        return box.lane.withLock { lane -> SensitiveBytes? in
            let start = SystemCalls.monotonicNanoseconds
            lane.answer.removeAll()
            defer { lane.answer.wipe() }
            guard let code = box.desk.answer(subject, into: &lane.answer) else { return nil }
            let duration = SystemCalls.monotonicNanoseconds - start
            if let audit {
                guard let hash = try? lane.subjectHash?.tag(subject.utf8.span) else { return nil }
                lane.record.removeAll()
                record.write(at: SystemCalls.millisecondsSince1970, code, about: hash.span, to: &lane.record)
                guard audit.recordWithoutWaiting(lane.record.bytes) else { return nil }
            }
            requests.increment()
            durations.add(nanoseconds: duration)
            lane.counter(of: code, in: metrics).increment()
            return SensitiveBytes(lane.answer.bytes)
        }
    }
}

import Crypto
import Registry

/// `POST /v1/insurance` with nothing but a personal number, from a caller without a limit of requests, of a registry in a
/// file: decided, counted and recorded as the route does it, without handing over to another thread.
final class PromptInsurance: PromptCall {
    /// What one thread at a time needs.
    fileprivate struct Lane: ~Copyable {
        var subjectHash: HMACSHA256.Hasher?
        var json = JSONText(capacity: 4096)
        /// The counters of answers by code, found once.
        var counters: [String: Metrics.Counter] = [:]
    }

    private final class LaneBox: Sendable {
        let desk: any PromptInsuranceDesk
        let lane: Guarded<Lane>

        init(_ desk: any PromptInsuranceDesk, _ audit: AuditLog?) throws(AuditError) {
            self.desk = desk
            lane = Guarded(Lane(subjectHash: try audit?.subjectHash()))
        }
    }

    private let gate: AccessGate
    private let facility: Configuration.Facility
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
        var lanes: [LaneBox] = []
        for _ in 0..<SystemCalls.processorCount {
            guard let desk = insurance?.promptDesk(), let lane = try? LaneBox(desk, audit) else { return nil }
            lanes.append(lane)
        }
        self.lanes = lanes
        self.gate = gate
        self.facility = facility
        self.audit = audit
        self.metrics = metrics
        requests = metrics.counter(.requests, route, "200")
        durations = metrics.histogram(.insuranceDuration)
    }

    func visitor(of process: PeerCredentials) -> Visitor? {
        guard let visitor = try? gate.visitor(of: process), visitor.rights.permissions.contains(.insurance),
            visitor.rights.requestsPerMinute == nil
        else { return nil }
        return visitor
    }

    func answer(_ body: Span<UInt8>, to visitor: Visitor, from process: PeerCredentials, lane number: Int)
        -> SensitiveBytes?
    {
        guard let order = InsuranceRequest(plain: body), case .personalNumber(let subject) = order.subject else {
            return nil
        }
        let box = lanes[number % lanes.count]
        let start = ContinuousClock.now
        guard let decision = box.desk.decide(order.question(desk: facility)) else { return nil }
        let duration = ContinuousClock.now - start
        return box.lane.withLock { lane -> SensitiveBytes? in
            if let audit {
                guard let hash = try? lane.subjectHash?.tag(subject.utf8.span) else { return nil }
                var event = AuditEvent(.insurance, by: visitor, .process(process))
                event.subject = lowerCaseHexadecimal(hash)
                event.insurance = decision.code
                guard audit.recordWithoutWaiting(event) else { return nil }
            }
            requests.increment()
            durations.add(duration)
            lane.counter(of: decision.code, in: metrics).increment()
            lane.json.removeAll()
            decision.write(to: &lane.json)
            return SensitiveBytes(lane.json.bytes)
        }
    }
}

extension PromptInsurance.Lane {
    fileprivate mutating func counter(of code: String, in metrics: Metrics) -> Metrics.Counter {
        if let known = counters[code] { return known }
        let counter = metrics.counter(.insurance, code)
        counters[code] = counter
        return counter
    }
}

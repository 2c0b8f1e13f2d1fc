import Dispatch
import Synchronization

/// What the connections and requests of one server have in common; made before the library runs, and outlives it.
final class HTTPService: Sendable {
    private struct State {
        var isStopping = false
        var connections: [ObjectIdentifier: HTTPConnection] = [:]
        /// Those among them that gave up their places, and are neither closed yet nor answered.
        var expelled: Set<ObjectIdentifier> = []
        /// The requests that wait for their answer, or whose answer is being sent.
        var exchanges: [ObjectIdentifier: HTTPExchange] = [:]
    }

    let limits: HTTPLimits
    let departures: DepartureWatch
    let log: Log
    private let currentRouter: Guarded<Router>
    private let currentPrompt: Guarded<(any PromptCall)?>
    /// How often another router was taken.
    private let configuration = Atomic(0)
    private let state = Guarded(State())
    private let isEnding = Atomic(false)
    /// Connections that were accepted and are not closed, those among them that the library has not begun with yet.
    private let acceptedCount = Atomic(0)
    private let allAnswered = DispatchSemaphore(value: 0)

    init(limits: HTTPLimits, router: Router, departures: DepartureWatch, log: Log) {
        self.limits = limits
        currentRouter = Guarded(router)
        currentPrompt = Guarded(router.prompt)
        self.departures = departures
        self.log = log
    }

    private var router: Router { currentRouter.withLock { $0 } }

    func use(_ router: Router) {
        currentRouter.withLock { $0 = router }
        currentPrompt.withLock { $0 = router.prompt }
        configuration.wrappingAdd(1, ordering: .releasing)
    }

    /// The call that is answered without a route.
    var promptCall: (any PromptCall)? { currentPrompt.withLock { $0 } }

    /// A number that is another one when `promptCall` is; nil while every request is to be logged, and when none is to begin.
    var promptConfiguration: Int? {
        guard !isEnding.load(ordering: .relaxed), !log.threshold.includes(.debug) else { return nil }
        return configuration.load(ordering: .acquiring)
    }

    var connectionCount: Int { state.withLock { $0.connections.count } }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// What is wrong with the request as far as its head tells.
    func problem(withHeadOf request: HTTPRequest) -> Problem? {
        guard request.headers.byteCount <= limits.headerBytes else {
            return Problem(.headersTooLarge, "Send at most \(limits.headerBytes) bytes of header fields.")
        }
        // What two readers of a request could take for different lengths is read by nobody (RFC 9112, 6.3).
        let lengths = request.headers.fields.filter { ["transfer-encoding", "content-length"].contains($0.name) }
        guard lengths.count <= 1, (request.headers["transfer-encoding"] ?? "chunked").lowercased() == "chunked" else {
            return Problem(
                .malformedRequest, "Send one Content-Length, or the Transfer-Encoding chunked, and not both.")
        }
        if let length = request.headers["content-length"], Int(length).map({ $0 > limits.bodyBytes }) ?? true {
            return bodyTooLarge
        }
        return router.problem(withHeadOf: request)
    }

    var bodyTooLarge: Problem { Problem(.contentTooLarge, "Send at most \(limits.bodyBytes) bytes.") }

    /// The answer to a request whose head already shows a problem.
    func answer(to request: HTTPRequest?, _ problem: Problem) -> HTTPResponse {
        let router = router
        router.metrics?.count(.requests, "none", String(problem.kind.status))
        return request.map { router.finished(problem.response, to: $0) } ?? problem.response
    }

    /// Has a whole request answered; returns at once.
    func handle(_ exchange: HTTPExchange, _ request: HTTPRequest) {
        let isStopping = state.withLock { state in
            state.exchanges[ObjectIdentifier(exchange)] = exchange
            return state.isStopping
        }
        let start = ContinuousClock.now
        let router = router
        let found = try? router.route(for: request).route
        let route = found.map { "\($0.method) \($0.template)" } ?? "none"
        let reply = HTTPReply { [log] response in
            log.debug(
                "request answered", .route(route), .status(response.status),
                .milliseconds(ContinuousClock.now - start), .caller(request.caller))
            assert(found?.statuses?.contains(response.status) ?? true, "\(route) does not announce \(response.status)")
            router.metrics?.count(.requests, route, String(response.status))
            exchange.answer(router.finished(response, to: request))
        }
        if isStopping { reply.send(Problem.stopping) } else { router.handle(request, reply) }
    }

    /// The answer was sent, or there is nobody to send it to.
    func didEnd(_ exchange: HTTPExchange) {
        state.withLock { state in
            state.exchanges[ObjectIdentifier(exchange)] = nil
            if state.isStopping, state.exchanges.isEmpty { allAnswered.signal() }
        }
    }

    // MARK: Connections

    func didOpen(_ connection: HTTPConnection) {
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            makeRoom(&state, for: connection)
        }
    }

    /// When there are too many, those give their places that have been silent longest, of the user who has the most: nobody
    /// keeps others out by opening connections.
    ///
    /// Of another thread's connections nobody can tell whether their requests are being read just now. So those of the thread
    /// that opens one, each of which has its share of everybody's, come before others.
    ///
    /// - Parameter opened: The connection that was just opened, on its thread.
    private func makeRoom(_ state: inout State, for opened: HTTPConnection?) {
        guard state.connections.count - state.expelled.count > limits.connections else { return }
        var silent: [UInt32?: [(connection: HTTPConnection, since: Int)]] = [:]
        for connection in state.connections.values {
            guard let since = connection.silentSince else { continue }
            silent[connection.caller?.process?.uid, default: []].append((connection, since))
        }
        guard let most = silent.values.max(by: { $0.count < $1.count }) else { return }
        let own = most.filter { $0.connection.lane == opened?.lane && $0.connection !== opened }
        // Some at a time, so that looking for them costs little for each.
        var missing = 1 + limits.connections / 8
        for (connection, _) in (own.isEmpty ? most : own).sorted(by: { $0.since < $1.since }) where missing > 0 {
            // Who has sent something merely waits until the thread reads it.
            guard !SystemCalls.hasUnreadBytes(connection.descriptor), connection.expel() else { continue }
            state.expelled.insert(ObjectIdentifier(connection))
            missing -= 1
        }
    }

    /// A whole request is here. Who had sent it when his connection was to give up its place is answered all the same, and
    /// has the place meanwhile.
    func didReceiveRequest(on connection: HTTPConnection) {
        connection.didReceiveRequest()
        guard connection.isExpelled else { return }
        state.withLock { _ = $0.expelled.remove(ObjectIdentifier(connection)) }
    }

    /// Some more than `limits.connections`: those that give their places to new ones take a moment to be closed.
    var acceptedLimit: Int { limits.connections * 5 / 4 + 64 }

    /// Whether one more may be accepted; if so it counts as accepted.
    func beginToAccept() -> Bool {
        guard acceptedCount.load(ordering: .relaxed) < acceptedLimit else {
            // Perhaps none was silent when the last one was opened.
            state.withLock { makeRoom(&$0, for: nil) }
            return false
        }
        acceptedCount.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    /// None came of `beginToAccept`.
    func didNotAccept() { acceptedCount.wrappingSubtract(1, ordering: .relaxed) }

    /// Must come before the connection's descriptor is closed.
    func didClose(_ connection: HTTPConnection) {
        acceptedCount.wrappingSubtract(1, ordering: .relaxed)
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            state.expelled.remove(ObjectIdentifier(connection))
        }
    }

    /// Closes the connections that have not brought a whole request in time.
    func closeSilentConnections() {
        let limit = Duration.seconds(limits.requestSeconds)
        state.withLock { state in
            for connection in state.connections.values where connection.isSilent(for: limit) {
                SystemCalls.shutDown(connection.descriptor)
            }
        }
    }

    // MARK: Stopping

    func beginToStop() {
        isEnding.store(true, ordering: .relaxed)
        state.withLock { state in
            state.isStopping = true
            if state.exchanges.isEmpty { allAnswered.signal() }
        }
        for exchange in state.withLock({ Array($0.exchanges.values) }) { exchange.endStream() }
    }

    /// - Returns: Whether every request has its answer.
    func awaitAnswers(for duration: Duration) -> Bool {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let deadline = DispatchTime.now() + .milliseconds(Int(clamping: milliseconds))
        while !state.withLock({ $0.exchanges.isEmpty }) {
            guard allAnswered.wait(timeout: deadline) == .success else { return false }
        }
        // Prompt answers take some microseconds, unless their caller does not read them.
        while state.withLock({ $0.connections.values.contains { $0.isAnswering } }) {
            guard DispatchTime.now() < deadline else { return false }
            SystemCalls.sleep(milliseconds: 1)
        }
        return true
    }

    func cancelAll() {
        for exchange in state.withLock({ Array($0.exchanges.values) }) { exchange.cancellation.cancel() }
    }

    func answerAll() {
        for exchange in state.withLock({ Array($0.exchanges.values) }) { exchange.answer(Problem.stopping.response) }
    }
}

extension Problem {
    fileprivate static var stopping: Problem {
        var problem = Problem(.stopping, "The daemon is being stopped; ask again when it is back.")
        problem.retryAfter = 5
        return problem
    }
}

extension HTTPHeaders {
    /// The bytes of all names and values.
    var byteCount: Int { fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } }
}

/// One connection, from its being accepted to its end.
final class HTTPConnection: Sendable {
    let descriptor: Int32
    /// The thread that it belongs to, as a number.
    let lane: Int
    /// nil when the kernel does not tell; then nothing is answered on this connection.
    let caller: Caller?
    /// Whether the caller is a process that the kernel vouches for.
    let isOfProcess: Bool
    /// Nanoseconds of the clock that never goes back; `answering` while the next request is not waited for.
    private let waitsSince = Atomic(SystemCalls.monotonicNanoseconds)
    private let wasExpelled = Atomic(false)
    private static let answering = Int.max
    /// What its prompt calls go through.
    let prompt = PromptExchange()

    init(descriptor: Int32) {
        self.descriptor = descriptor
        lane = Int(truncatingIfNeeded: SystemCalls.thread >> 12) & 0xFFFF
        caller =
            SystemCalls.isInternetSocket(descriptor)
            ? .loopback : (try? SystemCalls.peerCredentials(descriptor)).map { .process($0) }
        isOfProcess = caller?.process != nil
    }

    /// A whole request is here.
    fileprivate func didReceiveRequest() { waitsSince.store(Self.answering, ordering: .sequentiallyConsistent) }

    /// The answer has been sent: from now on the next request must come.
    func didEndRequest() { waitsSince.store(SystemCalls.monotonicNanoseconds, ordering: .relaxed) }

    /// Since when the next request is waited for, in nanoseconds; nil while one is answered, and when nothing is waited for
    /// any more.
    var silentSince: Int? {
        let since = waitsSince.load(ordering: .relaxed)
        return since == Self.answering || isExpelled ? nil : since
    }

    /// Whether a whole request is here, and its answer is not sent.
    var isAnswering: Bool { waitsSince.load(ordering: .relaxed) == Self.answering }

    /// Whether no request is taken from it any more, unless it had been sent before.
    var isExpelled: Bool { wasExpelled.load(ordering: .sequentiallyConsistent) }

    /// Ends it for the caller who sends: the library reads what was sent before, notices the end, and closes it.
    ///
    /// - Returns: Whether it did; not when a whole request is here.
    fileprivate func expel() -> Bool {
        // Each side tells before it looks, so that one of two at the same time sees the other.
        wasExpelled.store(true, ordering: .sequentiallyConsistent)
        guard waitsSince.load(ordering: .sequentiallyConsistent) != Self.answering else {
            wasExpelled.store(false, ordering: .sequentiallyConsistent)
            return false
        }
        SystemCalls.shutDownReading(descriptor)
        return true
    }

    func isSilent(for limit: Duration) -> Bool {
        let since = waitsSince.load(ordering: .relaxed)
        return since != Self.answering && .nanoseconds(SystemCalls.monotonicNanoseconds - since) > limit
    }
}

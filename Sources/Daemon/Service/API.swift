import CardReader
import Registry

/// The calls that the daemon answers; docs/api.md describes them.
struct API: Sendable {
    private let services: DaemonServices
    private let configuration: Configuration
    private let version: String
    private let checkIn: CheckIn
    private let read: CardRead
    private let verification: ImageVerification
    private let choice: ReaderChoice
    private static let cardProblems: [Problem.Kind] = [
        .noReader, .readerUnavailable, .readerInUse, .readerBusy, .readerFault, .serviceUnavailable, .noCard,
        .severalCards, .cardRemoved, .cardReset, .cardMute, .cardFault, .notAnIdentityCard, .wrongKey, .keyNotUsable,
        .protocolViolation, .secureMessaging, .timeLimit, .cancelled, .unknownReader, .invalidKey, .auditUnavailable,
    ]
    /// How many may follow the events at the same time.
    private static let followerLimit = 256
    private let running: RunningState
    private let gate: AccessGate

    init(
        services: DaemonServices, configuration: Configuration, version: String, running: RunningState, log: Log
    ) throws(DaemonError) {
        self.running = running
        gate = AccessGate(
            policy: try AccessPolicy(configuration.access), loopback: LoopbackPolicy(configuration.loopback),
            limiter: running.limiter, pages: running.pages, audit: running.audit)
        self.services = services
        self.configuration = configuration
        self.version = version
        checkIn = CheckIn(services: services, configuration: configuration, running: running, log: log)
        read = CardRead(services: services, configuration: configuration, running: running, log: log)
        verification = ImageVerification(services: services, running: running, log: log)
        choice = ReaderChoice(patterns: configuration.readers.names)
    }

    var router: Router {
        Router(
            routes: routes, pageRoutes: PageFile.routes, gate: gate, metrics: running.metrics,
            prompt: PromptInsurance(
                services.insurance, gate: gate, facility: configuration.facility, audit: running.audit,
                metrics: running.metrics, route: "POST /v1/insurance"))
    }

    private var routes: [Route] {
        [
            route("GET", "/v1/health", .none, .health) { _, reply throws(Problem) in
                reply.send(.json(Health(services: services, choice: choice, version: version, running: running)))
            },
            route("GET", "/v1/readers", .none, .readers, [.serviceUnavailable, .readerFault]) {
                _, reply throws(Problem) in
                let readers = try readers().map { reader in
                    var reader = reader
                    let load = running.lanes.load(of: reader.name)
                    (reader.isBusy, reader.waiting) = (load.isBusy, load.waiting)
                    return reader
                }
                reply.send(.json(["readers": readers]))
            },
            route("POST", "/v1/check-in", .json, .checkIn, Self.cardProblems) { request, reply throws(Problem) in
                try checkIn.handle(request, reply)
            },
            route("POST", "/v1/read", .json, .read, Self.cardProblems) { request, reply throws(Problem) in
                try read.handle(request, reply)
            },
            route(
                "POST", "/v1/verify", .json, .verify, [.auditUnavailable, .cancelled], on: running.verifiers
            ) { request, reply throws(Problem) in
                try verification.handle(request, reply)
            },
            route(
                "GET", "/v1/check-ins/{id}/portrait", .none, .portrait,
                Self.cardProblems + [.notFound, .noPortrait, .portraitAltered, .portraitUnusable]
            ) { request, reply throws(Problem) in
                try PortraitAnswer(running: running, decode: services.decodePortrait).handle(request, reply)
            },
            route(
                "POST", "/v1/insurance", .json, .insurance,
                [.registryNotConfigured, .registryUnavailable, .auditUnavailable]
            ) { request, reply throws(Problem) in
                try decideInsurance(request, reply)
            },
            route("GET", "/v1/events", .none, .events) { request, reply throws(Problem) in
                guard running.feed.followerCount < Self.followerLimit else {
                    throw Problem(.overloaded, "More than \(Self.followerLimit) follow the events already.")
                }
                var response = HTTPResponse(
                    status: 200, headers: HTTPHeaders([("content-type", "text/event-stream")]))
                response.stream = running.feed.follow(
                    after: request.headers["last-event-id"], greeting: running.readerEvents.greeting)
                reply.send(response)
            },
            route("GET", "/v1/receipts/key", .none, .receipts) { _, reply throws(Problem) in
                let key = try ReceiptKey(running.terminal)
                reply.send(.json(key))
            },
            route("GET", "/v1/caller", .none, nil) { request, reply throws(Problem) in
                let answer = try CallerAnswer(request, configuration)
                reply.send(.json(answer))
            },
            route("POST", "/v1/page-tickets", .json, nil, [.pageNotServed, .auditUnavailable]) {
                request, reply throws(Problem) in
                let order = try RequestBody.decode(PageTicketRequest.self, from: request.body)
                let ticket = try PageTicket(for: order, request, running, port: configuration.loopback.port)
                reply.send(.json(ticket))
            },
            route("POST", "/v1/page-sessions", .json, nil, isPublic: true) { request, reply throws(Problem) in
                let order = try RequestBody.decode(PageSessionRequest.self, from: request.body)
                let session = try PageSession(for: order, running)
                reply.send(.json(session))
            },
            route("GET", "/v1/openapi.json", .none, nil) { _, reply throws(Problem) in
                reply.send(OpenAPIDocument.response)
            },
            route("GET", "/metrics", .none, .metrics) { _, reply throws(Problem) in
                reply.send(
                    MetricsAnswer.response(services: services, choice: choice, version: version, running: running))
            },
            route("GET", "/v1/audit", .none, .audit, [.auditNotKept, .auditUnavailable, .invalidRequest]) {
                request, reply throws(Problem) in
                let page = try AuditPage(request.target.query, path: running.auditPath)
                reply.send(.json(page))
            },
        ]
    }

    private func decideInsurance(_ request: HTTPRequest, _ reply: HTTPReply) throws(Problem) {
        let order = try RequestBody.decode(InsuranceRequest.self, from: request.body)
        var event = AuditEvent(.insurance, by: request.visitor, request.caller)
        switch order.subject {
        case .personalNumber(let number), .cardNumber(let number), .child(let number):
            event.subject = running.audit?.subject(number)
        }
        let start = ContinuousClock.now
        let decision: Result<EligibilityDecision, Problem>
        do throws(Problem) {
            let made = try services.decide(order.question(desk: configuration.facility))
            event.insurance = made.code
            decision = .success(made)
        } catch {
            event.problem = error.kind.rawValue
            decision = .failure(error)
        }
        running.metrics.count(.insurance, event.insurance ?? event.problem ?? "none")
        running.metrics.observe(.insuranceDuration, ContinuousClock.now - start)
        do throws(AuditError) {
            try running.audit?.recordSoon(event)
        } catch {
            throw Problem(error)
        }
        let answer = try decision.get()
        reply.send(.json(answer))
    }

    private func readers() throws(Problem) -> [DeskReader] {
        do throws(CardReaderError) {
            return choice.used(of: try services.desk.readers())
        } catch {
            throw Problem(error)
        }
    }

    /// A route whose work is done on the workers' threads, or on those of another pool, and whose problem is its answer.
    private func route(
        _ method: String, _ template: String, _ body: Route.Body, _ permission: Permission?,
        _ problems: [Problem.Kind] = [], isPublic: Bool = false, on pool: WorkerPool? = nil,
        _ work: @escaping @Sendable (HTTPRequest, HTTPReply) throws(Problem) -> Void
    ) -> Route {
        Route(
            method: method, template: template, body: body, permission: permission, isPublic: isPublic,
            problems: problems
        ) {
            [workers = pool ?? running.workers] request, reply in
            let isAccepted = workers.submit {
                do throws(Problem) {
                    try work(request, reply)
                } catch {
                    reply.send(error)
                }
            }
            if !isAccepted {
                var problem = Problem(.overloaded, "More requests wait than can be answered; ask again in a moment.")
                problem.retryAfter = 1
                reply.send(problem)
            }
        }
    }
}

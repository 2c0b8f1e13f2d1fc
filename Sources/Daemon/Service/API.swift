import CardReader
import Registry

/// The calls that the daemon answers; docs/api.md describes them.
struct API: Sendable {
    private let services: DaemonServices
    private let configuration: Configuration
    private let version: String
    private let checkIn: CheckIn
    private let choice: ReaderChoice
    private let running: RunningState
    private let gate: AccessGate

    init(
        services: DaemonServices, configuration: Configuration, version: String, running: RunningState, log: Log
    ) throws(DaemonError) {
        self.running = running
        gate = AccessGate(policy: try AccessPolicy(configuration.access), limiter: running.limiter)
        self.services = services
        self.configuration = configuration
        self.version = version
        checkIn = CheckIn(services: services, configuration: configuration, running: running, log: log)
        choice = ReaderChoice(patterns: configuration.readers.names)
    }

    var router: Router {
        Router(routes: routes, gate: gate)
    }

    private var routes: [Route] {
        [
            route("GET", "/v1/health", .none, .health) { _, reply throws(Problem) in
                reply.send(
                    .json(Health(services: services, choice: choice, version: version, startedAt: running.startedAt)))
            },
            route("GET", "/v1/readers", .none, .readers) { _, reply throws(Problem) in
                let readers = try readers()
                reply.send(.json(["readers": readers]))
            },
            route("POST", "/v1/check-in", .json, .checkIn) { request, reply throws(Problem) in
                try checkIn.handle(request, reply)
            },
            route("POST", "/v1/insurance", .json, .insurance) { request, reply throws(Problem) in
                let order = try RequestBody.decode(InsuranceRequest.self, from: request.body)
                let decision = try services.decide(order.question(desk: configuration.facility))
                reply.send(.json(decision))
            },
        ]
    }

    private func readers() throws(Problem) -> [DeskReader] {
        do throws(CardReaderError) {
            return choice.used(of: try services.desk.readers())
        } catch {
            throw Problem(error)
        }
    }

    /// A route whose work is done on the workers' threads, and whose problem is its answer.
    private func route(
        _ method: String, _ template: String, _ body: Route.Body, _ permission: Permission,
        _ work: @escaping @Sendable (HTTPRequest, HTTPReply) throws(Problem) -> Void
    ) -> Route {
        Route(method: method, template: template, body: body, permission: permission) {
            [workers = running.workers] request, reply in
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

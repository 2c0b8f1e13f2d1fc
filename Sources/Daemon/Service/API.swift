import CardReader
import Registry

/// The calls that the daemon answers; docs/api.md describes them.
struct API: Sendable {
    private let services: DaemonServices
    private let configuration: Configuration
    private let version: String
    private let startedAt = Timestamp.now
    private let checkIn: CheckIn
    private let choice: ReaderChoice
    /// Does what blocks for a moment; a read has its reader's own thread.
    private let workers = WorkerPool(label: "requests", threadCount: 4, capacity: 256)

    init(services: DaemonServices, configuration: Configuration, version: String, log: Log) {
        self.services = services
        self.configuration = configuration
        self.version = version
        checkIn = CheckIn(services: services, configuration: configuration, log: log)
        choice = ReaderChoice(patterns: configuration.readers.names)
    }

    var router: Router {
        Router(routes: [
            route("GET", "/v1/health", .none) { _, reply throws(Problem) in
                reply.send(
                    .json(Health(services: services, choice: choice, version: version, startedAt: startedAt)))
            },
            route("GET", "/v1/readers", .none) { _, reply throws(Problem) in
                let readers = try readers()
                reply.send(.json(["readers": readers]))
            },
            route("POST", "/v1/check-in", .json) { request, reply throws(Problem) in
                try checkIn.handle(request, reply)
            },
            route("POST", "/v1/insurance", .json) { request, reply throws(Problem) in
                let order = try RequestBody.decode(InsuranceRequest.self, from: request.body)
                let decision = try services.decide(order.question(desk: configuration.facility))
                reply.send(.json(decision))
            },
        ])
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
        _ method: String, _ template: String, _ body: Route.Body,
        _ work: @escaping @Sendable (HTTPRequest, HTTPReply) throws(Problem) -> Void
    ) -> Route {
        Route(method: method, template: template, body: body) { [workers] request, reply in
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

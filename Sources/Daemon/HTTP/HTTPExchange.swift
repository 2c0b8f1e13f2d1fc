/// One request on its way through the server, and its answer on the way back.
///
/// `begin`, `receive` and `complete` are called by the library's thread alone, in this order; `answer` by anybody.
final class HTTPExchange: Sendable {
    /// What the library is to do now.
    enum Step {
        /// Bring more of the request.
        case proceed
        /// Send this.
        case answer(HTTPResponse)
        /// Nothing, until the connection is resumed; it is suspended already.
        case wait
        /// Close the connection.
        case close
    }

    private enum Phase {
        case arriving
        case handling
        case suspended(SuspendedConnection, DepartureWatch.Ticket?)
        case answered(HTTPResponse)
        case ended
    }

    private struct Arriving {
        var request: HTTPRequest?
        var problem: Problem?
        var bodyCount = 0
    }

    let cancellation = Cancellation()
    private let target: String?
    let service: HTTPService
    private let arriving = Guarded(Arriving())
    private let phase = Guarded(Phase.arriving)
    private struct Streaming {
        var stream: (any HTTPStream)?
        var ticket: DepartureWatch.Ticket?
        var isOver = false
    }
    private let streaming = Guarded(Streaming())

    /// - Parameter target: The request line's target; nil when it is not UTF-8.
    init(target: String?, service: HTTPService) {
        self.target = target
        self.service = service
    }

    var hasBegun: Bool { arriving.withLock { $0.request != nil || $0.problem != nil } }

    /// Takes the request's head.
    ///
    /// What is wrong with it is told after its body has come, so that a caller who sends before he listens gets to
    /// hear it and can use his connection again; but at once when he asks first, when the body would be far too long,
    /// and when it is not certain where the body ends.
    /// - Parameter headers: nil when they are not UTF-8.
    func begin(method: String?, version: String?, headers: HTTPHeaders?, caller: Caller?) -> Step {
        guard let caller else { return .close }
        let (request, problem) = read(method: method, version: version, headers: headers, caller: caller)
        arriving.withLock { arriving in
            arriving.request = request
            arriving.problem = problem
        }
        guard let problem else { return .proceed }
        let isBodyHarmless = headers?["content-length"].map { (0...longestRefusedBody).contains(Int($0) ?? -1) } ?? true
        if problem.kind == .malformedRequest || headers?["expect"] != nil || !isBodyHarmless {
            return .answer(closing(service.answer(to: request, problem)))
        }
        return .proceed
    }

    private func read(
        method: String?, version: String?, headers: HTTPHeaders?, caller: Caller
    ) -> (request: HTTPRequest?, problem: Problem?) {
        guard let target, let method, let headers else {
            return (nil, Problem(.malformedRequest, "The request line and the header fields must be UTF-8."))
        }
        // RFC 9112, 3.2. The library would check this too, and send its refusal's head twice.
        guard headers["host"] != nil || version == "HTTP/1.0" else {
            return (nil, Problem(.malformedRequest, "Send the header field Host."))
        }
        guard target.utf8.count <= service.limits.targetBytes else {
            return (nil, Problem(.targetTooLong, "The target may have \(service.limits.targetBytes) bytes."))
        }
        guard let target = RequestTarget(target) else {
            return (nil, Problem(.malformedRequest, "The target must be a path, percent-encoded in UTF-8."))
        }
        let request = HTTPRequest(
            method: method, target: target, headers: headers, body: SensitiveBytes(), caller: caller,
            cancellation: cancellation)
        return (request, service.problem(withHeadOf: request))
    }

    /// A body that is refused anyway is still taken in, without being kept, up to this many bytes.
    private var longestRefusedBody: Int { 4 * service.limits.bodyBytes }

    /// Takes the next piece of the body.
    func receive(_ bytes: RawSpan) -> Step {
        arriving.withLock { arriving in
            arriving.bodyCount += bytes.byteCount
            if arriving.problem == nil, arriving.bodyCount > service.limits.bodyBytes {
                arriving.problem = service.bodyTooLarge
                arriving.request?.body.removeAll()
            }
            if arriving.problem == nil { arriving.request?.body.append(bytes) }
            return arriving.bodyCount > longestRefusedBody ? .close : .proceed
        }
    }

    /// The request is all here: has it answered. The connection is suspended unless the answer is there at once.
    func complete(on connection: SuspendedConnection, descriptor: Int32) -> Step {
        let (request, problem) = arriving.withLock { ($0.request, $0.problem) }
        if let problem { return .answer(service.answer(to: request, problem)) }
        guard let request else { return .close }
        phase.withLock { $0 = .handling }
        service.handle(self, request)
        return phase.withLock { phase in
            switch phase {
            case .answered(let response):
                phase = .ended
                return .answer(service.isStopping ? closing(response) : response)
            case .handling:
                connection.suspend()
                let ticket = service.departures.notice(departureAt: descriptor) { [cancellation] in
                    cancellation.cancel()
                }
                phase = .suspended(connection, ticket)
                return .wait
            case .arriving, .suspended, .ended: return .close
            }
        }
    }

    /// The answer that has been given since the connection was suspended.
    func takeAnswer() -> HTTPResponse? {
        phase.withLock { phase in
            guard case .answered(let response) = phase else { return nil }
            phase = .ended
            return service.isStopping ? closing(response) : response
        }
    }

    /// Gives the answer; only the first one counts.
    func answer(_ response: HTTPResponse) {
        phase.withLock { phase in
            switch phase {
            case .handling: phase = .answered(response)
            case .suspended(let connection, let ticket):
                phase = .answered(response)
                if let ticket { service.departures.forget(ticket) }
                connection.resume()
            case .arriving, .answered, .ended: break
            }
        }
    }

    /// The answer that is being sent is a stream: it ends when its reader goes away, and when the daemon stops.
    func begin(_ stream: any HTTPStream, descriptor: Int32) {
        let ticket = service.departures.notice(departureAt: descriptor) { [weak stream] in stream?.end() }
        let isOver = streaming.withLock { streaming in
            streaming.stream = stream
            streaming.ticket = ticket
            return streaming.isOver
        }
        if isOver || service.isStopping { stream.end() }
    }

    /// Ends the answer if it is a stream.
    func endStream() {
        let stream = streaming.withLock { streaming in
            streaming.isOver = true
            return streaming.stream
        }
        stream?.end()
    }

    /// The library is done with this request, for good or bad.
    func end() {
        phase.withLock { $0 = .ended }
        let (stream, ticket) = streaming.withLock { streaming in
            defer { (streaming.stream, streaming.ticket) = (nil, nil) }
            return (streaming.stream, streaming.ticket)
        }
        stream?.end()
        if let ticket { service.departures.forget(ticket) }
        service.didEnd(self)
    }

    private func closing(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers.append("connection", "close")
        return response
    }
}

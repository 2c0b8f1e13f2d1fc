/// One call of the API: which method and path it answers, and what it takes.
struct Route: Sendable {
    /// What the request's body has to be.
    enum Body: Sendable { case none, json }

    var method: String
    /// The path; a segment in braces, as in `/v1/receipts/{id}`, takes any one segment that is not empty.
    var template: String
    var body: Body
    /// What the caller must be allowed; nil for everybody who has a role.
    var permission: Permission?
    /// Whether it tells nothing and does nothing that needs a caller to be known.
    var isPublic = false
    /// What it may be answered with beside what every call may; nil when that is not told.
    var problems: [Problem.Kind]?
    /// Answers now or later, on any thread; called where it must not block.
    var handle: @Sendable (HTTPRequest, HTTPReply) -> Void

    /// The statuses that it may be answered with; nil when that is not told.
    var statuses: Set<Int>? {
        problems.map { own in
            Set((Self.commonProblems + (body == .json ? Self.bodyProblems : []) + own).map(\.status) + [200])
        }
    }

    /// What every call may be answered with.
    private static let commonProblems: [Problem.Kind] = [
        .malformedRequest, .wrongHost, .originNotAllowed, .tokenMissing, .permissionMissing, .contentTooLarge,
        .targetTooLong, .rateLimited, .headersTooLarge, .overloaded, .stopping, .internalError,
    ]
    /// What every call with a body may be answered with.
    private static let bodyProblems: [Problem.Kind] = [.lengthRequired, .unsupportedMediaType, .invalidRequest]

    fileprivate func parameters(for segments: [String]) -> [String: String]? {
        let pattern = template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard pattern.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (expected, segment) in zip(pattern, segments) {
            if expected.hasPrefix("{"), expected.hasSuffix("}") {
                guard !segment.isEmpty else { return nil }
                parameters[String(expected.dropFirst().dropLast())] = segment
            } else if expected != segment {
                return nil
            }
        }
        return parameters
    }
}

/// Finds the route of a request, or the problem with it that its head already shows.
struct Router: Sendable {
    var routes: [Route]
    /// The page and its files.
    var pageRoutes: [Route] = []
    /// Who may use them; nil for everybody.
    var gate: AccessGate?
    /// Where requests are counted.
    var metrics: Metrics?
    /// What is answered without a route where that is possible.
    var prompt: (any PromptCall)?

    /// The route of this request and what its template left open; `HEAD` is answered as `GET`.
    /// - Throws: `Problem` of the kinds `notFound` and `methodNotAllowed`.
    func route(for request: HTTPRequest) throws(Problem) -> (route: Route, parameters: [String: String]) {
        let method = request.method == "HEAD" ? "GET" : request.method
        var allowed: [String] = []
        for route in routes + pageRoutes {
            guard let parameters = route.parameters(for: request.target.segments) else { continue }
            if route.method == method { return (route, parameters) }
            allowed.append(route.method)
            if route.method == "GET" { allowed.append("HEAD") }
        }
        guard !allowed.isEmpty else {
            throw Problem(.notFound, "This daemon has nothing at this path; see docs/api.md for what it has.")
        }
        var problem = Problem(.methodNotAllowed, "This path answers to \(allowed.joined(separator: " and ")).")
        problem.allowedMethods = allowed
        throw problem
    }

    /// What is wrong with the request as far as its head tells, before any of the body is read.
    func problem(withHeadOf request: HTTPRequest) -> Problem? {
        do throws(Problem) {
            if let gate, try gate.preflightAnswer(to: request) != nil { return nil }
            let route = try admitted(request)
            guard route.body == .json else { return nil }
            guard request.headers["content-length"] != nil || request.headers["transfer-encoding"] != nil else {
                return Problem(.lengthRequired, "Send a body in JSON with a Content-Length.")
            }
            guard Self.isJSON(request.headers["content-type"]) else {
                return Problem(.unsupportedMediaType, "Send the body in UTF-8 with the Content-Type application/json.")
            }
            return nil
        } catch {
            return error
        }
    }

    private func publicRoute(for request: HTTPRequest) -> Route? {
        guard let route = try? route(for: request).route, route.isPublic else { return nil }
        return route
    }

    /// The request's route, if its sender may take it.
    private func admitted(_ request: HTTPRequest) throws(Problem) -> Route {
        guard let gate else { return try route(for: request).route }
        if let open = publicRoute(for: request) {
            try gate.admitAnybody(request)
            return open
        }
        var visitor: Visitor?
        do throws(Problem) {
            let known = try gate.visitor(of: request)
            visitor = known
            try gate.count(known)
            let route = try route(for: request).route
            if let permission = route.permission { try known.require(permission) }
            return route
        } catch {
            gate.note(refusalOf: request, by: visitor, error)
            if error.kind.concernsCaller { metrics?.count(.refusals, error.kind.rawValue) }
            throw error
        }
    }

    /// The answer with what its sender needs to read it.
    func finished(_ response: HTTPResponse, to request: HTTPRequest) -> HTTPResponse {
        gate?.readable(response, by: request) ?? response
    }

    /// Hands the request to its route.
    func handle(_ request: HTTPRequest, _ reply: HTTPReply) {
        do throws(Problem) {
            if let answer = try gate?.preflightAnswer(to: request) {
                reply.send(answer)
                return
            }
            let (route, parameters) = try route(for: request)
            var request = request
            request.parameters = parameters
            if !route.isPublic { request.visitor = try gate?.visitor(of: request) }
            route.handle(request, reply)
        } catch {
            reply.send(error.response)
        }
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let parts = contentType.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            !parameter.hasPrefix("charset=") || parameter == "charset=utf-8" || parameter == "charset=\"utf-8\""
        }
    }
}

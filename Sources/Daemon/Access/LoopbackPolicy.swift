import Crypto

/// What protects the loopback port: every page that a browser on this machine shows can reach it.
///
/// A page is let in by three things: the host that it asked for is this machine by name, so that no foreign name that
/// was pointed here is served (DNS rebinding); its origin is on the list; and it has a token.
struct LoopbackPolicy: Sendable {
    private let hosts: Set<String>
    private let ownOrigins: Set<String>
    private let origins: Set<String>
    private let tokens: [Configuration.Token]

    init(_ configuration: Configuration.Loopback) {
        hosts = Set(["127.0.0.1", "localhost", "[::1]"].map { "\($0):\(configuration.port)" })
        // The daemon's own page sends its origin, too.
        ownOrigins = Set(hosts.map { "http://\($0)" })
        origins = Set(configuration.origins)
        tokens = configuration.tokens
    }

    /// The token of this request.
    /// - Throws: `Problem`: `wrongHost`, `originNotAllowed`, `tokenMissing`.
    func token(of request: HTTPRequest) throws(Problem) -> Substring {
        try admit(request)
        let fields = request.headers.fields.filter { $0.name == "authorization" }
        guard fields.count == 1, let value = fields.first?.value, value.lowercased().hasPrefix("bearer ") else {
            throw .tokenMissing("Send the header field Authorization with Bearer and a token.")
        }
        return value.dropFirst(7).drop { $0 == " " }
    }

    /// Whose token of the configuration it is.
    /// - Throws: `Problem`: `tokenMissing`.
    func holder(ofToken text: Substring) throws(Problem) -> Configuration.Token {
        guard let hash = try? Digest.hash(Array(text.utf8), with: .sha256),
            let token = tokens.first(where: { ConstantTime.areEqual($0.sha256, hash) })
        else { throw .tokenMissing("This token is none of those configured in loopback.tokens, and no page's.") }
        return token
    }

    /// Whether the request asks beforehand if a page of a foreign origin may send another (Fetch Standard, 3.2.2).
    func isPreflight(_ request: HTTPRequest) -> Bool {
        request.method == "OPTIONS" && request.headers["origin"] != nil
            && request.headers["access-control-request-method"] != nil
    }

    /// The answer to such a question.
    func preflightAnswer(to request: HTTPRequest) throws(Problem) -> HTTPResponse {
        try admit(request)
        var response = HTTPResponse(
            status: 204,
            headers: HTTPHeaders([
                ("access-control-allow-methods", "GET, POST"),
                ("access-control-allow-headers", "authorization, content-type, last-event-id"),
                ("access-control-max-age", "600"),
            ]))
        if request.headers["access-control-request-private-network"] == "true" {
            response.headers.append("access-control-allow-private-network", "true")
        }
        return response
    }

    /// The answer with leave for the page to read it, if its origin is on the list.
    func readable(_ response: HTTPResponse, by request: HTTPRequest) -> HTTPResponse {
        guard let origin = request.headers["origin"], origins.contains(origin), (try? admit(request)) != nil else {
            return response
        }
        var response = response
        response.headers.append("access-control-allow-origin", origin)
        response.headers.append("access-control-expose-headers", "audit-id, retry-after, verdict-outcome")
        response.headers.append("vary", "origin")
        return response
    }

    /// - Throws: `Problem`: `wrongHost`, `originNotAllowed`.
    func admit(_ request: HTTPRequest) throws(Problem) {
        let named = request.headers.fields.filter { $0.name == "host" }
        guard named.count == 1, let host = named.first?.value.lowercased(), hosts.contains(host) else {
            throw Problem(.wrongHost, "Ask for this port by the name localhost or 127.0.0.1.")
        }
        let origins = request.headers.fields.filter { $0.name == "origin" }
        guard origins.allSatisfy({ self.origins.contains($0.value) || ownOrigins.contains($0.value) }),
            origins.count <= 1
        else {
            throw Problem(.originNotAllowed, "Pages of this origin are not on the list loopback.origins.")
        }
    }
}

extension Problem {
    fileprivate static func tokenMissing(_ detail: String) -> Problem {
        var problem = Problem(.tokenMissing, detail)
        problem.challenge = "Bearer realm=\"cccd\""
        return problem
    }
}

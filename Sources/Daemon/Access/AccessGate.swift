/// Who a request's sender is and what he may do.
struct Visitor: Equatable, Sendable {
    var identity: CallerIdentity
    var role: Role
    var rights: Rights
}

/// Lets requests in by who sends them: tells callers' roles, counts their requests, and refuses what they may not do.
struct AccessGate: Sendable {
    private let policy: AccessPolicy
    private let loopback: LoopbackPolicy
    private let limiter: RateLimiter
    private let pages: PageSessions
    private let audit: AuditLog?

    init(
        policy: AccessPolicy, loopback: LoopbackPolicy, limiter: RateLimiter, pages: PageSessions, audit: AuditLog?
    ) {
        self.pages = pages
        self.policy = policy
        self.loopback = loopback
        self.limiter = limiter
        self.audit = audit
    }

    /// Who sends this request.
    /// - Throws: `Problem`: `permissionMissing` when he has no role here; over loopback `wrongHost`, `originNotAllowed`,
    ///   `tokenMissing`.
    func visitor(of request: HTTPRequest) throws(Problem) -> Visitor {
        guard case .process(let process) = request.caller else {
            let text = try loopback.token(of: request)
            if let page = pages.holder(ofToken: text) {
                return Visitor(identity: page.identity, role: page.role, rights: policy.rights(of: page.role))
            }
            let token = try loopback.holder(ofToken: text)
            return Visitor(identity: .token(token.name), role: token.role, rights: policy.rights(of: token.role))
        }
        return try visitor(of: process)
    }

    /// Who a process of this machine is.
    /// - Throws: `Problem`: `permissionMissing` when he has no role here.
    func visitor(of process: PeerCredentials) throws(Problem) -> Visitor {
        guard let role = policy.role(of: process) else {
            throw Problem(
                .permissionMissing,
                "The user \(process.uid) has no role here: an administrator gives one in access.grants.")
        }
        return Visitor(identity: .user(process.uid), role: role, rights: policy.rights(of: role))
    }

    /// Lets a request in for what is everybody's who can reach this machine's port.
    /// - Throws: `Problem`: `wrongHost`, `originNotAllowed`; over the Unix socket as `visitor(of:)`.
    func admitAnybody(_ request: HTTPRequest) throws(Problem) {
        if request.caller == .loopback { try loopback.admit(request) } else { _ = try visitor(of: request) }
    }

    /// The answer to a page that asks beforehand; nil for every other request.
    func preflightAnswer(to request: HTTPRequest) throws(Problem) -> HTTPResponse? {
        guard request.caller == .loopback, loopback.isPreflight(request) else { return nil }
        return try loopback.preflightAnswer(to: request)
    }

    /// The answer with leave for the page that asked to read it.
    func readable(_ response: HTTPResponse, by request: HTTPRequest) -> HTTPResponse {
        request.caller == .loopback ? loopback.readable(response, by: request) : response
    }

    /// Keeps that a request was refused; when that fails there is still nothing that was handed out.
    func note(refusalOf request: HTTPRequest, by visitor: Visitor?, _ problem: Problem) {
        guard let audit, problem.kind == .permissionMissing else { return }
        var event = AuditEvent(.refused, by: visitor, request.caller)
        event.permission = problem.permission
        try? audit.recordSoon(event)
    }

    /// Counts a request; to be called once for each.
    /// - Throws: `Problem`: `rateLimited`.
    func count(_ visitor: Visitor) throws(Problem) {
        guard let limit = visitor.rights.requestsPerMinute,
            let seconds = limiter.delay(before: visitor.identity, requestsPerMinute: limit)
        else { return }
        var problem = Problem(
            .rateLimited, "The role \(visitor.role.rawValue) has \(limit) requests a minute: ask again later.")
        problem.retryAfter = seconds
        throw problem
    }
}

extension Visitor {
    /// - Throws: `Problem`: `permissionMissing`, naming it.
    func require(_ permission: Permission) throws(Problem) {
        guard !rights.permissions.contains(permission) else { return }
        throw missing(permission.rawValue)
    }

    /// - Throws: `Problem`: `permissionMissing`, naming the field.
    func require(_ field: AnswerField) throws(Problem) {
        guard !rights.fields.contains(field) else { return }
        throw missing("field:\(field.rawValue)")
    }

    private func missing(_ permission: String) -> Problem {
        var problem = Problem(
            .permissionMissing,
            "The role \(role.rawValue) lacks the permission \(permission): an administrator gives it in access.roles.")
        problem.permission = permission
        return problem
    }
}

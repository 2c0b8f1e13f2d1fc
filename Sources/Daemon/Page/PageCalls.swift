import Verifier

/// The answer of `GET /v1/caller`: who asks and what he may do, so that a program offers nothing that is refused.
struct CallerAnswer: Encodable {
    /// How a page begins.
    struct Page: Encodable {
        var mode: Configuration.Page.Mode
        var language: String
        var clearAfter: Int
    }

    /// `user 1000` or `token NAME`, as the audit log names him.
    var caller: String?
    var role: Role
    var permissions: [Permission]
    /// What he is told about holders.
    var fields: [AnswerField]
    var page: Page
    /// The facility that this desk belongs to.
    var facility: String?

    init(_ request: HTTPRequest, _ configuration: Configuration) throws(Problem) {
        guard let visitor = request.visitor else { throw Problem(.internalError, "The caller is not known.") }
        caller = AuditEvent(.page, by: visitor, request.caller).caller
        role = visitor.role
        permissions = Permission.allCases.filter(visitor.rights.permissions.contains)
        fields = AnswerField.allCases.filter(visitor.rights.fields.contains)
        let page = configuration.page
        self.page = Page(
            mode: page.mode ?? (role == .kiosk ? .identity : .clinic), language: page.language.rawValue,
            clearAfter: page.clearAfter)
        facility = configuration.facility.code
    }
}

/// The body of `POST /v1/page-tickets`.
struct PageTicketRequest: Decodable {
    private enum Keys: String, CodingKey { case role }

    /// The role of the page; nil for the caller's own.
    var role: Role?

    init(from decoder: any Decoder) throws {
        role = try decoder.strictContainer(keyedBy: Keys.self).optionalWord(.role)
    }
}

/// The answer of `POST /v1/page-tickets`: where a browser finds the page.
struct PageTicket: Encodable {
    /// The address with the ticket behind `#`, which browsers keep to themselves.
    var url: String
    var ticket: String
    /// In how many seconds the ticket is good no more.
    var expiresIn: Int

    /// - Throws: `Problem`: `permissionMissing`, `pageNotServed`, `auditUnavailable`.
    init(
        for order: PageTicketRequest, _ request: HTTPRequest, _ running: RunningState, port: Int
    ) throws(Problem) {
        guard let visitor = request.visitor, request.caller != .loopback else {
            throw Problem(.permissionMissing, "A page is opened over the Unix socket alone: run `cccd page`.")
        }
        guard port > 0 else {
            throw Problem(.pageNotServed, "There is no port for pages: set loopback.port, and start the daemon anew.")
        }
        let role = order.role ?? visitor.role
        guard role == visitor.role || visitor.role == .admin else {
            throw Problem(.permissionMissing, "The role \(visitor.role.rawValue) opens pages for itself alone.")
        }
        var event = AuditEvent(.page, by: visitor, request.caller)
        event.role = role
        do throws(AuditError) {
            try running.audit?.record(event)
        } catch {
            throw Problem(error)
        }
        ticket = try running.pages.ticket(for: PageSessions.Holder(identity: visitor.identity, role: role))
        url = "http://localhost:\(port)/#ticket=\(ticket)"
        expiresIn = Int(PageSessions.ticketLifetime.components.seconds)
    }
}

/// The body of `POST /v1/page-sessions`.
struct PageSessionRequest: Decodable {
    private enum Keys: String, CodingKey { case ticket }

    var ticket: String

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        guard let ticket = try keys.optionalText(.ticket, limit: 256) else {
            throw keys.unacceptable(.ticket, "it is missing")
        }
        self.ticket = ticket
    }
}

/// The answer of `POST /v1/page-sessions`: the token for a ticket.
struct PageSession: Encodable {
    var token: String
    var role: Role
    /// In how many seconds the token is good no more.
    var expiresIn: Int

    /// - Throws: `Problem`: `tokenMissing` for a ticket that is not good.
    init(for order: PageSessionRequest, _ running: RunningState) throws(Problem) {
        guard let session = try running.pages.exchange(order.ticket) else {
            throw Problem(.tokenMissing, "This ticket was used, or is older than a minute: run `cccd page` again.")
        }
        token = session.token
        role = session.holder.role
        expiresIn = Int(PageSessions.sessionLifetime.components.seconds)
    }
}

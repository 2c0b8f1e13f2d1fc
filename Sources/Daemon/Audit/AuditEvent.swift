import Registry

/// One thing that was done, as the audit log keeps it: who, when, with which result; of the person a keyed hash alone.
struct AuditEvent: Sendable {
    /// What was done; the raw values are never renamed.
    enum Kind: String, Codable, Sendable {
        /// The daemon began, or ended, or took over a changed configuration.
        case started, stopped, reloaded
        /// A card was checked in, or could not be.
        case checkIn = "check-in"
        /// A card was read, or could not be.
        case read
        /// A card image that the caller sent was judged, or could not be.
        case verify
        /// The portrait of a check-in was handed out, or could not be.
        case portrait
        /// A page was opened for a user.
        case page
        /// The insurance was asked about somebody without his card.
        case insurance
        /// Somebody wanted what he may not have.
        case refused
        /// Old records were removed.
        case retention
    }

    /// When, in milliseconds since 1970.
    var at = SystemCalls.millisecondsSince1970
    var event: Kind
    /// Names this one; the answer carries it too.
    var id: String?
    /// `user 1000`, or `token NAME`.
    var caller: String?
    var process: Int32?
    var role: Role?
    var reader: String?
    /// The keyed hash of the personal number of whom it was about.
    var subject: String?
    /// The verdict's outcome.
    var outcome: String?
    /// What speaks against using the card today.
    var validity: [String]?
    /// The checks that failed.
    var failed: [String]?
    /// The card's files that were handed out.
    var files: [String]?
    /// The insurance's answer.
    var insurance: String?
    /// Why there was no answer.
    var problem: String?
    /// The permission that was missing.
    var permission: String?
    /// What the card says and the caller was not told.
    var withheld: [String]?
    /// Whether the picture was handed out.
    var portrait: Bool?
    /// What a receipt that was handed out states of the holder.
    var receipt: [String]?
    /// How long it took, in milliseconds.
    var duration: Int?
    var version: String?
    /// With `retention`: the last record that was removed.
    var removedTo: Int?

    init(_ event: Kind) { self.event = event }

    /// The event with who caused it.
    init(_ event: Kind, by visitor: Visitor?, _ caller: Caller) {
        self.event = event
        self.caller =
            switch visitor?.identity {
            case .user(let number): "user \(number)"
            case .token(let name): "token \(name)"
            case nil: caller.process.map { "user \($0.uid)" }
            }
        process = caller.process?.pid
        role = visitor?.role
    }

    /// The event as the inner part of a record: JSON without the opening brace, members in the order of their names.
    var body: [UInt8] {
        var json = JSONText(capacity: 384)
        json.rest { json in
            json.member("at", millisecondsSince1970: at)
            json.member("caller", caller)
            json.member("duration", duration)
            json.member("event", event.rawValue)
            json.member("failed", failed)
            json.member("files", files)
            json.member("id", id)
            json.member("insurance", insurance)
            json.member("outcome", outcome)
            json.member("permission", permission)
            json.member("portrait", portrait)
            json.member("problem", problem)
            json.member("process", process.map(Int.init))
            json.member("reader", reader)
            json.member("receipt", receipt)
            json.member("removedTo", removedTo)
            json.member("role", role?.rawValue)
            json.member("subject", subject)
            json.member("validity", validity)
            json.member("version", version)
            json.member("withheld", withheld)
        }
        return json.bytes
    }
}

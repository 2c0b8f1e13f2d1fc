/// Why a request could not be answered, as the caller is told (RFC 9457).
///
/// A `no` is not a problem: a card that is not genuine and a person who is not insured are answers.
struct Problem: Error, Equatable, Sendable {
    var kind: Kind
    /// What happened this time, on what, and what to do; no personal data.
    var detail: String
    /// The methods that the path does offer; set for `methodNotAllowed`.
    var allowedMethods: [String] = []
    /// How the caller may make himself known (WWW-Authenticate).
    var challenge: String?
    /// In how many seconds it may be worth to ask again.
    var retryAfter: Int?
    /// Where in the request's body the fault lies, as a JSON Pointer (RFC 6901).
    var pointer: String?
    /// The reader concerned.
    var reader: String?
    /// The permission that the caller lacks.
    var permission: String?
    /// The readers there are, when the request has to name one of them.
    var readers: [String]?

    init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The kinds of problem; the raw value ends the stable `type` of the answer and is never renamed.
    enum Kind: String, CaseIterable, Sendable {
        // The request.
        case malformedRequest = "malformed-request"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case lengthRequired = "length-required"
        case contentTooLarge = "content-too-large"
        case targetTooLong = "target-too-long"
        case unsupportedMediaType = "unsupported-media-type"
        case invalidRequest = "invalid-request"
        case invalidKey = "invalid-key"
        case unknownReader = "unknown-reader"
        case headersTooLarge = "headers-too-large"
        // The caller.
        case wrongHost = "wrong-host"
        case originNotAllowed = "origin-not-allowed"
        case tokenMissing = "token-missing"
        case permissionMissing = "permission-missing"
        case rateLimited = "rate-limited"
        // The readers.
        case noReader = "no-reader"
        case readerUnavailable = "reader-unavailable"
        case readerInUse = "reader-in-use"
        case readerBusy = "reader-busy"
        case readerFault = "reader-fault"
        case serviceUnavailable = "service-unavailable"
        // The card.
        case noCard = "no-card"
        case severalCards = "several-cards"
        case cardRemoved = "card-removed"
        case cardReset = "card-reset"
        case cardMute = "card-mute"
        case cardFault = "card-fault"
        case notAnIdentityCard = "not-an-identity-card"
        case wrongKey = "wrong-key"
        case keyNotUsable = "key-not-usable"
        case protocolViolation = "protocol-violation"
        case secureMessaging = "secure-messaging"
        // The portrait.
        case noPortrait = "no-portrait"
        case portraitAltered = "portrait-altered"
        case portraitUnusable = "portrait-unusable"
        // The insurance.
        case identityNotProven = "identity-not-proven"
        case registryNotConfigured = "registry-not-configured"
        case registryUnavailable = "registry-unavailable"
        // The daemon.
        case auditNotKept = "audit-not-kept"
        case auditUnavailable = "audit-unavailable"
        case pageNotServed = "page-not-served"
        case timeLimit = "time-limit"
        case cancelled = "cancelled"
        case overloaded = "overloaded"
        case stopping = "stopping"
        case internalError = "internal-error"
    }
}

extension Problem.Kind {
    /// Whether a request is refused for who sent it.
    var concernsCaller: Bool {
        switch self {
        case .wrongHost, .originNotAllowed, .tokenMissing, .permissionMissing, .rateLimited: true
        default: false
        }
    }

    /// The stable URI of this kind.
    var type: String { "urn:cccd:problem:\(rawValue)" }

    /// The HTTP status that goes with it: 409 where somebody at the desk has to do something, 5xx where the machine does
    /// not do what it should.
    var status: Int {
        switch self {
        case .malformedRequest: 400
        case .notFound: 404
        case .methodNotAllowed: 405
        case .noReader, .readerUnavailable, .readerInUse, .noCard, .severalCards, .cardRemoved, .cardReset, .cardMute,
            .cardFault, .notAnIdentityCard, .wrongKey, .keyNotUsable, .protocolViolation, .secureMessaging,
            .identityNotProven, .registryNotConfigured, .auditNotKept, .noPortrait, .portraitAltered, .portraitUnusable,
            .pageNotServed:
            409
        case .lengthRequired: 411
        case .contentTooLarge: 413
        case .targetTooLong: 414
        case .unsupportedMediaType: 415
        case .invalidRequest, .invalidKey, .unknownReader: 422
        case .tokenMissing: 401
        case .permissionMissing, .originNotAllowed: 403
        case .wrongHost: 421
        case .rateLimited: 429
        case .headersTooLarge: 431
        case .internalError: 500
        case .readerBusy, .readerFault, .serviceUnavailable, .registryUnavailable, .auditUnavailable, .cancelled,
            .overloaded, .stopping:
            503
        case .timeLimit: 504
        }
    }

    /// The kind in a few words, the same every time.
    var title: String {
        switch self {
        case .malformedRequest: "The request is not well-formed HTTP"
        case .notFound: "There is no such resource"
        case .methodNotAllowed: "The resource does not offer this method"
        case .lengthRequired: "The request does not say how long its body is"
        case .contentTooLarge: "The body is too large"
        case .targetTooLong: "The request's target is too long"
        case .unsupportedMediaType: "The body is of a type that is not accepted"
        case .invalidRequest: "The body is not what this call asks for"
        case .invalidKey: "The access key is not one that a card can have"
        case .unknownReader: "There is no reader of this name"
        case .headersTooLarge: "The request's headers are too large"
        case .wrongHost: "The request is for another host"
        case .originNotAllowed: "Pages of this origin may not ask"
        case .tokenMissing: "The request has no valid token"
        case .permissionMissing: "The caller may not do this"
        case .rateLimited: "The caller asks too often"
        case .noReader: "There is no card reader"
        case .readerUnavailable: "The reader is not there any more"
        case .readerInUse: "Another program is using the reader"
        case .readerBusy: "The reader is busy with other check-ins"
        case .readerFault: "The reader failed"
        case .serviceUnavailable: "The smart card service does not run"
        case .noCard: "There is no card in the reader"
        case .severalCards: "Several readers hold a card"
        case .cardRemoved: "The card was taken away"
        case .cardReset: "The card was reset"
        case .cardMute: "The card does not answer"
        case .cardFault: "The card answered what it must not"
        case .notAnIdentityCard: "The card is not an identity card"
        case .wrongKey: "The card does not open with this key"
        case .keyNotUsable: "The card does not open with this kind of key"
        case .protocolViolation: "The chip broke the access protocol"
        case .secureMessaging: "The protected conversation with the chip was broken"
        case .noPortrait: "The chip gave no portrait"
        case .portraitAltered: "The portrait is not the one that was signed"
        case .portraitUnusable: "The portrait cannot be shown"
        case .pageNotServed: "The page is not served"
        case .identityNotProven: "The card does not prove who its holder is"
        case .registryNotConfigured: "There is no registry"
        case .registryUnavailable: "The registry does not answer"
        case .auditNotKept: "There is no audit log"
        case .auditUnavailable: "What is done cannot be recorded"
        case .timeLimit: "It took too long"
        case .cancelled: "The work was given up"
        case .overloaded: "Too many requests wait"
        case .stopping: "The daemon is stopping"
        case .internalError: "The daemon failed"
        }
    }
}

extension Problem: Encodable {
    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, pointer, permission, reader, readers
    }

    /// The members of RFC 9457, 3.1, and ours.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind.type, forKey: .type)
        try container.encode(kind.title, forKey: .title)
        try container.encode(kind.status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encodeIfPresent(pointer, forKey: .pointer)
        try container.encodeIfPresent(permission, forKey: .permission)
        try container.encodeIfPresent(reader, forKey: .reader)
        try container.encodeIfPresent(readers, forKey: .readers)
    }

    /// The problem as an answer in `application/problem+json`.
    var response: HTTPResponse {
        var response = HTTPResponse.json(status: kind.status, self, type: "application/problem+json")
        if !allowedMethods.isEmpty { response.headers.append("allow", allowedMethods.joined(separator: ", ")) }
        if let challenge { response.headers.append("www-authenticate", challenge) }
        if let retryAfter { response.headers.append("retry-after", String(retryAfter)) }
        return response
    }
}

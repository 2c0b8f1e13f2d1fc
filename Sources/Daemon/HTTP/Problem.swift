/// Why a request could not be answered, as the caller is told (RFC 9457).
///
/// A `no` is not a problem: a card that is not genuine and a person who is not insured are answers.
struct Problem: Error, Equatable, Sendable {
    var kind: Kind
    /// What happened this time, on what, and what to do; no personal data.
    var detail: String
    /// The methods that the path does offer; set for `methodNotAllowed`.
    var allowedMethods: [String] = []
    /// In how many seconds it may be worth to ask again.
    var retryAfter: Int?
    /// Where in the request's body the fault lies, as a JSON Pointer (RFC 6901).
    var pointer: String?
    /// The reader concerned.
    var reader: String?
    /// The readers there are, when the request has to name one of them.
    var readers: [String] = []
    /// How often the chip can still be asked with another key before it blocks, where the chip tells.
    var triesLeft: Int?

    init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The kinds of problem; the raw value ends the stable `type` of the answer and is never renamed.
    enum Kind: String, CaseIterable, Sendable {
        // The request
        case malformedRequest = "malformed-request"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case lengthRequired = "length-required"
        case contentTooLarge = "content-too-large"
        case targetTooLong = "target-too-long"
        case headersTooLarge = "headers-too-large"
        case unsupportedMediaType = "unsupported-media-type"
        case invalidRequest = "invalid-request"
        // The card and its reader
        case invalidKey = "invalid-key"
        case noReader = "no-reader"
        case unknownReader = "unknown-reader"
        case severalCards = "several-cards"
        case noCard = "no-card"
        case cardRemoved = "card-removed"
        case cardMute = "card-mute"
        case wrongKey = "wrong-key"
        case keyBlocked = "key-blocked"
        case accessDenied = "access-denied"
        case unsupportedCard = "unsupported-card"
        case cardFault = "card-fault"
        case readerBusy = "reader-busy"
        case readerFault = "reader-fault"
        case timeLimit = "time-limit"
        case cancelled = "cancelled"
        // The services behind
        case serviceUnavailable = "service-unavailable"
        case registryNotConfigured = "registry-not-configured"
        case registryUnavailable = "registry-unavailable"
        case stopping = "stopping"
        case overloaded = "overloaded"
        case internalError = "internal-error"
    }
}

extension Problem.Kind {
    /// The stable URI of this kind.
    var type: String { "urn:cccd:problem:\(rawValue)" }

    /// The HTTP status that goes with it.
    var status: Int {
        switch self {
        case .malformedRequest: 400
        case .notFound: 404
        case .methodNotAllowed: 405
        case .lengthRequired: 411
        case .contentTooLarge: 413
        case .targetTooLong: 414
        case .unsupportedMediaType: 415
        case .invalidRequest, .invalidKey, .unknownReader: 422
        case .headersTooLarge: 431
        case .noCard, .severalCards, .cardRemoved, .wrongKey, .keyBlocked, .accessDenied, .unsupportedCard: 409
        case .internalError: 500
        case .cardMute, .cardFault, .readerFault: 502
        case .noReader, .readerBusy, .serviceUnavailable, .registryNotConfigured, .registryUnavailable, .stopping,
            .overloaded, .cancelled:
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
        case .headersTooLarge: "The request's headers are too large"
        case .unsupportedMediaType: "The body is of a type that is not accepted"
        case .invalidRequest: "The body is not what this call asks for"
        case .invalidKey: "The access key is not one that a card can have"
        case .noReader: "There is no card reader"
        case .unknownReader: "There is no reader of this name"
        case .severalCards: "Several readers hold a card"
        case .noCard: "There is no card in the reader"
        case .cardRemoved: "The card was taken away"
        case .cardMute: "The card does not answer"
        case .wrongKey: "The card does not open with this key"
        case .keyBlocked: "The card has blocked this kind of key"
        case .accessDenied: "The card does not give out what was asked"
        case .unsupportedCard: "The card is of a kind that is not supported"
        case .cardFault: "The card answered what it must not"
        case .readerBusy: "The reader is busy"
        case .readerFault: "The reader failed"
        case .timeLimit: "It took too long"
        case .cancelled: "The work was given up"
        case .serviceUnavailable: "The card reader service does not run"
        case .registryNotConfigured: "There is no registry"
        case .registryUnavailable: "The registry does not answer"
        case .stopping: "The daemon is stopping"
        case .overloaded: "Too many requests wait"
        case .internalError: "The daemon failed"
        }
    }
}

extension Problem {
    /// The problem as an answer in `application/problem+json`.
    var response: HTTPResponse {
        var response = HTTPResponse.json(status: kind.status, Document(self), type: "application/problem+json")
        if !allowedMethods.isEmpty {
            response.headers.append("allow", allowedMethods.joined(separator: ", "))
        }
        if let retryAfter { response.headers.append("retry-after", String(retryAfter)) }
        return response
    }

    private struct Document: Encodable {
        var type: String
        var title: String
        var status: Int
        var detail: String
        var pointer: String?
        var reader: String?
        var readers: [String]?
        var triesLeft: Int?

        init(_ problem: Problem) {
            type = problem.kind.type
            title = problem.kind.title
            status = problem.kind.status
            detail = problem.detail
            pointer = problem.pointer
            reader = problem.reader
            readers = problem.readers.isEmpty ? nil : problem.readers
            triesLeft = problem.triesLeft
        }
    }
}

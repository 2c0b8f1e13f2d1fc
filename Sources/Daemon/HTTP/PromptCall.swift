/// A call that is answered on the HTTP library's own thread, because it never waits: for what is asked by the thousand.
///
/// It answers the commonest form of its requests from callers whom nothing holds up. Everything else it leaves to the
/// route of the same method and path, which also says what is wrong with a request.
protocol PromptCall: Sendable {
    /// What answers the caller, if he may ask whatever and as often as he likes; else nil.
    func answerer(for process: PeerCredentials) -> (any PromptAnswerer)?
}

/// Answers one caller's requests.
protocol PromptAnswerer: Sendable {
    /// The answer in JSON, of status 200; nil when the route is to give it.
    /// - Parameter lane: A number that two threads seldom have at the same time.
    func answer(_ body: Span<UInt8>, lane: Int) -> SensitiveBytes?
}

/// A prompt call's requests on one connection, one after the other. Used by the library's thread alone.
final class PromptExchange: @unchecked Sendable {
    /// The target that goes this way, as it stands in the request line; its method is POST.
    static let target: StaticString = "/v1/insurance"
    /// Longer bodies are the route's.
    static let bodyLimit = 512

    enum Phase { case fresh, arriving, answered }

    var phase = Phase.fresh
    /// Kept for the connection's next request; wiped between two of them.
    let body = SensitiveBytes(capacity: bodyLimit)
    /// The caller is who he was, as long as the configuration is what it was.
    private var configuration: Int?
    private var answerer: (any PromptAnswerer)?

    /// Whether the caller's requests may be answered promptly now.
    func isAdmitted(on connection: HTTPConnection, by service: HTTPService) -> Bool {
        guard let current = service.promptConfiguration else { return false }
        if configuration != current {
            answerer = connection.caller?.process.flatMap { service.promptCall?.answerer(for: $0) }
            configuration = current
        }
        return answerer != nil
    }

    func answer(lane: Int) -> SensitiveBytes? {
        guard let answerer else { return nil }
        return body.withBytes { answerer.answer($0, lane: lane) }
    }

    /// Makes ready for the next request.
    func reset() {
        phase = .fresh
        body.removeAll()
    }
}

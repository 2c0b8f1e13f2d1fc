/// A call that is answered on the HTTP library's own thread, because it never waits: for what is asked by the thousand.
///
/// It answers the commonest form of its requests from callers whom nothing holds up. Everything else it leaves to the
/// route of the same method and path, which also says what is wrong with a request.
protocol PromptCall: AnyObject, Sendable {
    /// Who the caller is, if he may ask whatever and as often as he likes; else nil.
    func visitor(of process: PeerCredentials) -> Visitor?

    /// The answer in JSON, of status 200; nil when the route is to give it.
    /// - Parameter lane: A number that two threads seldom have at the same time.
    func answer(_ body: Span<UInt8>, to visitor: Visitor, from process: PeerCredentials, lane: Int) -> SensitiveBytes?
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
    private var call: (any PromptCall)?
    private var visitor: Visitor?

    /// Whether the caller's requests may be answered promptly now.
    func isAdmitted(_ process: PeerCredentials, by service: HTTPService) -> Bool {
        guard let current = service.promptCall else { return false }
        // The caller is who he was, as long as the configuration is what it was.
        if call !== current {
            call = current
            visitor = current.visitor(of: process)
        }
        return visitor != nil
    }

    func answer(to process: PeerCredentials, lane: Int) -> SensitiveBytes? {
        guard let call, let visitor else { return nil }
        return body.withBytes { call.answer($0, to: visitor, from: process, lane: lane) }
    }

    /// Makes ready for the next request.
    func reset() {
        phase = .fresh
        body.removeAll()
    }
}

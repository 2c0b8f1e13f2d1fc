/// The one answer to one request, to be sent now or later, from any thread.
///
/// Only the first answer counts. Work that loses its reply without answering, by a mistake of ours, answers with an
/// internal error, so that no request is left open.
final class HTTPReply: Sendable {
    private let deliver: Guarded<(@Sendable (HTTPResponse) -> Void)?>

    init(_ deliver: @escaping @Sendable (HTTPResponse) -> Void) {
        self.deliver = Guarded(deliver)
    }

    deinit {
        send(Problem(.internalError, "The request was lost inside the daemon; please report this.").response)
    }

    /// - Returns: Whether this was the first answer.
    @discardableResult
    func send(_ response: @autoclosure () -> HTTPResponse) -> Bool {
        let deliver = deliver.withLock { deliver in
            defer { deliver = nil }
            return deliver
        }
        guard let deliver else { return false }
        deliver(response())
        return true
    }

    @discardableResult
    func send(_ problem: Problem) -> Bool { send(problem.response) }
}

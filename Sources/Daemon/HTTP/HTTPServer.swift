import Dispatch

/// What the HTTP service takes at most.
struct HTTPLimits: Sendable, Equatable {
    /// Bytes of one request's body.
    var bodyBytes = 2 << 20
    /// Bytes of one request's header fields, names and values together.
    var headerBytes = 8 << 10
    /// Bytes of one request's target.
    var targetBytes = 2 << 10
    /// Connections open at the same time; beyond that silent ones are closed.
    var connections = 1000
    /// Seconds in which a connection must bring a whole request, counted from its beginning or its last answer.
    var requestSeconds = 60
}

/// Serves HTTP/1.1 on listening sockets, from `init` to `stop`.
///
/// libmicrohttpd reads and writes on threads of its own. A request whose answer takes time is set aside there, and
/// its connection taken up again when `HTTPReply.send` is called, so that slow work holds up nobody.
@safe final class HTTPServer: @unchecked Sendable {
    private let sockets: [ListeningSocket]
    private let service: HTTPService
    private let sweep: any DispatchSourceTimer
    /// The library's handle for each socket; none once stopped.
    private let daemons: Guarded<[MicroHTTPD]>

    /// Begins to serve.
    /// - Throws: `DaemonError.httpUnavailable`.
    init(on sockets: [ListeningSocket], limits: HTTPLimits, router: Router, log: Log) throws(DaemonError) {
        self.sockets = sockets
        do throws(SystemCallError) {
            service = HTTPService(limits: limits, router: router, departures: try DepartureWatch(), log: log)
        } catch {
            throw .httpUnavailable(reason: error.description)
        }
        let started = sockets.compactMap { [service] in MicroHTTPD(serving: service, on: $0, limits: limits) }
        guard started.count == sockets.count else {
            for daemon in started { daemon.stop() }
            service.departures.close()
            throw .httpUnavailable(reason: "libmicrohttpd refused to start")
        }
        daemons = Guarded(started)
        service.departures.start()

        sweep = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "cccd.connections"))
        sweep.schedule(deadline: .now() + 1, repeating: 1)
        sweep.setEventHandler { [service] in service.closeSilentConnections() }
        sweep.activate()
    }

    deinit { stop(grace: .zero) }

    /// Answers requests that begin from now on by other routes; those under way end as they began.
    func use(_ router: Router) { service.use(router) }

    /// How many connections are open.
    var connectionCount: Int { service.connectionCount }

    /// Stops to accept, finishes what is being answered, and closes everything.
    ///
    /// A request that is not finished when `grace` is over is cancelled, and answered with the problem `stopping`.
    /// Requests that arrive meanwhile on open connections are answered with `stopping` as well.
    func stop(grace: Duration) {
        let running = daemons.withLock { daemons in
            defer { daemons = [] }
            return daemons
        }
        guard !running.isEmpty else { return }
        service.beginToStop()
        for daemon in running { daemon.quiesce() }
        for socket in sockets { socket.removeFile() }
        if !service.awaitAnswers(for: grace) {
            service.cancelAll()
            if !service.awaitAnswers(for: .seconds(1)) {
                service.answerAll()
                _ = service.awaitAnswers(for: .seconds(1))
            }
        }
        sweep.cancel()
        for daemon in running { daemon.stop() }
        service.departures.stop()
    }
}

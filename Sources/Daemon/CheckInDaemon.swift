/// The daemon: answers local programs on a Unix socket until it is told to stop.
///
///     let configuration = try Configuration(path: "/etc/cccd/config.json5")
///     try CheckInDaemon(configuration: configuration, version: "1.0").run()
public final class CheckInDaemon: Sendable {
    private let configuration: Configuration
    private let services: DaemonServices
    private let version: String
    private let log: Log
    private let server = Guarded<HTTPServer?>(nil)
    let running = Guarded<RunningState?>(nil)

    /// A daemon with the readers, certificates and registry of this machine, and its log on standard error.
    /// - Parameter version: What `GET /v1/health` tells.
    /// - Throws: `DaemonError.serviceUnavailable`.
    public convenience init(configuration: Configuration, version: String) throws(DaemonError) {
        self.init(
            configuration: configuration, version: version, services: try DaemonServices(configuration: configuration),
            log: .standardError(level: configuration.log.level, isPrefixed: configuration.log.prefix))
    }

    init(configuration: Configuration, version: String, services: DaemonServices, log: Log) {
        self.configuration = configuration
        self.version = version
        self.services = services
        self.log = log
    }

    /// Answers requests until SIGTERM or SIGINT comes, finishes what is running, and returns.
    ///
    /// To be called once, by the program's first thread, before it has others: the signals are held back on it.
    /// - Throws: `DaemonError` when it cannot begin.
    public func run() throws(DaemonError) {
        let signals = StopSignals()
        SystemCalls.ignoreBrokenPipes()
        try start()
        signals.wait()
        stop()
    }

    /// Begins to answer.
    func start() throws(DaemonError) {
        let connections = configuration.http.connections
        SystemCalls.allowDescriptors(connections + 200)
        let limits = HTTPLimits(
            bodyBytes: configuration.http.bodyLimit, connections: connections,
            requestSeconds: configuration.http.requestTimeLimit)
        // Before anything of a daemon that may be running already is touched.
        let socket = try ListeningSocket.bind(path: configuration.socket.path, mode: configuration.socket.mode)
        let state = try RunningState(configuration: configuration, log: log)
        do throws(DaemonError) {
            try serve(on: socket, limits: limits, state: state)
        } catch {
            state.end()
            throw error
        }
        state.watchReaders(at: services.desk)
        running.withLock { $0 = state }
        refreshCopy()
        for reason in services.refusedCertificates { log.warning("certificate not trusted", .cause(reason)) }
        if services.judge.anchorCount == 0 { log.warning("no authority is trusted: no card can be proven") }
        if state.audit == nil { log.warning("no audit log is kept") }
        log.notice("started", .version(version), .socket(configuration.socket.path))
    }

    private func serve(on socket: ListeningSocket, limits: HTTPLimits, state: RunningState) throws(DaemonError) {
        let api = try API(
            services: services, configuration: configuration, version: version, running: state, log: log)
        do throws(AuditError) {
            var event = AuditEvent(.started)
            event.version = version
            try state.audit?.record(event)
        } catch {
            throw .serviceUnavailable(name: "audit log", reason: error.description)
        }
        let started = try HTTPServer(on: socket, limits: limits, router: api.router, log: log)
        server.withLock { $0 = started }
    }

    /// Keeps this machine's copy of a server's registry up to date, and tells when that begins and ceases to work.
    private func refreshCopy() {
        guard let registry = services.insurance as? RegistryDesk else { return }
        let log = log
        let hasFailed = Guarded(false)
        registry.refreshCopy(every: configuration.registry.refreshInterval) { result in
            let failed = if case .failure = result { true } else { false }
            let isNews = hasFailed.withLock { before in
                defer { before = failed }
                return before != failed
            }
            switch result {
            case .failure(let error) where isNews:
                log.warning("the copy of the registry could not be refreshed", .cause(error.description))
            case .success(let refresh) where isNews || refresh.isWhole:
                log.notice("the copy of the registry agrees with the server", .count("records", refresh.records))
            default: break
            }
        }
    }

    /// Finishes what is running and closes everything.
    func stop() {
        let serving = server.withLock { server in
            defer { server = nil }
            return server
        }
        guard let serving else { return }
        log.notice("stopping")
        serving.stop(grace: .seconds(configuration.stop.timeLimit))
        let state = running.withLock { $0 }
        try? state?.audit?.record(AuditEvent(.stopped))
        state?.end()
        log.notice("stopped")
    }
}

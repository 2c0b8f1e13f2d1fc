import Dispatch

/// The daemon: answers local programs until it is told to stop.
///
///     let daemon = try CheckInDaemon(version: "1.0") { try Configuration(path: "/etc/cccd/cccd.json5") }
///     try daemon.run()
public final class CheckInDaemon: Sendable {
    /// What a configuration makes of the daemon; replaced as a whole when it is read again.
    private struct Setting: Sendable {
        var configuration: Configuration
        var services: DaemonServices
    }

    private let setting: Guarded<Setting>
    private let reconfigure: (@Sendable () throws(DaemonError) -> Configuration)?
    private let version: String
    private let log: Log
    private let server = Guarded<HTTPServer?>(nil)
    let running = Guarded<RunningState?>(nil)

    /// A daemon with the readers, certificates and registry of this machine, and its log on standard error.
    /// - Parameters:
    ///   - version: What `GET /v1/health` tells.
    ///   - configure: Reads the configuration, now and whenever the daemon is told to read it again.
    /// - Throws: What `configure` throws, and `DaemonError.serviceUnavailable`.
    public convenience init(
        version: String, _ configure: @escaping @Sendable () throws(DaemonError) -> Configuration
    ) throws(DaemonError) {
        let configuration = try configure()
        self.init(
            configuration: configuration, version: version, services: try DaemonServices(configuration: configuration),
            log: .standardError(level: configuration.log.level, isPrefixed: configuration.log.prefix),
            reconfigure: configure)
    }

    init(
        configuration: Configuration, version: String, services: DaemonServices, log: Log,
        reconfigure: (@Sendable () throws(DaemonError) -> Configuration)? = nil
    ) {
        setting = Guarded(Setting(configuration: configuration, services: services))
        self.version = version
        self.log = log
        self.reconfigure = reconfigure
    }

    /// Answers requests until SIGTERM or SIGINT comes, finishes what is running, and returns; SIGHUP has it read its
    /// configuration, its certificates and its registry again.
    ///
    /// To be called once, by the program's first thread, before it has others: the signals are held back on it.
    /// - Throws: `DaemonError` when it cannot begin.
    public func run() throws(DaemonError) {
        let signals = Signals()
        SystemCalls.ignoreBrokenPipes()
        let manager = ServiceManager.taken()
        try start(manager)
        let watchdog = watchdog(manager)
        manager.ready(status)
        while signals.wait() == .reload {
            manager.reloading()
            reload()
            manager.ready(status)
        }
        manager.stopping()
        watchdog?.stop()
        stop()
    }

    private var status: String {
        let anchors = setting.withLock { $0.services.judge.anchorCount }
        return "Answering; \(anchors) authorities trusted"
    }

    private func watchdog(_ manager: ServiceManager) -> Watchdog? {
        guard let interval = manager.watchdogMicroseconds, let workers = running.withLock({ $0 })?.workers,
            let path = running.withLock({ $0 })?.socketPath
        else { return nil }
        return Watchdog(manager, socket: path, interval: interval, workers: workers)
    }

    /// Begins to answer.
    func start(_ manager: ServiceManager = ServiceManager(environment: { _ in nil }, process: 0)) throws(DaemonError) {
        let (configuration, services) = setting.withLock { ($0.configuration, $0.services) }
        let connections = configuration.http.connections
        SystemCalls.allowDescriptors(connections * 5 / 4 + 300)
        // Before anything of a daemon that may be running already is touched.
        let sockets = try Self.sockets(manager, configuration)
        let state = try RunningState(configuration: configuration, log: log)
        state.socketPath = sockets.first { !$0.isInternet }?.path
        do throws(DaemonError) {
            try serve(on: sockets, configuration, services, state)
        } catch {
            state.end()
            throw error
        }
        state.watchReaders(at: services.desk)
        running.withLock { $0 = state }
        refreshCopy(services, every: configuration.registry.refreshInterval)
        warn(services)
        if state.audit == nil { log.warning("no audit log is kept") }
        log.notice("started", .version(version), .socket(sockets.map(\.path).joined(separator: " ")))
    }

    /// The sockets that the service manager hands over, or our own.
    private static func sockets(
        _ manager: ServiceManager, _ configuration: Configuration
    ) throws(DaemonError) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        for descriptor in manager.sockets { sockets.append(try .adopt(descriptor: descriptor)) }
        if !sockets.contains(where: { !$0.isInternet }) {
            sockets.append(try .bind(path: configuration.socket.path, mode: configuration.socket.mode))
        }
        if configuration.loopback.port > 0, !sockets.contains(where: \.isInternet) {
            sockets.append(try .bindLoopback(port: UInt16(clamping: configuration.loopback.port)))
        }
        return sockets
    }

    private func serve(
        on sockets: [ListeningSocket], _ configuration: Configuration, _ services: DaemonServices,
        _ state: RunningState
    ) throws(DaemonError) {
        let limits = HTTPLimits(
            bodyBytes: configuration.http.bodyLimit, connections: configuration.http.connections,
            requestSeconds: configuration.http.requestTimeLimit)
        let api = try API(
            services: services, configuration: configuration, version: version, running: state, log: log)
        do throws(AuditError) {
            var event = AuditEvent(.started)
            event.version = version
            try state.audit?.record(event)
        } catch {
            throw .serviceUnavailable(name: "audit log", reason: error.description)
        }
        let started = try HTTPServer(on: sockets, limits: limits, router: api.router, log: log)
        state.connectionCount.withLock { $0 = { [weak started] in started?.connectionCount ?? 0 } }
        server.withLock { $0 = started }
    }

    private func warn(_ services: DaemonServices) {
        for reason in services.refusedCertificates { log.warning("certificate not trusted", .cause(reason)) }
        if services.judge.anchorCount == 0 { log.warning("no authority is trusted: no card can be proven") }
    }

    /// Reads the configuration again and goes by it from the next request on; requests under way end as they began. When
    /// the new one is faulty everything stays as it is.
    func reload() {
        guard let reconfigure, let state = running.withLock({ $0 }), let server = server.withLock({ $0 }) else {
            return
        }
        let before = setting.withLock { $0 }
        do throws(DaemonError) {
            let configuration = try reconfigure()
            // A registry's file is followed by itself when another is put in its place; a server's connections are kept.
            let isSameRegistry = configuration.registry == before.configuration.registry
            let services = try DaemonServices(
                configuration: configuration, keeping: isSameRegistry ? before.services.insurance : nil)
            try use(configuration, services, state, server)
            if !isSameRegistry { refreshCopy(services, every: configuration.registry.refreshInterval) }
            for key in configuration.keysThatNeedRestart(before.configuration) {
                log.warning("this key is taken over at the next start alone", .configurationKey(key))
            }
            warn(services)
            log.notice("reloaded", .count("anchors", services.judge.anchorCount))
        } catch {
            log.error("the configuration was not taken over, the former one stays", .cause(error.description))
        }
    }

    /// Goes by another configuration from the next request on.
    func use(
        _ configuration: Configuration, _ services: DaemonServices, _ state: RunningState, _ server: HTTPServer
    ) throws(DaemonError) {
        let api = try API(
            services: services, configuration: configuration, version: version, running: state, log: log)
        do throws(AuditError) {
            try state.audit?.record(AuditEvent(.reloaded))
        } catch {
            throw .serviceUnavailable(name: "audit log", reason: error.description)
        }
        log.threshold.set(configuration.log.level)
        state.lanes.setCapacity(configuration.checkIn.queue)
        state.readerEvents.use(ReaderChoice(patterns: configuration.readers.names))
        setting.withLock { $0 = Setting(configuration: configuration, services: services) }
        server.use(api.router)
    }

    /// Keeps this machine's copy of a server's registry up to date, and tells when that begins and ceases to work.
    private func refreshCopy(_ services: DaemonServices, every seconds: Int) {
        guard let registry = services.insurance as? RegistryDesk else { return }
        let log = log
        let hasFailed = Guarded(false)
        registry.refreshCopy(every: seconds) { result in
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
        serving.stop(grace: .seconds(setting.withLock { $0.configuration.stop.timeLimit }))
        let state = running.withLock { $0 }
        try? state?.audit?.record(AuditEvent(.stopped))
        state?.end()
        log.notice("stopped")
    }
}

extension Configuration {
    /// The keys that differ from `former` and are looked at when the daemon starts alone.
    fileprivate func keysThatNeedRestart(_ former: Configuration) -> [String] {
        var keys: [String] = []
        if socket != former.socket { keys.append("socket") }
        if loopback.port != former.loopback.port { keys.append("loopback.port") }
        if state != former.state { keys.append("state") }
        if terminal != former.terminal { keys.append("terminal") }
        if audit != former.audit { keys.append("audit") }
        if http != former.http { keys.append("http") }
        if log.prefix != former.log.prefix { keys.append("log.prefix") }
        return keys
    }
}

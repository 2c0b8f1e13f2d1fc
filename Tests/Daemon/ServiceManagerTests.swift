import Dispatch
import FoundationEssentials
import Glibc
import Testing

@testable import Daemon

@Suite("Service manager")
struct ServiceManagerTests {
    private func manager(_ variables: [String: String], process: Int32 = 42) -> ServiceManager {
        ServiceManager(environment: { variables[$0] }, process: process)
    }

    /// A socket that datagrams can be sent to, as systemd has it.
    private final class Listener {
        let descriptor: Int32

        init(_ path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            try SystemCalls.bind(descriptor, to: path)
            try SystemCalls.setTimeLimit(30, on: descriptor)
        }

        deinit { SystemCalls.close(descriptor) }

        func next() -> String? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }
    }

    @Test("sockets are taken that are meant for this process, and no others")
    func sockets() {
        #expect(manager(["LISTEN_PID": "42", "LISTEN_FDS": "2"]).sockets == [3, 4])
        for variables in [
            [:], ["LISTEN_PID": "41", "LISTEN_FDS": "2"], ["LISTEN_FDS": "2"], ["LISTEN_PID": "42", "LISTEN_FDS": "0"],
            ["LISTEN_PID": "42", "LISTEN_FDS": "-1"], ["LISTEN_PID": "42", "LISTEN_FDS": "99999999"],
            ["LISTEN_PID": "x", "LISTEN_FDS": "y"],
        ] { #expect(manager(variables).sockets == [], "\(variables)") }
    }

    @Test("the watchdog is for this process or for any, and never of no time")
    func watchdogTime() {
        #expect(manager(["WATCHDOG_USEC": "3000000"]).watchdogMicroseconds == 3_000_000)
        #expect(manager(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "42"]).watchdogMicroseconds == 3_000_000)
        #expect(manager(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "41"]).watchdogMicroseconds == nil)
        #expect(manager(["WATCHDOG_USEC": "0"]).watchdogMicroseconds == nil)
    }

    @Test("readiness is a datagram to the path, or to the abstract name, that the service manager gave")
    func notification() throws {
        let folder = TestFolder()
        let listener = try Listener(folder.file("notify"))
        manager(["NOTIFY_SOCKET": folder.file("notify")]).ready("Answering")
        #expect(listener.next() == "READY=1\nSTATUS=Answering")
        manager(["NOTIFY_SOCKET": folder.file("notify")]).reloading()
        #expect(listener.next()?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
        // Nobody there, nowhere, or something else than a path: nothing happens.
        for address in [folder.file("none"), "", "relative", "@cccd-nobody", "/" + String(repeating: "x", count: 200)] {
            manager(["NOTIFY_SOCKET": address]).alive()
        }
    }

    @Test("the watchdog is fed as long as the daemon answers at its socket, and not when it does not")
    func watchdog() throws {
        let folder = TestFolder()
        let listener = try Listener(folder.file("notify"))
        let daemon = try TestDaemon()
        let workers = try #require(daemon.daemon.running.withLock { $0 }).workers
        let feeding = Watchdog(
            manager(["NOTIFY_SOCKET": folder.file("notify")]), socket: daemon.path, interval: 40_000, workers: workers)
        #expect(listener.next() == "WATCHDOG=1")
        #expect(listener.next() == "WATCHDOG=1")
        daemon.daemon.stop()
        feeding.stop()
        try SystemCalls.setTimeLimit(1, on: listener.descriptor)
        while listener.next() != nil {}
        let starving = Watchdog(
            manager(["NOTIFY_SOCKET": folder.file("notify")]), socket: daemon.path, interval: 40_000, workers: workers)
        #expect(listener.next() == nil)
        starving.stop()
    }

    @Test("a socket that was handed over is served, and its file stays")
    func activation() throws {
        let folder = TestFolder()
        let path = folder.file("handed-over")
        let descriptor = try SystemCalls.unixSocket()
        try SystemCalls.bind(descriptor, to: path)
        try SystemCalls.listen(descriptor, backlog: 10)
        let daemon = try TestDaemon(isStarted: false)
        // What begins at descriptor 3 in a service is wherever this process has it.
        let manager = ServiceManager(sockets: [descriptor])
        try daemon.daemon.start(manager)
        #expect(try TestClient.request(path, "GET /v1/health")?.status == 200)
        #expect(SystemCalls.identity(of: daemon.path) == nil)
        daemon.daemon.stop()
        #expect(SystemCalls.identity(of: path)?.isSocket == true)
    }

    @Test("a configuration that is read again is gone by from the next request on, over the same connection")
    func reload() throws {
        let next = Guarded<Result<Configuration, DaemonError>?>(nil)
        let folder = TestFolder()
        var configuration = Configuration()
        configuration.socket.path = folder.file("socket")
        configuration.state.folder = folder.path
        configuration.trust.paths = [folder.path]
        let log = LogRecorder()
        let insurance = ScriptedInsurance()
        let daemon = CheckInDaemon(
            configuration: configuration, version: "1",
            services: DaemonServices(desk: ScriptedDesk(), judge: try ScriptedJudge(), insurance: insurance),
            log: log.log(),
            reconfigure: { () throws(DaemonError) in
                guard let result = next.withLock({ $0 }) else { return Configuration() }
                return try result.get()
            })
        try daemon.start()
        defer { daemon.stop() }
        let client = try TestClient(folder.file("socket"))
        func status(_ target: String) -> Int? {
            client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            return client.answer()?.status
        }
        #expect(status("/v1/readers") == 200)

        next.withLock { $0 = .failure(.unknownKey("socket.pth")) }
        daemon.reload()
        #expect(log.text.contains("the configuration was not taken over"))
        #expect(status("/v1/readers") == 200)

        var narrower = configuration
        narrower.access.grants = [Configuration.Grant(role: .auditor, users: [.number(geteuid())])]
        narrower.audit.retentionDays = 5
        next.withLock { [narrower] in $0 = .success(narrower) }
        daemon.reload()
        #expect(status("/v1/readers") == 403)
        #expect(status("/v1/audit") == 200)
        #expect(log.text.contains("this key is taken over at the next start alone key=audit"))

        narrower.access.grants = [Configuration.Grant(role: .auditor, users: [.name("nobody-of-this-name")])]
        next.withLock { [narrower] in $0 = .success(narrower) }
        daemon.reload()
        #expect(status("/v1/audit") == 200)
    }

    @Test("the command line's client takes an answer apart, and says who is not there")
    func client() throws {
        let daemon = try TestDaemon()
        let answer = try DaemonClient(socket: daemon.path).get("/v1/health")
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("\"version\":\"1.2.3\""))
        #expect(try DaemonClient(socket: daemon.path).get("/v1/nothing").status == 404)
        #expect(throws: DaemonClient.Failure.self) { try DaemonClient(socket: "/nowhere/socket").get("/") }
    }
}

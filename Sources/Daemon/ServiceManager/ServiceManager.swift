import Glibc

/// What systemd and the daemon tell each other: sockets handed over (sd_listen_fds(3)), readiness and watchdog
/// (sd_notify(3)). Without systemd nothing is handed over and nobody is told.
struct ServiceManager: Sendable {
    /// Where datagrams are sent to; nil when nobody listens.
    private let address: String?
    /// How often the watchdog wants to hear of us, in microseconds.
    let watchdogMicroseconds: UInt64?
    /// The descriptors that were handed over.
    let sockets: [Int32]

    /// The first descriptor that is handed over (SD_LISTEN_FDS_START).
    private static let firstSocket: Int32 = 3

    /// Reads what the service manager set, and takes it out of the environment, since it is for this process alone.
    static func taken() -> ServiceManager {
        let manager = ServiceManager(environment: SystemCalls.environment, process: getpid())
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"] {
            SystemCalls.unsetEnvironment(name)
        }
        for socket in manager.sockets { SystemCalls.closeOnExec(socket) }
        return manager
    }

    /// - Parameter environment: The value of a variable; nil when it is not set.
    init(environment: (String) -> String?, process: Int32) {
        address = environment("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        if environment("LISTEN_PID").flatMap({ Int32($0) }) == process,
            let count = environment("LISTEN_FDS").flatMap({ Int32($0) }), (1...64).contains(count)
        {
            sockets = Array(Self.firstSocket..<(Self.firstSocket + count))
        } else {
            sockets = []
        }
        let isForUs = environment("WATCHDOG_PID").flatMap { Int32($0) }.map { $0 == process } ?? true
        watchdogMicroseconds =
            isForUs ? environment("WATCHDOG_USEC").flatMap { UInt64($0) }.flatMap { $0 > 0 ? $0 : nil } : nil
    }

    /// A service manager that hands sockets over and hears nothing.
    init(sockets: [Int32]) {
        address = nil
        watchdogMicroseconds = nil
        self.sockets = sockets
    }

    /// Requests are answered from now on.
    func ready(_ status: String) { tell("READY=1\nSTATUS=\(status)") }

    /// The configuration is being read again; `ready` tells when that is done.
    func reloading() { tell("RELOADING=1\nMONOTONIC_USEC=\(SystemCalls.monotonicMicroseconds)") }

    /// The daemon ends.
    func stopping() { tell("STOPPING=1\nSTATUS=Finishing what is running") }

    /// The daemon works.
    func alive() { tell("WATCHDOG=1") }

    private func tell(_ text: String) {
        guard let address else { return }
        try? SystemCalls.sendDatagram(text, to: address)
    }
}

import Dispatch

/// Tells the service manager that the daemon works, as long as it does: as long as it answers at its own socket, which
/// takes the HTTP library's thread, and as long as its workers take work.
final class Watchdog: @unchecked Sendable {
    private let timer: any DispatchSourceTimer

    /// - Parameters:
    ///   - socket: The path of the daemon's socket.
    ///   - interval: How often the service manager wants to hear of us, in microseconds; told twice as often.
    init(_ manager: ServiceManager, socket: String, interval: UInt64, workers: WorkerPool) {
        let half = Int(clamping: max(interval / 2, 10_000))
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "cccd.watchdog"))
        timer.schedule(deadline: .now(), repeating: .microseconds(half), leeway: .milliseconds(1))
        timer.setEventHandler {
            guard let answer = try? DaemonClient(socket: socket, seconds: max(1, half / 2_000_000)).head("/"),
                answer > 0
            else { return }
            // Told by a worker: who is busy with all of them does not work either.
            _ = workers.submit { manager.alive() }
        }
        timer.activate()
    }

    func stop() { timer.cancel() }
}

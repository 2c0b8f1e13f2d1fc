import Dispatch

/// Turns SIGTERM and SIGINT into something to wait for; nothing is done in a signal handler.
///
/// While it exists the process does not die of them.
final class StopSignals {
    private static let numbers = SystemCalls.stopSignals

    private let arrived = DispatchSemaphore(value: 0)
    private let sources: [any DispatchSourceSignal]

    init() {
        let queue = DispatchQueue(label: "cccd.signals")
        sources = Self.numbers.map { number in
            SystemCalls.ignoreSignal(number)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for source in sources {
            source.setEventHandler { [arrived] in arrived.signal() }
            source.activate()
        }
    }

    /// Returns once one of the signals has come.
    func wait() { arrived.wait() }

    /// Lets the signals end the process again.
    func restore() {
        for source in sources { source.cancel() }
        for number in Self.numbers { SystemCalls.restoreSignal(number) }
    }
}

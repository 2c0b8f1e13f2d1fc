import Dispatch
import Synchronization

/// A thread for calls that block and cannot be interrupted, so that their caller can stop waiting for one that hangs.
///
/// A driver may keep SCardTransmit for minutes. The call is then left to end by itself; what it returns is dropped.
final class CallThread: Sendable {
    private final class Answer<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let arrived = DispatchSemaphore(value: 0)
    }

    // A serial queue of its own draws a thread outside the pools that Swift's tasks run on.
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    /// How often a caller that waits is told so.
    private static let interval = Duration.seconds(1)

    /// Runs `call` and waits for what it returns; nil when `deadline` came first.
    ///
    /// - Parameter waiting: Told on the caller's thread every second how long it has been waiting.
    func run<Value: Sendable>(
        deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void = { _ in },
        _ call: @escaping @Sendable () -> Value
    ) -> Value? {
        let answer = Answer<Value>()
        queue.async {
            let value = call()
            answer.value.withLock { $0 = value }
            answer.arrived.signal()
        }
        let start = ContinuousClock.now
        while true {
            let now = ContinuousClock.now
            let rest = deadline.map { min(now.duration(to: $0), Self.interval) } ?? Self.interval
            let limit = DispatchTime.now() + .milliseconds(Int(clamping: rest.milliseconds))
            if answer.arrived.wait(timeout: limit) == .success { return answer.value.withLock { $0 } }
            if let deadline, ContinuousClock.now >= deadline { return nil }
            if start.duration(to: .now) >= Self.interval { waiting(start.duration(to: .now)) }
        }
    }

    /// Runs `call` after all others, without waiting for it.
    func start(_ call: @escaping @Sendable () -> Void) { queue.async(execute: call) }
}

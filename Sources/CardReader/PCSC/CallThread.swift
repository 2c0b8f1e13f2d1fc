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

    /// Runs `call` and waits for what it returns; nil when `deadline` came first.
    func run<Value: Sendable>(
        deadline: ContinuousClock.Instant?, _ call: @escaping @Sendable () -> Value
    ) -> Value? {
        let answer = Answer<Value>()
        queue.async {
            let value = call()
            answer.value.withLock { $0 = value }
            answer.arrived.signal()
        }
        let limit = deadline.map { deadline in
            DispatchTime.now() + .milliseconds(Int(clamping: ContinuousClock.now.duration(to: deadline).milliseconds))
        }
        guard answer.arrived.wait(timeout: limit ?? .distantFuture) == .success else { return nil }
        return answer.value.withLock { $0 }
    }

    /// Runs `call` after all others, without waiting for it.
    func start(_ call: @escaping @Sendable () -> Void) { queue.async(execute: call) }
}

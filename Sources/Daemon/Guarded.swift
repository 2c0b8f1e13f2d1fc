import Synchronization

/// A value that one thread at a time may use.
///
/// The standard library's `Mutex`, made visible to ThreadSanitizer: on Linux that does not know the mutex, but it knows
/// atomics, and without them would report every use of the value as a race.
struct Guarded<Value: ~Copyable>: ~Copyable, Sendable {
    private let mutex: Mutex<Value>
    private let handOver = Atomic(false)

    init(_ value: consuming sending Value) { mutex = Mutex(value) }

    /// Runs `body` with the value, while no other thread does.
    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock { (value) throws(Failure) in
            _ = handOver.load(ordering: .acquiring)
            defer { handOver.store(true, ordering: .releasing) }
            return try body(&value)
        }
    }
}

import Dispatch
import Synchronization

/// Holds whoever passes until it is opened.
final class Gate: Sendable {
    private let count = Mutex(0)
    private let opened = DispatchSemaphore(value: 0)

    var passed: Int { count.withLock { $0 } }

    func open() { opened.signal() }

    func pass() {
        opened.wait()
        opened.signal()
        count.withLock { $0 += 1 }
    }
}

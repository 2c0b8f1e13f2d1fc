import Dispatch
import Glibc

/// Accepts the connections of a listening socket, one after the other, from `init` to `stop`.
final class Acceptor: @unchecked Sendable {
    /// Taken in one go; others that wait for the queue's thread have their turn in between.
    private static let most = 64
    /// How long it rests, in milliseconds, when no connection can be taken: when too many are open, until those that were
    /// silent longest are closed, or when there are no descriptors left.
    private static let rest: UInt32 = 1

    private let source: any DispatchSourceRead
    private let hasEnded = DispatchSemaphore(value: 0)
    private let isStopped = Guarded(false)

    /// - Parameter take: Accepts a connection from the descriptor, which is the next after so many; returns 0, or why it could not.
    init(_ socket: ListeningSocket, _ take: @escaping @Sendable (_ number: Int, _ descriptor: Int32) -> Int32) {
        SystemCalls.makeNonblocking(socket.descriptor)
        let queue = DispatchQueue(label: "cccd.accept")
        let count = Guarded(0)
        source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor, queue: queue)
        // The socket is kept open as long as it is watched.
        source.setEventHandler { [socket] in
            for _ in 0..<Self.most {
                switch take(count.withLock { $0 }, socket.descriptor) {
                case 0: count.withLock { $0 = ($0 + 1) & 0xFFFF }
                case EINTR, ECONNABORTED: continue
                case EAGAIN: return
                default: return SystemCalls.sleep(milliseconds: Self.rest)
                }
            }
        }
        source.setCancelHandler { [hasEnded] in hasEnded.signal() }
        source.activate()
    }

    /// Accepts no further connections; returns when none is being accepted any more.
    func stop() {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        guard isFirst else { return }
        source.cancel()
        hasEnded.wait()
    }
}

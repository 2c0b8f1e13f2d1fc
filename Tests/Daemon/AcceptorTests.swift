import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite("Accepting connections")
struct AcceptorTests {
    private let folder = TestFolder()
    private var path: String { folder.file("socket") }

    private func connect() throws {
        let descriptor = try SystemCalls.unixSocket()
        defer { SystemCalls.close(descriptor) }
        try SystemCalls.connect(descriptor, to: path)
    }

    private static func take(_ descriptor: Int32) -> Int32 {
        let accepted = accept(descriptor, nil, nil)
        guard accepted >= 0 else { return errno }
        close(accepted)
        return 0
    }

    private static func wait(until isSo: () -> Bool) -> Bool {
        for _ in 0..<1000 {
            if isSo() { return true }
            usleep(10_000)
        }
        return isSo()
    }

    @Test("connections are counted, so that threads can take them in turn")
    func inTurn() throws {
        let numbers = Guarded<[Int]>([])
        let acceptor = Acceptor(try ListeningSocket.bind(path: path, mode: 0o600)) { number, descriptor in
            let result = Self.take(descriptor)
            if result == 0 { numbers.withLock { $0.append(number) } }
            return result
        }
        defer { acceptor.stop() }
        for count in 1...5 {
            try connect()
            #expect(Self.wait { numbers.withLock { $0.count } == count })
        }
        #expect(numbers.withLock { $0 } == Array(0..<5))
    }

    @Test("a connection that cannot be taken at first, as when there are no descriptors left, is taken later")
    func laterThen() throws {
        let refusals = Guarded(0)
        let taken = Guarded(0)
        let acceptor = Acceptor(try ListeningSocket.bind(path: path, mode: 0o600)) { _, descriptor in
            let isRefused = refusals.withLock { count in
                count += 1
                return count <= 3
            }
            if isRefused { return EMFILE }
            let result = Self.take(descriptor)
            if result == 0 { taken.withLock { $0 += 1 } }
            return result
        }
        defer { acceptor.stop() }
        try connect()
        #expect(Self.wait { taken.withLock { $0 } == 1 })
        #expect(refusals.withLock { $0 } > 3)
    }

    @Test("nobody is accepted after it was stopped")
    func stopped() throws {
        let taken = Guarded(0)
        let socket = try ListeningSocket.bind(path: path, mode: 0o600)
        let acceptor = Acceptor(socket) { _, descriptor in
            taken.withLock { $0 += 1 }
            return Self.take(descriptor)
        }
        acceptor.stop()
        acceptor.stop()
        try withExtendedLifetime(socket) { try connect() }
        usleep(100_000)
        #expect(taken.withLock { $0 } == 0)
    }
}

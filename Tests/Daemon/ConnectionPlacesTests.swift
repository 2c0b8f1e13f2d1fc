import Glibc
import Testing

@testable import Daemon

@Suite("Places of connections")
struct ConnectionPlacesTests {
    /// A connection, and the caller's end of it.
    private final class Pair {
        let connection: HTTPConnection
        let caller: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            connection = HTTPConnection(descriptor: ends[0])
            caller = ends[1]
        }

        deinit {
            SystemCalls.close(connection.descriptor)
            SystemCalls.close(caller)
        }

        func send(_ byte: UInt8) -> Bool {
            var byte = byte
            return Glibc.send(caller, &byte, 1, Int32(MSG_NOSIGNAL)) == 1
        }

        /// What the library's thread reads when it comes to this connection; nil when the connection has ended.
        func read() -> UInt8? {
            var byte: UInt8 = 0
            return recv(connection.descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 1 ? byte : nil
        }
    }

    private let departures: DepartureWatch
    private let service: HTTPService
    private let pairs: [Pair]

    init() throws {
        departures = try DepartureWatch()
        var limits = HTTPLimits()
        limits.connections = 2
        service = HTTPService(
            limits: limits, router: Router(routes: []), departures: departures, log: LogRecorder().log())
        pairs = try (0..<5).map { _ in try Pair() }
    }

    private var areExpelled: [Bool] { pairs.map(\.connection.isExpelled) }

    @Test("one whose bytes were not read yet keeps its place, and the next that is silent gives its own")
    func unread() {
        defer { departures.close() }
        #expect(pairs[0].send(7))
        for pair in pairs[..<3] { service.didOpen(pair.connection) }
        #expect(areExpelled == [false, true, false, false, false])
        #expect(pairs[0].read() == 7)
        service.didOpen(pairs[3].connection)
        #expect(areExpelled == [true, true, false, false, false])
    }

    @Test("one that gave up its place takes nothing more, and can still be answered")
    func halfClosed() {
        defer { departures.close() }
        for pair in pairs[..<3] { service.didOpen(pair.connection) }
        #expect(areExpelled == [true, false, false, false, false])
        #expect(!pairs[0].send(8))
        #expect(pairs[0].read() == nil)
        #expect(send(pairs[0].connection.descriptor, [9], 1, Int32(MSG_NOSIGNAL)) == 1)
    }

    @Test("one that is answered after it was to give up its place counts again, so that another gives its own")
    func returned() {
        defer { departures.close() }
        for pair in pairs[..<3] { service.didOpen(pair.connection) }
        service.didReceiveRequest(on: pairs[0].connection)
        #expect(areExpelled == [true, false, false, false, false])
        service.didOpen(pairs[3].connection)
        #expect(areExpelled == [true, true, false, false, false])
        service.didClose(pairs[0].connection)
        service.didOpen(pairs[4].connection)
        #expect(areExpelled == [true, true, true, false, false])
    }

    @Test("who waits for a place gets one as soon as some that were answered are silent")
    func waiting() {
        defer { departures.close() }
        for _ in 0..<service.acceptedLimit { #expect(service.beginToAccept()) }
        for pair in pairs {
            service.didReceiveRequest(on: pair.connection)
            service.didOpen(pair.connection)
        }
        #expect(!service.beginToAccept())
        #expect(areExpelled == [false, false, false, false, false])
        pairs[3].connection.didEndRequest()
        #expect(!service.beginToAccept())
        #expect(areExpelled == [false, false, false, true, false])
        service.didClose(pairs[3].connection)
        #expect(service.beginToAccept())
    }
}

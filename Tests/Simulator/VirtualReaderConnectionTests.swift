import Foundation
import Glibc
import Synchronization
import Testing

@testable import Simulator

/// The reader's end of the protocol: listens on a free port and speaks to whoever connects.
private final class ReaderEnd {
    let port: UInt16
    private var listener: Int32
    private var connection: Int32 = -1

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        try #require(bound == 0 && named == 0 && listen(listener, 1) == 0)
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
    }

    deinit {
        disconnect()
        stopListening()
    }

    func accept() throws {
        connection = Glibc.accept(listener, nil, nil)
        try #require(connection >= 0)
    }

    func disconnect() {
        if connection >= 0 { close(connection) }
        connection = -1
    }

    func stopListening() {
        if listener >= 0 { close(listener) }
        listener = -1
    }

    func send(_ bytes: [UInt8]) throws { try #require(Glibc.send(connection, bytes, bytes.count, 0) == bytes.count) }

    func message(_ bytes: [UInt8]) throws { try send([UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes) }

    /// The next message; nil when the card closed the connection.
    func receive() throws -> [UInt8]? {
        guard let length = exactly(2) else { return nil }
        return exactly(Int(length[0]) << 8 | Int(length[1]))
    }

    private func exactly(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let got = recv(connection, &part, part.count, 0)
            guard got > 0 else { return nil }
            bytes += part.prefix(got)
        }
        return bytes
    }
}

/// A chip that answers with what it was asked, reversed, and counts resets.
private final class Echo: SimulatedChip {
    let answerToReset: [UInt8] = [0x3B, 0x80, 0x80, 0x01, 0x01]
    let resets = Mutex(0)
    func reset() { resets.withLock { $0 += 1 } }
    func answer(_ command: [UInt8]) -> [UInt8]? { command == [0, 0] ? nil : command.reversed() }
}

@Suite("The connection to a virtual reader")
struct VirtualReaderConnectionTests {
    private func connected() throws -> (ReaderEnd, Echo, VirtualReaderConnection) {
        let reader = try ReaderEnd()
        let chip = Echo()
        let connection = VirtualReaderConnection(to: .init(port: reader.port), chip: chip, removalPause: .zero)
        try connection.start()
        try reader.accept()
        return (reader, chip, connection)
    }

    @Test("controls reset the chip and ask for its answer to reset; everything else is a command")
    func protocolMessages() throws {
        let (reader, chip, connection) = try connected()
        defer { connection.stop() }
        let before = { chip.resets.withLock { $0 } }
        try reader.message([4])
        #expect(try reader.receive() == chip.answerToReset)
        let count = before()
        for control: UInt8 in [0, 1, 2, 9] { try reader.message([control]) }
        try reader.message([])
        try reader.message([1, 2, 3])
        #expect(try reader.receive() == [3, 2, 1])
        #expect(before() == count + 3)
        let long = (0..<65_535).map { UInt8(truncatingIfNeeded: $0) }
        try reader.message(long)
        #expect(try reader.receive() == long.reversed())
        try reader.message([0, 0])
        try reader.message([5, 6])
        #expect(try reader.receive() == [6, 5])
    }

    @Test("a message that arrives in pieces is put together")
    func pieces() throws {
        let (reader, _, connection) = try connected()
        defer { connection.stop() }
        for byte: UInt8 in [0, 4, 1, 2, 3, 4] { try reader.send([byte]) }
        #expect(try reader.receive() == [4, 3, 2, 1])
    }

    @Test("stopping closes the connection, and the same card can be put in again")
    func stop() throws {
        let (reader, _, connection) = try connected()
        #expect(throws: SimulatorError.unsupported(what: "a second connection for the same card")) {
            try connection.start()
        }
        connection.stop()
        #expect(try reader.receive() == nil)
        let ending = Mutex<VirtualReaderConnection.Ending?>(nil)
        try connection.start { end in ending.withLock { $0 = end } }
        try reader.accept()
        try reader.message([1, 2])
        #expect(try reader.receive() == [2, 1])
        connection.stop()
        connection.stop()
    }

    @Test("the reader's going is told")
    func readerGone() async throws {
        let reader = try ReaderEnd()
        let connection = VirtualReaderConnection(to: .init(port: reader.port), chip: Echo(), removalPause: .zero)
        let ending: VirtualReaderConnection.Ending = try await withCheckedThrowingContinuation { continuation in
            do {
                try connection.start { continuation.resume(returning: $0) }
                try reader.accept()
                reader.disconnect()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(ending == .failed(.readerGone))
    }

    @Test("where nobody listens, the attempt ends with an error that says where")
    func nobody() throws {
        let reader = try ReaderEnd()
        let address = VirtualReaderConnection.Address(port: reader.port)
        reader.stopListening()
        let connection = VirtualReaderConnection(to: address, chip: Echo(), patience: .milliseconds(120))
        let error = #expect(throws: SimulatorError.self) { try connection.run() }
        guard case .noVirtualReader("127.0.0.1", reader.port, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        connection.stop()
    }

    @Test("a hundred insertions leave no descriptor open")
    func descriptors() throws {
        let count = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let reader = try ReaderEnd()
        let connection = VirtualReaderConnection(to: .init(port: reader.port), chip: Echo(), removalPause: .zero)
        func insert() throws {
            try connection.start()
            try reader.accept()
            try reader.message([1, 2])
            #expect(try reader.receive() == [2, 1])
            connection.stop()
            reader.disconnect()
        }
        try insert()
        let before = try count()
        for _ in 0..<100 { try insert() }
        // Other tests run beside this one and hold a few of their own.
        #expect(try count() < before + 50)
    }
}

import Glibc
import Synchronization
import Testing

@testable import Daemon

/// A caller over a Unix socket who sends exactly the bytes that a test says.
final class TestClient {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let descriptor: Int32
    var received: [UInt8] = []

    init(_ path: String) throws {
        descriptor = try SystemCalls.unixSocket()
        try SystemCalls.connect(descriptor, to: path)
        // A test that waits for an answer which never comes must fail, not hang.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// A caller over TCP.
    init(port: UInt16) throws {
        descriptor = try SystemCalls.internetSocket()
        try SystemCalls.connectLoopback(descriptor, port: port)
        try SystemCalls.setTimeLimit(30, on: descriptor)
    }

    deinit { SystemCalls.close(descriptor) }

    /// - Returns: Whether all of it could be sent.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that no more will be sent, and goes on listening.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next whole answer, or nil when the connection ends before.
    func answer(isHead: Bool = false) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        var head: Range<Int>?
        while head == nil {
            head = received.indices.first { received[$0...].starts(with: end) }.map { 0..<$0 }
            if head == nil, !receive() { return nil }
        }
        guard let head else { return nil }
        let lines = String(decoding: received[head], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { return nil }
            headers[sides[0].lowercased()] = String(sides[1].drop { $0 == " " })
        }
        let start = head.upperBound + end.count
        let length = isHead || status == 100 ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while received.count < start + length { if !receive() { return nil } }
        let body = Array(received[start..<(start + length)])
        received.removeFirst(start + length)
        return Answer(status: status, headers: headers, body: body)
    }

    /// Whether the daemon has closed the connection, and sent nothing more before it did.
    func isClosedByDaemon() -> Bool { received.isEmpty && !receive() && errno != EAGAIN }

    func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        errno = 0
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }

    /// One request on a connection of its own.
    ///
    /// - Parameter again: Whether it is made again when its connection was closed before it could be sent.
    static func request(
        _ path: String, _ line: String, headers: [String] = [], body: String? = nil, again: Bool = false
    ) throws -> Answer? {
        var text = "\(line) HTTP/1.1\r\nHost: cccd\r\n"
        for header in headers { text += header + "\r\n" }
        if let body {
            text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            text += "\r\n" + body
        } else {
            text += "\r\n"
        }
        var client = try TestClient(path)
        while !client.send(text), again { client = try TestClient(path) }
        return client.answer(isHead: line.hasPrefix("HEAD"))
    }
}

/// A folder for one test's files, removed at its end.
final class TestFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/cccd-test-XXXXXX\0".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) {
        guard let file = fopen(file(name), "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}

/// Keeps the lines of a log.
final class LogRecorder: Sendable {
    private let lines = Guarded<[String]>([])

    var text: String { lines.withLock { $0.joined() } }

    func log(level: Log.Level = .debug) -> Log {
        Log(level: level, isPrefixed: true) { [self] in log(line: $0) }
    }

    func log(line: String) { lines.withLock { $0.append(line) } }
}

// Asks a daemon's insurance over its Unix socket from many connections at once, one request after the other on each.
//
//     load-benchmark SOCKET NUMBERS CONNECTIONS SECONDS [IDLE]
//
// NUMBERS is a file of personal numbers, one a line. IDLE further connections are opened and say nothing. Prints one line:
// answers a second, p50 and p99 in microseconds. Ends with 1 when an answer is anything but a decision.
import CMicroHTTPD
import Foundation

/// One connection: a request under way, and what came of its answer.
struct Connection {
    let descriptor: Int32
    var received: [UInt8] = []
    var sentAt = ContinuousClock.now
}

func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("load-benchmark: \(text)\n".utf8))
    exit(2)
}

func connected(_ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { fail("the socket's path is too long") }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard descriptor >= 0, result == 0 else { fail("nobody answers at \(path) (errno \(errno))") }
    return descriptor
}

func send(_ request: [UInt8], to descriptor: Int32) {
    let count = unsafe request.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    guard count == request.count else { fail("a request could not be sent (errno \(errno))") }
}

/// Where the answer's bytes end, once all of them are here.
func end(of answer: [UInt8]) -> Int? {
    let mark: [UInt8] = [13, 10, 13, 10]
    guard let head = answer.firstRange(of: mark)?.lowerBound else { return nil }
    let lines = String(decoding: answer[..<head], as: UTF8.self).lowercased()
    guard lines.hasPrefix("http/1.1 200") else { fail("an answer is no decision: \(lines.prefix(60))") }
    guard let start = lines.firstRange(of: "content-length: ")?.upperBound,
        let length = Int(lines[start...].prefix { $0.isNumber })
    else { fail("an answer has no length") }
    return answer.count >= head + 4 + length ? head + 4 + length : nil
}

let arguments = CommandLine.arguments
guard arguments.count == 5 || arguments.count == 6, let count = Int(arguments[3]), let seconds = Int(arguments[4]),
    let text = try? String(contentsOfFile: arguments[2], encoding: .utf8)
else { fail("usage: load-benchmark SOCKET NUMBERS CONNECTIONS SECONDS [IDLE]") }
let requests = text.split(separator: "\n").map { number in
    let body = "{\"personalNumber\":\"\(number)\"}"
    return Array(
        """
        POST /v1/insurance HTTP/1.1\r\nHost: cccd\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
        """.utf8)
}
guard !requests.isEmpty else { fail("there are no numbers") }

/// All connections, and what was measured on them.
struct Load {
    let requests: [[UInt8]]
    let watch = epoll_create1(0)
    var next = 0
    var connections: [Connection]
    /// Microseconds from request to answer.
    var durations: [Double] = []

    init(_ requests: [[UInt8]], socket: String, count: Int) {
        self.requests = requests
        connections = (0..<count).map { _ in Connection(descriptor: connected(socket)) }
        for index in connections.indices {
            var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: UInt64(index)))
            let result = unsafe epoll_ctl(watch, EPOLL_CTL_ADD, connections[index].descriptor, &event)
            guard result == 0 else { fail("epoll_ctl failed (errno \(errno))") }
        }
    }

    mutating func ask(_ index: Int) {
        connections[index].received.removeAll(keepingCapacity: true)
        connections[index].sentAt = .now
        send(requests[next % requests.count], to: connections[index].descriptor)
        next += 1
    }

    mutating func run(for limit: Duration) {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        var buffer = [UInt8](repeating: 0, count: 65536)
        let start = ContinuousClock.now
        for index in connections.indices { ask(index) }
        while ContinuousClock.now - start < limit {
            let ready = unsafe epoll_wait(watch, &events, 64, 1000)
            for position in 0..<max(0, Int(ready)) {
                let index = Int(unsafe events[position].data.u64)
                let received = unsafe read(connections[index].descriptor, &buffer, 65536)
                guard received > 0 else { fail("the daemon closed a connection") }
                connections[index].received += buffer.prefix(received)
                guard end(of: connections[index].received) != nil else { continue }
                durations.append((ContinuousClock.now - connections[index].sentAt) / .microseconds(1))
                ask(index)
            }
        }
    }
}

let idle = (0..<(arguments.count == 6 ? Int(arguments[5]) ?? 0 : 0)).map { _ in connected(arguments[1]) }
var load = Load(requests, socket: arguments[1], count: count)
load.run(for: .seconds(seconds))
let durations = load.durations.sorted()
guard !durations.isEmpty else { fail("nothing was answered") }
print(
    durations.count / seconds, Int(durations[durations.count / 2]),
    Int(durations[min(durations.count - 1, durations.count * 99 / 100)]))
for descriptor in idle { close(descriptor) }

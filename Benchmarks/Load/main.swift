// Asks a daemon's insurance over its Unix socket from many connections at once, one request after the other on each.
//
//     load-benchmark SOCKET NUMBERS CONNECTIONS SECONDS [IDLE]
//
// NUMBERS is a file of personal numbers, one a line, all of them insured. IDLE further connections are opened and say
// nothing. Prints one line: answers a second, p50 and p99 in microseconds. Ends with 2 when an answer is not one.
//
// One thread waits for all connections, as redis-benchmark does, since it shares its processors with what it measures. Of
// every answer it looks at the status and the length; every 256th is read as JSON and held against its question.
import CMicroHTTPD
import Foundation

/// An answer as far as the one who asked for `number` can tell a true one.
struct Decision: Decodable {
    struct Person: Decodable { let personalNumber: String }
    let code: String
    let person: Person
}

/// One connection: when its request was sent, what was asked, and how much of the answer is here.
struct Connection {
    let descriptor: Int32
    var question = 0
    var sentAt: UInt64 = 0
    var received = 0
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

/// Nanoseconds of a clock that never goes back.
func now() -> UInt64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

let arguments = CommandLine.arguments
guard arguments.count == 5 || arguments.count == 6, let count = Int(arguments[3]), let seconds = Int(arguments[4]),
    let text = try? String(contentsOfFile: arguments[2], encoding: .utf8)
else { fail("usage: load-benchmark SOCKET NUMBERS CONNECTIONS SECONDS [IDLE]") }
let numbers = text.split(separator: "\n")
guard !numbers.isEmpty else { fail("there are no numbers") }

/// All connections, and what was measured on them.
@safe struct Load {
    /// Room for one answer.
    static let answerLimit = 16384

    let numbers: [Substring]
    /// All requests, one behind the other, and where each begins.
    let requests: UnsafeMutablePointer<UInt8>
    let starts: [Int]
    let answers: UnsafeMutablePointer<UInt8>
    let watch = epoll_create1(0)
    var connections: [Connection]
    var asked = 0
    /// Microseconds from request to answer.
    var durations: [UInt32] = []

    init(_ numbers: [Substring], socket: String, count: Int) {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for number in numbers {
            let body = "{\"personalNumber\":\"\(number)\"}"
            starts.append(bytes.count)
            bytes += Array(
                """
                POST /v1/insurance HTTP/1.1\r\nHost: cccd\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
                """.utf8)
        }
        starts.append(bytes.count)
        self.numbers = numbers
        self.starts = starts
        unsafe requests = .allocate(capacity: bytes.count)
        unsafe requests.initialize(from: bytes, count: bytes.count)
        unsafe answers = .allocate(capacity: count * Self.answerLimit)
        connections = (0..<count).map { _ in Connection(descriptor: connected(socket)) }
        durations.reserveCapacity(10_000_000)
        for index in connections.indices {
            var event = unsafe epoll_event(
                events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data_t(u64: UInt64(index)))
            let result = unsafe epoll_ctl(watch, EPOLL_CTL_ADD, connections[index].descriptor, &event)
            guard result == 0 else { fail("epoll_ctl failed (errno \(errno))") }
        }
    }

    mutating func ask(_ index: Int, at time: UInt64) {
        let question = asked % numbers.count
        asked += 1
        connections[index].question = question
        connections[index].received = 0
        connections[index].sentAt = time
        let (start, end) = (starts[question], starts[question + 1])
        let sent = unsafe write(connections[index].descriptor, requests + start, end - start)
        guard sent == end - start else { fail("a request could not be sent (errno \(errno))") }
    }

    /// Whether the whole answer is here.
    func isWhole(_ index: Int) -> Bool {
        let (answer, count) = unsafe (answers + index * Self.answerLimit, connections[index].received)
        guard let headCount = unsafe offset(of: "\r\n\r\n", in: answer, count) else { return false }
        guard unsafe memcmp(answer, "HTTP/1.1 200 ", 13) == 0 else {
            fail("an answer is no decision: \(unsafe text(answer, min(count, 400)))")
        }
        guard let field = unsafe offset(of: "\r\nContent-Length: ", in: answer, headCount) else {
            fail("an answer has no length: \(unsafe text(answer, headCount))")
        }
        var length = 0
        var digit = unsafe answer + field + 18
        while unsafe (0x30...0x39).contains(digit.pointee) {
            length = unsafe length * 10 + Int(digit.pointee - 0x30)
            unsafe digit += 1
        }
        guard headCount + 4 + length <= Self.answerLimit else { fail("an answer is too long") }
        guard count >= headCount + 4 + length else { return false }
        if durations.count % 256 == 0 { unsafe check(index, answer + headCount + 4, length) }
        return true
    }

    /// Where `mark`, which begins with a carriage return, stands first.
    private func offset(of mark: StaticString, in bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int? {
        var start = 0
        while start + mark.utf8CodeUnitCount <= count, let found = unsafe memchr(bytes + start, 0x0D, count - start) {
            start = unsafe found - UnsafeMutableRawPointer(bytes)
            guard start + mark.utf8CodeUnitCount <= count else { return nil }
            if unsafe memcmp(found, mark.utf8Start, mark.utf8CodeUnitCount) == 0 { return start }
            start += 1
        }
        return nil
    }

    private func check(_ index: Int, _ body: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let number = numbers[connections[index].question]
        guard let decision = try? JSONDecoder().decode(Decision.self, from: unsafe Data(bytes: body, count: count)),
            decision.person.personalNumber == number
        else { fail("an answer is not that to its question: \(unsafe text(body, count))") }
    }

    private func text(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> String {
        unsafe String(decoding: UnsafeMutableBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    mutating func run(for seconds: Int) {
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 256)
        let start = now()
        let end = start + UInt64(seconds) * 1_000_000_000
        for index in connections.indices { ask(index, at: now()) }
        var time = start
        while time < end {
            let ready = unsafe epoll_wait(watch, events, 256, 1000)
            for position in 0..<max(0, Int(ready)) {
                let index = Int(unsafe events[position].data.u64)
                let filled = connections[index].received
                let received = unsafe recv(
                    connections[index].descriptor, answers + index * Self.answerLimit + filled,
                    Self.answerLimit - filled, Int32(MSG_DONTWAIT))
                // What an event told of may have been read with what came before.
                if received < 0, errno == EAGAIN { continue }
                guard received > 0 else { fail("the daemon closed a connection (errno \(errno))") }
                connections[index].received = filled + received
                guard isWhole(index) else { continue }
                time = now()
                durations.append(UInt32(clamping: (time - connections[index].sentAt) / 1000))
                ask(index, at: time)
            }
            if ready <= 0 { time = now() }
        }
    }
}

let idle = (0..<(arguments.count == 6 ? Int(arguments[5]) ?? 0 : 0)).map { _ in connected(arguments[1]) }
var load = Load(numbers, socket: arguments[1], count: count)
load.run(for: seconds)
let durations = load.durations.sorted()
guard !durations.isEmpty else { fail("nothing was answered") }
print(
    durations.count / seconds, durations[durations.count / 2],
    durations[min(durations.count - 1, durations.count * 99 / 100)])
for descriptor in idle { close(descriptor) }

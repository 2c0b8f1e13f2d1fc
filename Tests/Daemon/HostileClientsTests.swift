import Crypto
import Dispatch
import FoundationEssentials
import Glibc
import Testing

@testable import Daemon

/// Something that a stranger sends, and what may come of it.
private struct Attack: Sendable, CustomStringConvertible {
    var description: String
    var bytes: [UInt8]
    /// The statuses that it may be answered with; empty when it deserves none.
    var statuses: Set<Int>
    var isOverLoopback = false
    /// Whether nothing more comes, so that the daemon has to end it.
    var isHalf = false

    init(
        _ description: String, _ text: String, _ statuses: Set<Int>, isOverLoopback: Bool = false, isHalf: Bool = false
    ) {
        self.description = description
        bytes = Array(text.utf8)
        self.statuses = statuses
        self.isOverLoopback = isOverLoopback
        self.isHalf = isHalf
    }

    static func post(
        _ description: String, body: [UInt8], type: String = "application/json", _ statuses: Set<Int>
    ) -> Attack {
        var attack = Attack(
            description,
            "POST /v1/insurance HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n",
            statuses)
        attack.bytes += body
        return attack
    }

    static let number = Array("{\"personalNumber\":\"\(InventedPerson.personalNumber)\"}".utf8)

    /// - Parameter port: That of the loopback.
    static func all(port: Int) -> [Attack] {
        let host = "Host: localhost:\(port)\r\n"
        let deep = Array(String(repeating: "[", count: 200_000).utf8)
        return [
            Attack("a half request line", "POST /v1/ins", [], isHalf: true),
            Attack("a half header", "POST /v1/insurance HTTP/1.1\r\nHost: x\r\nContent-Le", [], isHalf: true),
            Attack(
                "a half body",
                "POST /v1/insurance HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 35\r\n\r\n{\"pers",
                [], isHalf: true),
            Attack(
                "a long header", "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "y", count: 500_000))\r\n\r\n",
                [431]),
            Attack(
                "many headers", "GET / HTTP/1.1\r\nHost: x\r\n\(String(repeating: "A: b\r\n", count: 9000))\r\n", [431]),
            Attack("a long target", "GET /\(String(repeating: "a", count: 8000)) HTTP/1.1\r\nHost: x\r\n\r\n", [414]),
            .post("a body of three megabytes", body: [UInt8](repeating: 0x20, count: 3 << 20), [413]),
            .post("deep lists", body: deep, [422]),
            .post("a deep member", body: Array("{\"personalNumber\":".utf8) + deep, [422]),
            .post("deep objects", body: Array(String(repeating: "{\"a\":", count: 50_000).utf8), [422]),
            .post("UTF-16", body: number.flatMap { [$0, 0] }, [422]),
            .post(
                "no UTF-8", body: Array("{\"personalNumber\":\"".utf8) + [0xC0, 0xAF, 0xFF] + Array("\"}".utf8), [422]),
            .post("a foreign charset", body: number, type: "application/json; charset=iso-8859-1", [415]),
            .post("no JSON at all", body: number, type: "text/plain", [415]),
            .post("numbers for texts", body: Array("{\"personalNumber\":1e999}".utf8), [422]),
            Attack("nonsense", "\u{1}\u{2}\u{3} \r\n\r\n", [400]),
            Attack(
                "another coding",
                "POST /v1/insurance HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n",
                [400]),
            Attack(
                "a foreign host", "GET /v1/health HTTP/1.1\r\nHost: evil.example:\(port)\r\n\r\n", [403, 421],
                isOverLoopback: true),
            Attack("no token", "GET /v1/health HTTP/1.1\r\n\(host)\r\n", [401], isOverLoopback: true),
            Attack(
                "a wrong token", "GET /v1/health HTTP/1.1\r\n\(host)Authorization: Bearer guessed\r\n\r\n", [401],
                isOverLoopback: true),
            Attack(
                "a foreign page", "GET /v1/health HTTP/1.1\r\n\(host)Origin: https://evil.example\r\n\r\n", [403],
                isOverLoopback: true),
        ]
    }
}

@Suite("Hostile clients", .serialized)
struct HostileClientsTests {
    /// How many connections are held open, and how often each attack is made; `make hostile-clients` says ten thousand.
    private static let connections = getenv("CCCD_HOSTILE_CLIENTS").flatMap { Int(String(cString: $0)) } ?? 200
    private static var rounds: Int { max(1, connections / 100) }

    private struct Behaved {
        var milliseconds: [Double] = []
        var faults: [String] = []

        /// The median, that of 99 %, and the longest.
        var figures: String {
            let sorted = milliseconds.sorted()
            guard let longest = sorted.last else { return "none" }
            let (half, most) = (sorted[sorted.count / 2], sorted[sorted.count * 99 / 100])
            return "\(sorted.count) answers, median \(half) ms, 99 % \(most) ms, longest \(longest) ms"
        }
    }

    private static func daemon() throws -> (daemon: TestDaemon, port: UInt16) {
        let probe = try ListeningSocket.bindLoopback(port: 0)
        let port = try #require(SystemCalls.boundPort(probe.descriptor))
        let daemon = try TestDaemon(isStarted: false) {
            $0.loopback.port = Int(port)
            $0.http.connections = max(50, connections / 10)
            $0.http.requestTimeLimit = 2
        }
        return (daemon, port)
    }

    /// Asks one question after the other, each on a new connection, until told to end. What was sent must be answered; who
    /// was taken for silent before he came to send anything comes again.
    private static func behave(_ path: String, until isOver: () -> Bool) -> Behaved {
        var behaved = Behaved()
        while !isOver() {
            let start = ContinuousClock.now
            do {
                let reply = try TestClient.request(
                    path, "POST /v1/insurance", body: "{\"personalNumber\":\"\(InventedPerson.personalNumber)\"}",
                    again: true)
                if reply?.status != 200 { behaved.faults.append("answered \(reply?.status ?? 0)") }
            } catch {
                behaved.faults.append("\(error)")
            }
            behaved.milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
            usleep(5000)
        }
        return behaved
    }

    /// Makes an attack once; tells what went wrong.
    private static func make(_ attack: Attack, at path: String, port: UInt16) -> String? {
        do {
            let client = attack.isOverLoopback ? try TestClient(port: port) : try TestClient(path)
            client.send(attack.bytes)
            let answer = client.answer()
            if let answer {
                return attack.statuses.contains(answer.status) ? nil : "\(attack): answered \(answer.status)"
            }
            // Without an answer the connection must have been ended, not forgotten.
            guard attack.isHalf || attack.statuses.contains(400) || attack.statuses.contains(431) else {
                return "\(attack): not answered"
            }
            return errno == EAGAIN ? "\(attack): left open" : nil
        } catch {
            return "\(attack): \(error)"
        }
    }

    @Test("each attack gets its error, beside each other, and who behaves gets every answer")
    func attacks() throws {
        let (daemon, port) = try Self.daemon()
        try daemon.daemon.start()
        let path = daemon.path
        defer { daemon.daemon.stop() }
        let isOver = Cancellation()
        let behaved = Guarded(Behaved())
        let faults = Guarded<[String]>([])
        let attacks = Attack.all(port: Int(port))
        DispatchQueue.concurrentPerform(iterations: 7) { thread in
            guard thread > 0 else {
                let result = Self.behave(path) { isOver.isCancelled }
                behaved.withLock { $0 = result }
                return
            }
            // The last thread makes the half requests, which take their time.
            let own = attacks.filter { $0.isHalf == (thread == 6) }
            for _ in 0..<(thread == 6 ? 1 : Self.rounds) {
                for attack in own.shuffled() {
                    if let fault = Self.make(attack, at: path, port: port) { faults.withLock { $0.append(fault) } }
                }
            }
            if thread == 6 { isOver.cancel() }
        }
        #expect(faults.withLock { $0 } == [])
        let result = behaved.withLock { $0 }
        #expect(result.faults == [])
        #expect(result.milliseconds.count > 1)
        if Self.connections > 1000 { print("beside attacks: \(result.figures)") }
    }

    @Test("thousands of connections that say nothing, or begin and never end, keep nobody out")
    func flood() throws {
        let (daemon, _) = try Self.daemon()
        try daemon.daemon.start()
        let path = daemon.path
        defer { daemon.daemon.stop() }
        SystemCalls.allowDescriptors(2 * Self.connections + 1000)
        let quiet = Cancellation()
        let alone = Guarded(Behaved())
        let beside = Guarded(Behaved())
        let faults = Guarded<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            if thread == 0 {
                let end = ContinuousClock.now + .milliseconds(Self.connections > 1000 ? 3000 : 200)
                let first = Self.behave(path) { ContinuousClock.now > end }
                alone.withLock { $0 = first }
                quiet.cancel()
                let second = Self.behave(path) { faults.withLock { !$0.isEmpty } }
                beside.withLock { $0 = second }
                return
            }
            while !quiet.isCancelled { usleep(1000) }
            var held: [TestClient] = []
            do {
                for number in 0..<Self.connections {
                    let client = try TestClient(path)
                    if number % 2 == 0 { client.send("POST /v1/insurance HTTP/1.1\r\nHost: x\r\n") }
                    held.append(client)
                }
                faults.withLock { $0.append("done") }
            } catch {
                faults.withLock { $0.append("\(error)") }
            }
            withExtendedLifetime(held) {}
        }
        #expect(faults.withLock { $0 } == ["done"])
        let (before, during) = (alone.withLock { $0 }, beside.withLock { $0 })
        #expect(before.faults == [])
        #expect(during.faults == [])
        #expect(!during.milliseconds.isEmpty)
        if Self.connections > 1000 {
            print("alone: \(before.figures)")
            print("beside \(Self.connections) connections: \(during.figures)")
        }
    }
}

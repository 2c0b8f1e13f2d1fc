import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Daemon

@Suite("HTTP server with many requests")
struct HTTPConcurrencyTests {
    @Test("a slow answer holds up nobody")
    func slowAnswer() throws {
        let server = try TestServer()
        let slow = try TestClient(server.path)
        slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.hasBegun.wait()
        #expect(try TestClient.request(server.path, "GET /")?.text == "root")
        #expect(try TestClient.request(server.path, "POST /echo", body: "{}")?.text == "{}")
        server.mayEnd.signal()
        #expect(slow.answer()?.text == "slow")
    }

    @Test("work for a caller who goes away is cancelled")
    func departure() throws {
        let server = try TestServer()
        var client: TestClient? = try TestClient(server.path)
        client?.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.hasBegun.wait()
        client = nil
        #expect(server.wasCancelled.wait(timeout: .now() + 30) == .success)
        server.mayEnd.signal()
    }

    @Test("work for a caller who merely sends no more is not cancelled")
    func halfClose() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        client.finishSending()
        server.hasBegun.wait()
        server.mayEnd.signal()
        #expect(client.answer()?.text == "slow")
        #expect(server.wasCancelled.wait(timeout: .now()) == .timedOut)
    }

    @Test("sixteen callers with two hundred requests each are all answered, each with his own answer")
    func manyCallers() throws {
        let server = try TestServer()
        let wrong = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 16) { caller in
            guard let client = try? TestClient(server.path) else {
                wrong.add(1, ordering: .relaxed)
                return
            }
            for number in 0..<200 {
                let body = "\"\(caller)-\(number)\""
                client.send(
                    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                if client.answer()?.text != body { wrong.add(1, ordering: .relaxed) }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test("stopping finishes the request that runs, refuses what comes after, and removes the socket")
    func stopping() throws {
        let server = try TestServer()
        let running = try TestClient(server.path)
        let idle = try TestClient(server.path)
        idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(idle.answer()?.status == 200)
        running.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.hasBegun.wait()

        let hasStopped = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            server.server.stop(grace: .seconds(60))
            hasStopped.signal()
        }
        while SystemCalls.identity(of: server.path) != nil { usleep(1000) }
        #expect(throws: SystemCallError.self) { try TestClient(server.path) }
        idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        let refusal = try #require(idle.answer())
        #expect(refusal.status == 503)
        #expect(refusal.text.contains("urn:cccd:problem:stopping"))
        #expect(hasStopped.wait(timeout: .now()) == .timedOut)

        server.mayEnd.signal()
        let answer = try #require(running.answer())
        #expect(answer.text == "slow")
        #expect(answer.headers["connection"]?.lowercased() == "close")
        #expect(hasStopped.wait(timeout: .now() + 30) == .success)
        #expect(running.isClosedByDaemon())
    }

    @Test("a request that does not end within the grace is cancelled and answered all the same")
    func impatientStop() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.hasBegun.wait()
        server.server.stop(grace: .zero)
        #expect(client.answer()?.status == 503)
        #expect(server.wasCancelled.wait(timeout: .now()) == .success)
        server.mayEnd.signal()
    }

    @Test("a thousand connections leave no descriptor behind")
    func descriptors() throws {
        let server = try TestServer()
        func openDescriptors() -> Int {
            // Counts by asking for the lowest free numbers, since other tests run beside this one only in small numbers.
            (0..<4096).count { fcntl(Int32($0), F_GETFD) >= 0 }
        }
        for _ in 0..<50 { _ = try TestClient.request(server.path, "POST /echo", body: "{}") }
        let before = openDescriptors()
        for _ in 0..<1000 { _ = try TestClient.request(server.path, "POST /echo", body: "{}") }
        #expect(openDescriptors() < before + 200)
    }
}

@Suite("Listening socket")
struct ListeningSocketTests {
    private let folder = TestFolder()

    @Test("the socket has exactly the mode asked for", arguments: [0o600, 0o660, 0o666] as [UInt32])
    func mode(mode: UInt32) throws {
        let socket = try ListeningSocket.bind(path: folder.file("socket"), mode: mode)
        var status = stat()
        #expect(stat(socket.path, &status) == 0)
        #expect(status.st_mode & 0o777 == mode)
    }

    @Test("the socket left by a daemon that died is replaced")
    func stale() throws {
        let path = folder.file("socket")
        let dead = try SystemCalls.unixSocket()
        try SystemCalls.bind(dead, to: path)
        SystemCalls.close(dead)
        let socket = try ListeningSocket.bind(path: path, mode: 0o600)
        #expect(throws: Never.self) { try TestClient(socket.path) }
    }

    @Test("the socket of a living daemon is left alone")
    func live() throws {
        let path = folder.file("socket")
        let first = try ListeningSocket.bind(path: path, mode: 0o600)
        #expect(throws: DaemonError.socketInUse(path: path)) { try ListeningSocket.bind(path: path, mode: 0o600) }
        #expect(throws: Never.self) { try TestClient(first.path) }
    }

    @Test("a file that is no socket is left alone")
    func otherFile() throws {
        folder.write("precious", to: "socket")
        let path = folder.file("socket")
        #expect(throws: DaemonError.notASocket(path: path)) { try ListeningSocket.bind(path: path, mode: 0o600) }
        #expect(SystemCalls.identity(of: path) != nil)
    }

    @Test("the file is removed at the end, unless another daemon's socket stands there by then")
    func removal() throws {
        let path = folder.file("socket")
        var socket: ListeningSocket? = try .bind(path: path, mode: 0o600)
        #expect(socket != nil)
        socket = nil
        #expect(SystemCalls.identity(of: path) == nil)

        let first = try ListeningSocket.bind(path: path, mode: 0o600)
        try SystemCalls.unlink(path)
        let second = try ListeningSocket.bind(path: path, mode: 0o600)
        first.removeFile()
        #expect(SystemCalls.identity(of: path) != nil)
        second.removeFile()
        #expect(SystemCalls.identity(of: path) == nil)
    }

    @Test(
        "a path that cannot be a socket's is refused with the reason",
        arguments: ["relative/socket", "/nowhere/at/all/socket", "/tmp/" + String(repeating: "x", count: 200)])
    func unusable(path: String) {
        #expect {
            try ListeningSocket.bind(path: path, mode: 0o600)
        } throws: { error in
            if case DaemonError.socketUnusable(path, _) = error { true } else { false }
        }
    }

    @Test("of many daemons that start at once exactly one gets the socket")
    func race() {
        let path = folder.file("socket")
        let winners = Guarded<[ListeningSocket]>([])
        DispatchQueue.concurrentPerform(iterations: 16) { _ in
            if let socket = try? ListeningSocket.bind(path: path, mode: 0o600) {
                winners.withLock { $0.append(socket) }
            }
        }
        #expect(winners.withLock { $0.count } == 1)
        winners.withLock { $0 = [] }
    }

    @Test("an inherited socket serves, keeps its file, and must be a listening one")
    func inherited() throws {
        let path = folder.file("socket")
        let made = try SystemCalls.unixSocket()
        #expect {
            try ListeningSocket.adopt(descriptor: made)
        } throws: { error in
            if case DaemonError.socketUnusable = error { true } else { false }
        }
        try SystemCalls.bind(made, to: path)
        try SystemCalls.listen(made, backlog: 5)
        var socket: ListeningSocket? = try .adopt(descriptor: made)
        #expect(throws: Never.self) { try TestClient(path) }
        #expect(socket != nil)
        socket = nil
        #expect(SystemCalls.identity(of: path) != nil)
        unlink(path)
    }
}

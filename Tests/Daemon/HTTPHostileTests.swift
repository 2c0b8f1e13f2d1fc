import Dispatch
import Glibc
import Testing

@testable import Daemon

@Suite("HTTP server beside hostile callers")
struct HTTPHostileTests {
    private func isAlive(_ server: TestServer) throws -> Bool {
        try TestClient.request(server.path, "GET /")?.text == "root"
    }

    @Test("a body longer than allowed is refused, whether it is announced or not, and the connection goes on")
    func largeBody() throws {
        var limits = HTTPLimits()
        limits.bodyBytes = 1000
        let server = try TestServer(limits)
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        let client = try TestClient(server.path)

        client.send(head + "Content-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1001))
        #expect(client.answer()?.status == 413)
        let chunk = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"
        client.send(head + "Transfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)\(chunk)0\r\n\r\n")
        #expect(client.answer()?.status == 413)
        client.send(head + "Content-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000))
        #expect(client.answer()?.body.count == 1000)
    }

    @Test("a body announced far too long is refused before it comes")
    func hugeBody() throws {
        let server = try TestServer()
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for announced in ["99999999999", "18446744073709551615", "184467440737095516150", "-1", "1x"] {
            let client = try TestClient(server.path)
            client.send(head + "Content-Length: \(announced)\r\n\r\n")
            let status = try #require(client.answer()?.status)
            #expect(status == 413 || status == 400)
        }
        #expect(try isAlive(server))
    }

    @Test("who asks before he sends is refused before he sends")
    func expectation() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        let head = "HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        client.send("POST /echo \(head)Content-Length: 4000000\r\n\r\n")
        #expect(client.answer()?.status == 413)

        let other = try TestClient(server.path)
        other.send("POST /echo \(head)Content-Length: 2\r\n\r\n")
        #expect(other.answer()?.status == 100)
        other.send("{}")
        #expect(other.answer()?.text == "{}")
    }

    @Test("chunks without end are cut off")
    func endlessChunks() throws {
        var limits = HTTPLimits()
        limits.bodyBytes = 100_000
        let server = try TestServer(limits)
        let client = try TestClient(server.path)
        client.send(
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = Array(("ffff\r\n" + String(repeating: "x", count: 0xffff) + "\r\n").utf8)
        var sent = 0
        while sent < 10_000, client.send(chunk) { sent += 1 }
        #expect(sent < 10_000)
        #expect(try isAlive(server))
    }

    @Test("two lengths, a length beside chunks, and other codings than chunks are refused")
    func ambiguousLength() throws {
        let server = try TestServer()
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        let client = try TestClient(server.path)
        client.send(head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
        #expect(client.answer()?.status == 400)

        let other = try TestClient(server.path)
        other.send(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}")
        #expect(other.answer()?.status == 400)

        for coding in ["gzip", "gzip, chunked", "chunked, chunked", "identity"] {
            let client = try TestClient(server.path)
            client.send(head + "Transfer-Encoding: \(coding)\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
            #expect(client.answer()?.status == 400)
        }
    }

    @Test("header fields over the limit are refused", arguments: [17_000, 60_000, 1_000_000])
    func largeHeaders(count: Int) throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "y", count: count))\r\n\r\n")
        #expect(client.answer()?.status == 431)
        #expect(try isAlive(server))
    }

    @Test("ten thousand header fields are refused")
    func manyHeaders() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 10_000) + "\r\n")
        #expect(client.answer()?.status == 431)
        #expect(try isAlive(server))
    }

    @Test(
        "what is not HTTP, or not UTF-8, gets an error or nothing, and the server goes on",
        arguments: [
            Array("nonsense\r\n\r\n".utf8),
            Array("\r\n\r\n\r\n\r\n".utf8),
            Array("GET / HTTP/9.9\r\nHost: x\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n: no name\r\n\r\n".utf8),
            Array("G\u{0}T / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03],
            [UInt8](repeating: 0, count: 100_000),
            [UInt8](repeating: 0xFF, count: 100_000),
            Array("GET /".utf8) + [0xFF, 0xFE] + Array(" HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\nHost: ".utf8) + [0xC3, 0x28] + Array("\r\n\r\n".utf8),
            Array("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8),
        ])
    func nonsense(bytes: [UInt8]) throws {
        var limits = HTTPLimits()
        limits.requestSeconds = 1
        let server = try TestServer(limits)
        let client = try TestClient(server.path)
        client.send(bytes)
        client.finishSending()
        if let answer = client.answer() { #expect((400..<500).contains(answer.status) || answer.status == 505) }
        #expect(try isAlive(server))
    }

    @Test("a caller who says that he sends no more still gets his answer")
    func halfClosed() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        client.finishSending()
        #expect(client.answer()?.text == "{}")
    }

    @Test("half requests are closed when their time is over, while others are served")
    func halfRequests() throws {
        var limits = HTTPLimits()
        limits.requestSeconds = 1
        let server = try TestServer(limits)
        let halves = [
            "", "G", "GET / HTTP/1.1\r\nHos", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        ]
        let clients = try halves.map { half in
            let client = try TestClient(server.path)
            client.send(half)
            return client
        }
        #expect(try isAlive(server))
        for client in clients { #expect(client.isClosedByDaemon()) }
        #expect(try isAlive(server))
    }

    @Test("a request that drips in without end is closed, however often a byte comes")
    func dripping() throws {
        var limits = HTTPLimits()
        limits.requestSeconds = 1
        let server = try TestServer(limits)
        let client = try TestClient(server.path)
        client.send("GET / HTTP/1.1\r\nX: ")
        var drops = 0
        while drops < 300, client.send("x") {
            usleep(50_000)
            drops += 1
        }
        #expect(drops < 300)
    }

    @Test(
        "more connections than allowed take the places of those that are silent longest, never of one that is answered")
    func connectionLimit() throws {
        var limits = HTTPLimits()
        limits.connections = 5
        let server = try TestServer(limits)
        let busy = try TestClient(server.path)
        busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        server.hasBegun.wait()
        let clients = try (0..<20).map { _ in
            let client = try TestClient(server.path)
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(client.answer()?.status == 200)
            return client
        }
        for client in clients.prefix(15) { #expect(client.isClosedByDaemon()) }
        #expect(server.server.connectionCount <= 6)
        server.mayEnd.signal()
        #expect(busy.answer()?.text == "slow")
    }

    @Test("callers who go away without listening do no harm")
    func goneCallers() throws {
        let server = try TestServer()
        for _ in 0..<200 {
            let client = try TestClient(server.path)
            client.send(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        }
        #expect(try isAlive(server))
    }
}

import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Daemon

/// A server with a few calls to try it with.
final class TestServer: Sendable {
    let path: String
    let server: HTTPServer
    private let folder = TestFolder()
    private let workers = WorkerPool(label: "test", threadCount: 4, capacity: 100)
    /// What `/slow` has begun, and what it waits for.
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let wasCancelled = DispatchSemaphore(value: 0)

    init(_ limits: HTTPLimits = HTTPLimits()) throws {
        path = folder.file("socket")
        let (workers, hasBegun, mayEnd, wasCancelled) = (workers, hasBegun, mayEnd, wasCancelled)
        let router = Router(routes: [
            Route(method: "GET", template: "/", body: .none) { $1.send(.text("root")) },
            Route(method: "GET", template: "/who", body: .none) { request, reply in
                let process = request.caller.process
                reply.send(.text("\(process?.pid ?? 0) \(process?.uid ?? 0) \(process?.gid ?? 0)"))
            },
            Route(method: "GET", template: "/things/{id}", body: .none) { request, reply in
                reply.send(.text("\(request.parameters["id"] ?? "none") \(request.target.query["q"] ?? [])"))
            },
            Route(method: "POST", template: "/echo", body: .json) { request, reply in
                _ = workers.submit { reply.send(HTTPResponse(status: 200, body: request.body)) }
            },
            Route(method: "GET", template: "/slow", body: .none) { request, reply in
                request.cancellation.onCancel { wasCancelled.signal() }
                _ = workers.submit {
                    hasBegun.signal()
                    mayEnd.wait()
                    reply.send(.text("slow"))
                }
            },
            Route(method: "GET", template: "/lost", body: .none) { _, _ in },
        ])
        server = try HTTPServer(
            on: [.bind(path: path, mode: 0o600)], limits: limits, router: router, log: LogRecorder().log())
    }

    deinit { server.stop(grace: .zero) }
}

extension HTTPResponse {
    static func text(_ text: String) -> HTTPResponse {
        let body = SensitiveBytes()
        body.append(Array(text.utf8).span.bytes)
        return HTTPResponse(status: 200, body: body)
    }
}

@Suite("HTTP server")
struct HTTPServerTests {
    @Test("a request is answered, and the connection serves the next one")
    func keepAlive() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        for _ in 0..<3 {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == 200)
            #expect(answer.text == "root")
            #expect(answer.headers["cache-control"] == "no-store")
        }
    }

    @Test("requests sent one behind the other without waiting are each answered, in order")
    func pipelining() throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send((0..<20).map { "GET /things/\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        for number in 0..<20 { #expect(client.answer()?.text == "\(number) []") }
    }

    @Test("the handler is told process, user and group of the caller")
    func credentials() throws {
        let server = try TestServer()
        let answer = try TestClient.request(server.path, "GET /who")
        #expect(answer?.text == "\(getpid()) \(getuid()) \(getgid())")
    }

    @Test("path and query come percent-decoded")
    func target() throws {
        let server = try TestServer()
        let answer = try TestClient.request(server.path, "GET /things/a%2Fb%C4%90?q=1+2&q=%26&other")
        #expect(answer?.text == "a/bĐ [\"1 2\", \"&\"]")
    }

    @Test("HEAD is answered as GET without the body")
    func head() throws {
        let server = try TestServer()
        let answer = try TestClient.request(server.path, "HEAD /")
        #expect(answer?.status == 200)
        #expect(answer?.headers["content-length"] == "4")
    }

    @Test(
        "what cannot be answered is a problem with its status and its stable type",
        arguments: [
            ("GET /nothing", 404, "not-found"),
            ("GET /things/", 404, "not-found"),
            ("DELETE /", 405, "method-not-allowed"),
            ("POST /echo", 411, "length-required"),
            ("GET /%zz", 400, "malformed-request"),
            ("GET /%C3", 400, "malformed-request"),
            ("GET /things/%00", 400, "malformed-request"),
            ("GET http://other/", 400, "malformed-request"),
            ("GET /things/" + String(repeating: "x", count: 5000), 414, "target-too-long"),
            ("GET /lost", 500, "internal-error"),
        ])
    func problems(line: String, status: Int, kind: String) throws {
        let server = try TestServer()
        let answer = try #require(try TestClient.request(server.path, line))
        #expect(answer.status == status)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.text.contains("\"type\":\"urn:cccd:problem:\(kind)\""))
    }

    @Test("a method that is not offered is answered with those that are")
    func allow() throws {
        let server = try TestServer()
        #expect(try TestClient.request(server.path, "PUT /")?.headers["allow"] == "GET, HEAD")
    }

    @Test(
        "a body of another type than JSON in UTF-8 is refused",
        arguments: ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""])
    func mediaType(type: String) throws {
        let server = try TestServer()
        let client = try TestClient(server.path)
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: 2\r\n\r\n{}")
        #expect(client.answer()?.status == 415)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.answer()?.status == 200, "the connection goes on after a refusal")
    }

    @Test("a body comes through whole, at once, in pieces and in chunks")
    func bodies() throws {
        let server = try TestServer()
        let text = String(repeating: "0123456789", count: 30_000)
        #expect(try TestClient.request(server.path, "POST /echo", body: text)?.text == text)

        let client = try TestClient(server.path)
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
        client.send("\(head)\r\nContent-Length: 11\r\n\r\n")
        for piece in ["{\"a\"", ":", "\"bcd", "\"}"] {
            client.send(piece)
            usleep(2000)
        }
        #expect(client.answer()?.text == "{\"a\":\"bcd\"}")

        client.send("\(head)\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n6\r\n\":\"b\"}\r\n0\r\n\r\n")
        #expect(client.answer()?.text == "{\"a\":\"b\"}")
    }
}

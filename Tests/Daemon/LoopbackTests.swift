import Crypto
import FoundationEssentials
import Glibc
import Testing

@testable import Daemon

@Suite("Loopback port")
struct LoopbackTests {
    /// A daemon with a loopback port, a page's origin and a token for it.
    private final class Scene {
        let daemon: TestDaemon
        let port: UInt16
        static let token = "correct horse battery staple"
        static let origin = "https://desk.clinic.example"

        init(role: Role = .terminal) throws {
            let probe = try ListeningSocket.bindLoopback(port: 0)
            let free = try #require(SystemCalls.boundPort(probe.descriptor))
            port = free
            daemon = try TestDaemon(isStarted: false) {
                $0.loopback.port = Int(free)
                $0.loopback.origins = [Scene.origin]
                $0.loopback.tokens = [
                    Configuration.Token(
                        name: "page", role: role,
                        sha256: (try? Digest.hash(Array(Scene.token.utf8), with: .sha256)) ?? [])
                ]
            }
            // The probe gives its port back before the daemon takes it.
            withExtendedLifetime(probe) {}
        }

        func start() throws { try daemon.daemon.start() }

        var host: String { "Host: localhost:\(port)" }
        static let authorization = "Authorization: Bearer \(token)"

        func ask(_ line: String, _ headers: [String], body: String? = nil) throws -> TestClient.Answer? {
            let client = try TestClient(port: port)
            let length = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
            let fields = headers.map { $0 + "\r\n" }.joined()
            client.send("\(line) HTTP/1.1\r\n\(fields)\(length)\r\n\(body ?? "")")
            return client.answer(isHead: line.hasPrefix("HEAD"))
        }
    }

    private func scene(role: Role = .terminal) throws -> Scene {
        let scene = try Scene(role: role)
        try scene.start()
        return scene
    }

    @Test("a page with a token of the list is answered as its role may, and is named in the audit log")
    func token() throws {
        let scene = try scene()
        for host in [scene.host, "Host: 127.0.0.1:\(scene.port)", "Host: LOCALHOST:\(scene.port)"] {
            #expect(try scene.ask("GET /v1/health", [host, Scene.authorization])?.status == 200)
        }
        let checkIn = try scene.ask(
            "POST /v1/check-in", [scene.host, Scene.authorization], body: "{\"can\": \"012345\"}")
        #expect(checkIn?.status == 200)
        let refused = try #require(try scene.ask("GET /v1/audit", [scene.host, Scene.authorization]))
        #expect(refused.status == 403)
        #expect(refused.text.contains("\"permission\":\"audit\""))
        var last = ""
        try AuditReader(path: scene.daemon.audit).records {
            if $1.contains("check-in\"") { last = $1 }; return true
        }
        #expect(last.contains("\"caller\":\"token page\""))
    }

    @Test(
        "without a token, with a wrong one, or with two there is no answer, and the way to make oneself known is told")
    func noToken() throws {
        let scene = try scene()
        for headers in [
            [], ["Authorization: Bearer"], ["Authorization: Bearer "], ["Authorization: Bearer \(Scene.token)x"],
            ["Authorization: Basic \(Scene.token)"], [Scene.authorization, Scene.authorization],
            ["Authorization: \(Scene.token)"],
        ] {
            let answer = try #require(try scene.ask("GET /v1/health", [scene.host] + headers))
            #expect(answer.status == 401, "\(headers)")
            #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
        }
        #expect(
            try scene.ask("GET /v1/health?token=\(Scene.token.replacing(" ", with: "+"))", [scene.host])?.status == 401)
    }

    @Test("a request under another name, as a rebound one is, is not answered")
    func rebinding() throws {
        let scene = try scene()
        for host in [
            "Host: evil.example", "Host: evil.example:\(scene.port)", "Host: localhost", "Host: localhost:1",
            "Host: localhost.evil.example:\(scene.port)", "Host: 127.0.0.1.\(scene.port)", "Host:",
        ] {
            #expect(try scene.ask("GET /v1/health", [host, Scene.authorization])?.status == 421, "\(host)")
        }
        let twice = try scene.ask("GET /v1/health", [scene.host, "Host: evil.example", Scene.authorization])
        #expect(twice?.status != 200)
    }

    @Test("a page of a strange origin is refused, with a token too, and may not even read that")
    func origin() throws {
        let scene = try scene()
        for origin in [
            "https://evil.example", "null", "http://desk.clinic.example", "\(Scene.origin).evil.example", "",
        ] {
            let answer = try #require(
                try scene.ask("GET /v1/health", [scene.host, "Origin: \(origin)", Scene.authorization]))
            #expect(answer.status == 403, "\(origin)")
            #expect(answer.headers.keys.allSatisfy { !$0.hasPrefix("access-control") })
        }
        let ours = try #require(
            try scene.ask("GET /v1/health", [scene.host, "Origin: \(Scene.origin)", Scene.authorization]))
        #expect(ours.status == 200)
        #expect(ours.headers["access-control-allow-origin"] == Scene.origin)
        #expect(ours.headers["vary"] == "origin")
        // It may read why it is refused, too.
        let refused = try #require(try scene.ask("GET /v1/health", [scene.host, "Origin: \(Scene.origin)"]))
        #expect(refused.status == 401)
        #expect(refused.headers["access-control-allow-origin"] == Scene.origin)
        let none = try #require(try scene.ask("GET /v1/health", [scene.host, Scene.authorization]))
        #expect(none.headers["access-control-allow-origin"] == nil)
    }

    @Test("a browser that asks beforehand is told what pages of the list may send, and nothing for strangers")
    func preflight() throws {
        let scene = try scene()
        func ask(_ origin: String, host: String? = nil) throws -> TestClient.Answer? {
            try scene.ask(
                "OPTIONS /v1/check-in",
                [
                    host ?? scene.host, "Origin: \(origin)", "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Headers: authorization,content-type",
                ])
        }
        let answer = try #require(try ask(Scene.origin))
        #expect(answer.status == 204)
        #expect(answer.headers["access-control-allow-origin"] == Scene.origin)
        #expect(answer.headers["access-control-allow-headers"]?.contains("authorization") == true)
        #expect(answer.headers["access-control-allow-credentials"] == nil)
        #expect(try ask("https://evil.example")?.status == 403)
        #expect(try ask("https://evil.example")?.headers["access-control-allow-origin"] == nil)
        #expect(try ask(Scene.origin, host: "Host: evil.example")?.status == 421)
        #expect(try scene.ask("OPTIONS /v1/check-in", [scene.host, Scene.authorization])?.status == 405)
    }

    @Test("what protects the port does not concern the Unix socket")
    func unixSocket() throws {
        let scene = try scene()
        #expect(try scene.daemon.get("/v1/health").status == 200)
        let answer = try TestClient.request(
            scene.daemon.path, "GET /v1/health", headers: ["Origin: https://evil.example"])
        #expect(answer?.headers["access-control-allow-origin"] == nil)
    }

    @Test("only this machine can reach the port")
    func bound() throws {
        let socket = try ListeningSocket.bindLoopback(port: 0)
        #expect(socket.isInternet)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket.descriptor, $0, &size) }
        }
        #expect(UInt32(bigEndian: address.sin_addr.s_addr) == 0x7F00_0001)
    }

    @Test(
        "what is no origin, no hash or no name is refused by its place",
        arguments: [
            ("{origins: ['*']}", "loopback.origins"), ("{origins: ['desk.example']}", "loopback.origins"),
            ("{origins: ['https://desk.example/']}", "loopback.origins"),
            ("{origins: ['https://*.example']}", "loopback.origins"), ("{port: 70000}", "loopback.port"),
            ("{tokens: [{name: 'a', role: 'terminal', sha256: 'ab'}]}", "loopback.tokens[0].sha256"),
            ("{tokens: [{name: 'a b', role: 'terminal'}]}", "loopback.tokens[0].name"),
            ("{tokens: [{name: 'a'}]}", "loopback.tokens[0].role"),
        ])
    func configuration(text: String, key: String) {
        #expect {
            try Configuration(json5: Data("{loopback: \(text)}".utf8))
        } throws: { error in
            if case DaemonError.invalidValue(key, _) = error { true } else { false }
        }
    }
}

@Suite("Metrics")
struct MetricsTests {
    @Test("what was done is counted, in Prometheus' format, and names nobody")
    func counts() throws {
        let daemon = try TestDaemon()
        _ = try daemon.checkIn()
        _ = try daemon.checkIn("{}")
        _ = try daemon.post("/v1/insurance", "{\"personalNumber\": \"\(InventedPerson.personalNumber)\"}")
        _ = try TestClient.request(daemon.path, "GET /v1/people/\(InventedPerson.personalNumber)")
        let answer = try #require(try TestClient.request(daemon.path, "GET /metrics"))
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = answer.text.split(separator: "\n").map(String.init)
        for line in [
            "cccd_build_info{version=\"1.2.3\"} 1", "cccd_check_ins_total{outcome=\"genuine\"} 1",
            "cccd_check_in_problems_total{problem=\"invalid-request\"} 1",
            "cccd_insurance_answers_total{code=\"insured\"} 2", "cccd_check_in_duration_seconds_count 1",
            "cccd_check_in_duration_seconds_bucket{le=\"+Inf\"} 1", "cccd_insurance_duration_seconds_count 1",
            "cccd_http_requests_total{route=\"POST /v1/check-in\",status=\"200\"} 1",
            "cccd_http_requests_total{route=\"none\",status=\"404\"} 1", "cccd_readers 1", "cccd_cards 1",
            "cccd_trust_anchors 1", "cccd_registry_rows 3", "cccd_queue 0",
        ] { #expect(lines.contains(line), "\(line)") }
        for value in InventedPerson.values { #expect(!answer.text.contains(value), "\(value)") }
        // The format: every sample belongs to the family that was announced before it.
        var family = ""
        for line in lines {
            if line.hasPrefix("# TYPE ") { family = String(line.split(separator: " ")[2]) }
            if !line.hasPrefix("#") { #expect(line.hasPrefix(family), "\(line)") }
        }
    }

    @Test("a histogram's buckets hold what lasted at most so long")
    func histogram() {
        let metrics = Metrics()
        for milliseconds in [100, 400, 900, 90_000] {
            metrics.observe(.checkInDuration, .milliseconds(milliseconds))
        }
        var text = MetricsText()
        metrics.write(to: &text)
        #expect(text.text.contains("cccd_check_in_duration_seconds_bucket{le=\"0.25\"} 1\n"))
        #expect(text.text.contains("cccd_check_in_duration_seconds_bucket{le=\"0.5\"} 2\n"))
        #expect(text.text.contains("cccd_check_in_duration_seconds_bucket{le=\"30.0\"} 3\n"))
        #expect(text.text.contains("cccd_check_in_duration_seconds_bucket{le=\"+Inf\"} 4\n"))
        #expect(text.text.contains("cccd_check_in_duration_seconds_sum 91.4\n"))
    }

    @Test("a label's value cannot leave its quotation marks")
    func escaping() {
        var text = MetricsText()
        text.sample("x", [("l", "a\"b\\c\nd")], 1.5)
        #expect(text.text == "x{l=\"a\\\"b\\\\c\\nd\"} 1.5\n")
    }
}

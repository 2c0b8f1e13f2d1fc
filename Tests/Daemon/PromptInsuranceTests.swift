import Foundation
import Registry
import Testing

@testable import Daemon

/// A daemon with a registry of one person in a file.
private final class Scene {
    let folder = TestFolder()
    let path: String
    let daemon: CheckInDaemon

    init(_ configure: (inout Configuration) -> Void = { _ in }) throws {
        let rows = """
            personalNumber,cardNumber,fullName,birthDate,validFrom,validTo
            001190012345,GD4010190012345,Nguyễn Thị An,15/03/1990,01/01/2024,31/12/2035
            """
        let registry = folder.file("registry.sqlite")
        _ = try RegistryImport(source: .bytes(Array(rows.utf8)), format: .csv).run(into: .file(registry))
        path = folder.file("socket")
        var configuration = Configuration()
        configuration.socket.path = path
        configuration.state.folder = folder.path
        configure(&configuration)
        daemon = CheckInDaemon(
            configuration: configuration, version: "1",
            services: DaemonServices(
                desk: ScriptedDesk(), judge: try ScriptedJudge(),
                insurance: try RegistryDesk(url: "sqlite:\(registry)", copy: nil, gateway: nil)),
            log: LogRecorder().log(level: .error))
        try daemon.start()
    }

    deinit { daemon.stop() }

    func ask(_ body: String) throws -> TestClient.Answer? {
        try TestClient.request(path, "POST /v1/insurance", body: body)
    }
}

@Suite("Insurance answered on the library's threads")
struct PromptInsuranceTests {
    private static let plain = "{\"personalNumber\":\"001190012345\"}"

    @Test("the answer, the record and the counts are those of the long way")
    func same() throws {
        let scene = try Scene()
        let prompt = try #require(try scene.ask(Self.plain))
        // A member more goes through the decoder.
        let long = try #require(
            try scene.ask("{\"arrival\":\"chosen\",\"personalNumber\":\"001190012345\"}"))
        func withoutAge(_ text: String) -> String { text.replacing(#/"dataAge":\d+,/#, with: "") }
        #expect(prompt.status == 200)
        #expect(withoutAge(prompt.text) == withoutAge(long.text))
        #expect(
            prompt.headers.filter { $0.key != "date" && $0.key != "content-length" }
                == long.headers.filter { $0.key != "date" && $0.key != "content-length" })
        let metrics = try #require(try TestClient.request(scene.path, "GET /metrics")?.text)
        #expect(metrics.contains("cccd_http_requests_total{route=\"POST /v1/insurance\",status=\"200\"} 2\n"))
        #expect(metrics.contains("cccd_insurance_answers_total{code=\"valid\"} 2\n"))
        #expect(metrics.contains("cccd_insurance_duration_seconds_count 2\n"))
        scene.daemon.stop()
        var records: [String] = []
        try AuditReader(path: scene.folder.file("audit.sqlite")).records { _, content in
            if content.contains("\"event\":\"insurance\"") {
                records.append(
                    content.replacing(#/"at":"[^"]*"|"number":\d+|"previous":"[0-9a-f]*"/#, with: ""))
            }
            return true
        }
        #expect(records.count == 2)
        #expect(Set(records).count == 1)
        #expect(try AuditVerification(AuditReader(path: scene.folder.file("audit.sqlite"))).findings == [])
    }

    @Test("a head or a body that is not plain is answered by the route, on the same connection")
    func fallBack() throws {
        let scene = try Scene()
        let client = try TestClient(scene.path)
        func ask(_ fields: String, _ body: String) -> Int? {
            client.send(
                "POST /v1/insurance HTTP/1.1\r\nHost: x\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            return client.answer()?.status
        }
        let json = "Content-Type: application/json\r\n"
        for _ in 0..<3 {
            #expect(ask(json, Self.plain) == 200)
            #expect(ask("content-type: application/json; charset=UTF-8\r\n", Self.plain) == 200)
            #expect(ask("Content-Type: text/plain\r\n", Self.plain) == 415)
            #expect(ask(json + "X-Name: Trần\r\n", Self.plain) == 200)
            #expect(ask(json, "{\"personalNumber\":\"00119001234\"}") == 422)
            #expect(ask(json, "{\"personalNumber\":\"001190012345\",\"x\":1}") == 422)
            #expect(ask(json, Self.plain + String(repeating: " ", count: 1000)) == 200)
            #expect(ask(json, "") == 422)
        }
        client.send("GET /v1/insurance HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.answer()?.status == 405)
        client.send("POST /v1/insurance HTTP/1.1\r\n\(json)Content-Length: 2\r\n\r\n{}")
        #expect(client.answer()?.status == 400)
    }

    @Test("requests that come in pieces, or many at once, are answered one by one")
    func pieces() throws {
        let scene = try Scene()
        let request =
            "POST /v1/insurance HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(Self.plain.utf8.count)\r\n\r\n\(Self.plain)"
        let client = try TestClient(scene.path)
        for byte in request.utf8 { client.send([byte]) }
        #expect(client.answer()?.status == 200)
        client.send(String(repeating: request, count: 20))
        for _ in 0..<20 { #expect(client.answer()?.text.contains("001190012345") == true) }
    }

    @Test("who has a limit of requests, or no right to ask, is held to it")
    func rights() throws {
        let limited = try Scene {
            var rights = Rights(.admin)
            rights.requestsPerMinute = 6
            $0.access.roles = [.admin: rights]
        }
        #expect(try limited.ask(Self.plain)?.status == 200)
        #expect(try limited.ask(Self.plain)?.status == 429)

        let barred = try Scene {
            var rights = Rights(.admin)
            rights.permissions.remove(.insurance)
            $0.access.roles = [.admin: rights]
        }
        #expect(try barred.ask(Self.plain)?.status == 403)
    }

    @Test(
        "what is read without the decoder is read as the decoder reads it",
        arguments: [
            plain, " \n{ \"personalNumber\" : \"001190012345\"\t}\r\n", "{\"personalNumber\":\"001190012345\"} x",
            "{\"personalNumber\":\"001190012345\",\"personalNumber\":\"1\"}", "{\"personalNumber\":\"00119001234a\"}",
            "{\"personalNumber\":\"0011900123456\"}", "{\"personalNumber\":\"\\u00300119001234\"}", "", "{", "{}",
            "{\"PersonalNumber\":\"001190012345\"}", "\u{feff}{\"personalNumber\":\"001190012345\"}", "[\(plain)]",
            "{\"personalNumber\":\"001190012345\"", "{\"personalNumber\":001190012345}", "{ \"personalNumber\" \"1\"}",
        ])
    func agreement(_ body: String) {
        let desk = Configuration.Facility()
        guard let read = InsuranceRequest(plain: Array(body.utf8).span) else { return }
        let decoded = try? RequestBody.decode(InsuranceRequest.self, from: SensitiveBytes(body))
        #expect(decoded?.question(desk: desk) == read.question(desk: desk))
    }
}

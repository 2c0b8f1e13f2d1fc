import CardReader
import Dispatch
import Document
import FoundationEssentials
import Glibc
import Synchronization
import Testing
import Verifier

@testable import Daemon

extension TestDaemon {
    fileprivate func verify(_ image: CardImage, _ members: String = "") throws -> Reply {
        try post("/v1/verify", "{\"cardImage\": \(String(decoding: image.json, as: UTF8.self))\(members)}")
    }
}

/// DG13 with the personal number alone.
private var dataGroup13: [UInt8] {
    let digits = Array(InventedPerson.personalNumber.utf8)
    let field: [UInt8] = [0x30, 0x11, 0x02, 0x01, 0x01, 0x0C, 0x0C] + digits
    return [0x6D, 0x15, 0x30, 0x13] + field
}

@Suite("Verifying a card image that a program sends")
struct VerifyTests {
    private static let image = CardImage(files: [.sod: [0x77, 0], .dg13: dataGroup13])

    @Test("the image is judged as it was sent, without proofs of a chip, and nothing else is asked about its holder")
    func whole() throws {
        let daemon = try TestDaemon()
        let reply = try daemon.verify(Self.image)
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == "application/json")
        #expect(reply.json["verdict"]["outcome"].string == "genuine")
        #expect(reply.json["holder"]["fullName"].string == InventedPerson.fullName)
        #expect(reply.json.keys == ["verdict", "holder"])
        let evidence = try #require(daemon.judge.evidence.first)
        #expect(evidence.image == Self.image)
        #expect(evidence.proofs == ChipProofs())
        #expect(daemon.insurance?.questions.isEmpty == true)
        #expect(daemon.insurance?.statements.isEmpty == true)
        #expect(daemon.desk.requests.isEmpty)
    }

    @Test("a card that is not genuine is an answer")
    func invalid() throws {
        let daemon = try TestDaemon(judge: ScriptedJudge(outcome: "invalid", isProven: false))
        let reply = try daemon.verify(Self.image)
        #expect(reply.status == 200)
        #expect(reply.json["verdict"]["outcome"].string == "invalid")
    }

    @Test("validity is judged as of the day that is given, and the QR text compared")
    func dayAndText() throws {
        let daemon = try TestDaemon()
        let text = "\(InventedPerson.personalNumber)||\(InventedPerson.fullName)|17051990|Nữ|Hà Nội|30082021"
        let reply = try daemon.verify(Self.image, ", \"at\": \"2025-07-01\", \"texts\": [\"en\"], \"qr\": \"\(text)\"")
        #expect(reply.status == 200)
        #expect(reply.json["verdict"]["texts"].keys == ["en"])
        let evidence = try #require(daemon.judge.evidence.last)
        #expect(evidence.date.timeIntervalSince1970 == 1_751_371_200)
        #expect(evidence.qrText?.fullName == InventedPerson.fullName)
    }

    @Test("whether a card is lost is asked when the image proves whose it is, and never of an image made up")
    func loss() throws {
        let proven = try TestDaemon()
        _ = try proven.verify(Self.image)
        #expect(proven.insurance?.lossQuestions == [InventedPerson.personalNumber])
        #expect(proven.judge.evidence.map(\.lossReport) == [.notAsked, .none])

        let unproven = try TestDaemon(judge: ScriptedJudge(outcome: "unverified", isProven: false))
        _ = try unproven.verify(Self.image)
        #expect(unproven.insurance?.lossQuestions.isEmpty == true)

        let alone = try TestDaemon(insurance: nil)
        #expect(try alone.verify(Self.image).status == 200)
        #expect(alone.judge.evidence.map(\.lossReport) == [.notAsked])
    }

    @Test("fields that are not the role's are withheld though they stand in the image, and listed")
    func fields() throws {
        let judge = try ScriptedJudge(more: #", "fatherName": "Trịnh Văn Cha", "religion": "Không""#)
        let daemon = try TestDaemon(judge: judge) {
            $0.access.grants = [Configuration.Grant(role: .batch, users: [.number(geteuid())])]
        }
        let reply = try daemon.verify(Self.image)
        #expect(reply.status == 200)
        #expect(reply.json["withheld"] == .list([.string("religion"), .string("fatherName")]))
        #expect(!reply.text.contains("Trịnh Văn Cha"))
    }

    @Test("who lacks the permission is refused before the body is read")
    func permission() throws {
        for role in [Role.terminal, .auditor] {
            let daemon = try TestDaemon {
                $0.access.grants = [Configuration.Grant(role: role, users: [.number(geteuid())])]
            }
            let reply = try daemon.post("/v1/verify", "no JSON")
            #expect(reply.status == 403)
            #expect(reply.json["permission"].string == "verify")
            #expect(daemon.judge.evidence.isEmpty)
        }
    }

    @Test("it is kept in the audit log and counted, with nothing of the holder in log and metrics")
    func kept() throws {
        let daemon = try TestDaemon()
        let reply = try daemon.verify(Self.image)
        #expect(try daemon.post("/v1/verify", "{}").status == 422)
        let records = try daemon.records(of: "verify")
        #expect(records.map { $0["outcome"].string } == ["genuine", nil])
        #expect(records.map { $0["problem"].string } == [nil, "invalid-request"])
        #expect(records[0]["id"].string == reply.headers["audit-id"])
        #expect(records[0]["subject"].string?.count == 64)
        #expect(records[0]["reader"].isNull)
        let metrics = try #require(try TestClient.request(daemon.path, "GET /metrics")).text
        for line in [
            "cccd_verifications_total{outcome=\"genuine\"} 1",
            "cccd_verification_problems_total{problem=\"invalid-request\"} 1",
            "cccd_verification_duration_seconds_count 1",
        ] { #expect(metrics.contains("\(line)\n"), "\(line)") }
        for value in InventedPerson.values {
            #expect(!daemon.log.text.contains(value), "\(value)")
            #expect(!metrics.contains(value), "\(value)")
        }
    }

    @Test("a verification that cannot be recorded is not answered")
    func failsClosed() throws {
        let daemon = try TestDaemon()
        daemon.daemon.running.withLock { $0 }?.audit?.close()
        let reply = try daemon.verify(Self.image)
        #expect(reply.problem == "audit-unavailable")
        #expect(!reply.text.contains(InventedPerson.fullName))
    }
}

@Suite("Hostile card images")
struct HostileImageTests {
    @Test(
        "a body that is no card image is refused with the place of the fault",
        arguments: [
            ("", nil), ("{", nil), (#"{"cardImage": {"EF_SOD": "dwA"#, nil), ("[]", ""), ("{}", "/cardImage"),
            (#"{"cardImage": null}"#, "/cardImage"), (#"{"cardImage": []}"#, "/cardImage"),
            (#"{"cardImage": {}}"#, "/cardImage"), (#"{"cardImage": "dwA="}"#, "/cardImage"),
            (#"{"cardImage": {"EF_SOD": 1}}"#, "/cardImage/EF_SOD"),
            (#"{"cardImage": {"EF_SOD": {"EF_SOD": "dwA="}}}"#, "/cardImage/EF_SOD"),
            (#"{"cardImage": {"EF_SOD": null}}"#, "/cardImage/EF_SOD"),
            (#"{"cardImage": {"EF_DG17": "dwA="}}"#, "/cardImage"), (#"{"cardImage": {"SOD": "dwA="}}"#, "/cardImage"),
            (#"{"cardImage": {"ef_sod": "dwA="}}"#, "/cardImage"), (#"{"cardImage": {"": "dwA="}}"#, "/cardImage"),
            (#"{"cardImage": {"EF_SOD": "dwA"}}"#, "/cardImage"), (#"{"cardImage": {"EF_SOD": "dw-_"}}"#, "/cardImage"),
            (#"{"cardImage": {"EF_SOD": "dw\nA="}}"#, "/cardImage"),
            (#"{"cardImage": {"EF_SOD": "dwA=", "EF_SOD": "dwE="}}"#, "/cardImage/EF_SOD"),
            (#"{"cardImage": {"EF_SOD": "dwA=", "EF_\u0053OD": "dwE="}}"#, "/cardImage/EF_SOD"),
            (#"{"cardImage": {"EF_SOD": "dwA="}, "cardImage": {"EF_SOD": "dwA="}}"#, "/cardImage"),
            (#"{"cardImage": {"EF_SOD": "dwA="}, "at": "1.1.2026"}"#, "/at"),
            (#"{"cardImage": {"EF_SOD": "dwA="}, "at": null}"#, "/at"),
            (#"{"cardImage": {"EF_SOD": "dwA="}, "qr": "|"}"#, "/qr"),
            (#"{"cardImage": {"EF_SOD": "dwA="}, "trust": "/etc"}"#, "/trust"),
        ] as [(String, String?)])
    func malformed(body: String, pointer: String?) throws {
        let daemon = try TestDaemon()
        let reply = try daemon.post("/v1/verify", body)
        #expect(reply.status == 422)
        #expect(reply.problem == "invalid-request")
        #expect(reply.json["pointer"].string == pointer)
        #expect(daemon.judge.evidence.isEmpty)
    }

    @Test("a body that is deep, wide or long is refused, and the daemon answers on")
    func large() throws {
        let daemon = try TestDaemon()
        let deep = String(repeating: "{\"cardImage\":", count: 100_000)
        let nested = "{\"cardImage\": {\"EF_SOD\": \(String(repeating: "[", count: 500_000))"
        let wide = "{\"cardImage\": {\((0..<100_000).map { "\"\($0)\": \"\"" }.joined(separator: ","))}}"
        // More than a card image may have, in a body that is still taken.
        let long = Data(repeating: 0x77, count: CardImage.maximumByteCount + 3).base64EncodedString()
        for body in [deep, nested, wide, "{\"cardImage\": {\"EF_SOD\": \"\(long)\"}}"] {
            #expect(try daemon.post("/v1/verify", body).problem == "invalid-request")
        }
        let huge = String(repeating: "A", count: Configuration.HTTP().bodyLimit)
        let reply = try daemon.post("/v1/verify", "{\"cardImage\": {\"EF_SOD\": \"\(huge)\"}}")
        #expect(reply.problem == "content-too-large")
        #expect(daemon.judge.evidence.isEmpty)
        #expect(try daemon.verify(CardImage(files: [.sod: [0x77, 0]])).status == 200)
    }

    @Test("whatever the files hold, the verifier answers that nothing is proven")
    func garbage() throws {
        let daemon = try TestDaemon(verifier: CardVerifier(trust: TrustStore()))
        var generator = SystemRandomNumberGenerator()
        let random = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for bytes: [UInt8] in [
            [], [0x77], [0x77, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x77, 0x80], random,
            [UInt8](repeating: 0x30, count: 40_000), [UInt8](repeating: 0xFF, count: CardImage.maximumByteCount / 21),
            // Each element holds the next one, which has the rest of the bytes.
            (0..<20_000).flatMap { _ in [0x30, 0x80] as [UInt8] },
        ] {
            let files = Dictionary(uniqueKeysWithValues: ElementaryFile.allCases.map { ($0, bytes) })
            let reply = try daemon.verify(CardImage(files: files))
            #expect(reply.status == 200)
            #expect(["unverified", "invalid"].contains(reply.json["verdict"]["outcome"].string))
            #expect(reply.json["holder"]["isProven"] != .bool(true))
        }
    }
}

/// A judge who lets wait until he is told to go on.
private final class SlowJudge: Judge {
    let anchorCount = 1
    let mayEnd = DispatchSemaphore(value: 0)
    private let judge: ScriptedJudge

    init() throws { judge = try ScriptedJudge(outcome: "invalid", isProven: false) }

    func verify(_ evidence: Evidence) -> Verdict {
        mayEnd.wait()
        return judge.verify(evidence)
    }
}

@Suite("Many verifications")
struct VerifyLoadTests {
    @Test("so many wait, further ones are told to come back, and nobody else is held up")
    func overload() throws {
        let judge = try SlowJudge()
        let daemon = try TestDaemon(verifier: judge)
        let (taken, refused) = (2 + 64, 3)
        let body = #"{"cardImage": {"EF_SOD": "dwA="}}"#
        let clients = try (0..<taken + refused).map { _ in
            let client = try TestClient(daemon.path)
            client.send("POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            client.send("Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            return client
        }
        // The others' calls are answered meanwhile: by them is seen when all have come.
        let line = "cccd_http_requests_total{route=\"POST /v1/verify\",status=\"503\"} \(refused)\n"
        let deadline = ContinuousClock.now + .seconds(60)
        while try #require(try TestClient.request(daemon.path, "GET /metrics")).text.contains(line) == false {
            try #require(ContinuousClock.now < deadline)
            usleep(10_000)
        }
        #expect(try daemon.get("/v1/health").status == 200)
        for _ in 0..<taken { judge.mayEnd.signal() }
        let answers = clients.compactMap { $0.answer() }
        #expect(answers.count { $0.status == 200 } == taken)
        let others = answers.filter { $0.status != 200 }
        #expect(others.count == refused)
        #expect(others.allSatisfy { $0.text.contains("urn:cccd:problem:overloaded") })
        #expect(others.allSatisfy { $0.headers["retry-after"] != nil })
    }

    @Test("an image whose sender went away before it was his turn is not judged")
    func departure() throws {
        let folder = TestFolder()
        var configuration = Configuration()
        configuration.state.folder = folder.path
        let (judge, log) = (try ScriptedJudge(), LogRecorder().log())
        let running = try RunningState(configuration: configuration, log: log)
        let services = DaemonServices(desk: ScriptedDesk(), judge: judge, insurance: nil)
        let cancellation = Cancellation()
        cancellation.cancel()
        let request = HTTPRequest(
            method: "POST", target: try #require(RequestTarget("/v1/verify")), headers: HTTPHeaders(),
            body: SensitiveBytes(#"{"cardImage": {"EF_SOD": "dwA="}}"#), caller: .loopback,
            visitor: Visitor(identity: .token("test"), role: .admin, rights: Rights(.admin)), cancellation: cancellation
        )
        let status = Guarded<Int?>(nil)
        try ImageVerification(services: services, running: running, log: log)
            .handle(request, HTTPReply { answer in status.withLock { $0 = answer.status } })
        #expect(status.withLock { $0 } == 503)
        #expect(judge.evidence.isEmpty)
        running.end()
        let records = try AuditReader(path: folder.file("audit.sqlite")).allRecords()
        #expect(records.map { $0["problem"].string } == ["cancelled"])
    }
}

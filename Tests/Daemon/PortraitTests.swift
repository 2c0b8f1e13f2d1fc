import CardReader
import Document
import Glibc
import Portrait
import Synchronization
import Testing
import Verifier

@testable import Daemon
@testable import Portrait

@Suite("Portrait of a check-in")
struct PortraitCallTests {
    private static let picture = DecodedPortrait(kind: .png, bytes: [0x89, 0x50, 0x4E, 0x47], width: 1, height: 1)

    /// A daemon whose card has a DG2, which is read after what is before it.
    private func daemon(
        judge: ScriptedJudge? = nil, beforeDG2: @escaping @Sendable () -> Void = {},
        decode: @escaping PortraitAnswer.Decode = { (_) throws(PortraitError) in picture },
        configure: (inout Configuration) -> Void = { _ in }
    ) throws -> TestDaemon {
        let desk = ScriptedDesk(read: { _, _, _ in
            beforeDG2()
            var reading = CardReading.scripted
            reading.image.files[.dg2] = [0x75, 0]
            return reading
        })
        desk.telling.withLock { $0 = { $0.beforePortrait(.scripted) } }
        return try TestDaemon(desk: desk, judge: judge, decoder: ScriptedDecoder(decode: decode), configure: configure)
    }

    private func checkIn(_ daemon: TestDaemon, _ member: String = "portraitFollows") throws -> (Reply, String) {
        let reply = try daemon.checkIn(
            "{\"personalNumber\": \"\(InventedPerson.personalNumber)\", \"\(member)\": true}")
        return (reply, reply.headers["audit-id"] ?? "")
    }

    private func portrait(_ daemon: TestDaemon, _ id: String) throws -> TestClient.Answer {
        try #require(try TestClient.request(daemon.path, "GET /v1/check-ins/\(id)/portrait"))
    }

    @Test("the answer comes before the portrait is read, and whoever asks for it waits until it was")
    func follows() throws {
        let gate = DispatchGate()
        let daemon = try daemon(beforeDG2: { gate.wait() })
        let (reply, id) = try checkIn(daemon)
        #expect(reply.status == 200)
        #expect(reply.json["verdict"]["outcome"].string == "genuine")
        #expect(reply.json["portrait"].isNull)
        let client = try TestClient(daemon.path)
        client.send("GET /v1/check-ins/\(id)/portrait HTTP/1.1\r\nHost: cccd\r\n\r\n")
        gate.open()
        let answer = try #require(client.answer())
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "image/png")
        #expect(answer.headers["verdict-outcome"] == "genuine")
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer.body == Self.picture.bytes)
    }

    @Test("it is recorded before it is handed out: who asked, of which check-in, and that it was the picture")
    func audit() throws {
        let daemon = try daemon()
        let (_, id) = try checkIn(daemon)
        #expect(try portrait(daemon, id).status == 200)
        var last = ""
        try AuditReader(path: daemon.audit).records {
            last = $1
            return true
        }
        #expect(last.contains("\"event\":\"portrait\""))
        #expect(last.contains("\"id\":\"\(id)\""))
        #expect(last.contains("\"portrait\":true"))
        #expect(last.contains("\"subject\""))
    }

    @Test("a portrait in the answer can be asked for by itself as well, and one that was not read cannot")
    func whichCheckIns() throws {
        let daemon = try daemon()
        let (whole, id) = try checkIn(daemon, "portrait")
        #expect(whole.status == 200)
        #expect(try portrait(daemon, id).status == 200)
        let without = try daemon.checkIn()
        #expect(try portrait(daemon, without.headers["audit-id"] ?? "").status == 404)
        #expect(try portrait(daemon, "0123").status == 404)
    }

    @Test("the portrait of the check-in before is forgotten with the next one that reads a portrait")
    func forgotten() throws {
        let daemon = try daemon()
        let (_, first) = try checkIn(daemon)
        #expect(try portrait(daemon, first).status == 200)
        let (_, second) = try checkIn(daemon)
        #expect(try portrait(daemon, second).status == 200)
        #expect(try portrait(daemon, first).status == 404)
    }

    @Test("a portrait is kept for a minute, and another's is told to nobody")
    func lifetime() throws {
        let portraits = CheckInPortraits()
        portraits.begin("a", at: "Reader A", for: .user(1))
        let kept = CheckInPortraits.Kept(
            file: SensitiveBytes([0x75, 0]), outcome: .genuine, subject: nil, reader: "Reader A")
        portraits.end("a", .success(kept))
        let isToldToOthers = portraits.ask("a", by: .user(2)) { _ in }
        let isToldToOwner = portraits.ask("a", by: .user(1)) { _ in }
        #expect(!isToldToOthers && isToldToOwner)
        portraits.forgetOld(now: .now + .seconds(59))
        #expect(portraits.count == 1)
        portraits.forgetOld(now: .now + .seconds(61))
        #expect(portraits.count == 0)
        for number in 0..<100 {
            portraits.begin("\(number)", at: "Reader \(number)", for: .user(1))
            portraits.end("\(number)", .success(kept))
        }
        #expect(portraits.count <= 32)
    }

    @Test("a portrait that is not the signed one is answered to nobody")
    func altered() throws {
        let judge = try ScriptedJudge(
            outcome: "invalid", isProven: false,
            checks: """
                {"id": "dataGroups.hash", "result": "failed", "reason": "hashMismatch", "detail": {"DG2": "differs"}}
                """)
        let daemon = try daemon(judge: judge)
        let (_, id) = try checkIn(daemon)
        let answer = try Reply(try portrait(daemon, id))
        #expect(answer.status == 409)
        #expect(answer.problem == "portrait-altered")
    }

    @Test("what the decoder makes of a hostile image is a problem, and the next portrait is answered")
    func unusable() throws {
        for error in [
            PortraitError.damaged, .tooLarge, .outOfMemory, .timedOut, .killed(signal: 11), .unknownFormat,
            .invalidAnswer, .unsupported,
        ] {
            let daemon = try daemon(decode: { (_) throws(PortraitError) in throw error })
            let (_, id) = try checkIn(daemon)
            let answer = try Reply(try portrait(daemon, id))
            #expect(answer.status == 409)
            #expect(answer.problem == "portrait-unusable")
        }
    }

    @Test("no more portraits are decoded at the same time than two, and a flood of them is turned away")
    func cap() throws {
        let gate = DispatchGate()
        let busy = Guarded((now: 0, most: 0))
        let daemon = try daemon(decode: { (_) throws(PortraitError) in
            busy.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            gate.wait()
            busy.withLock { $0.now -= 1 }
            return Self.picture
        })
        let (_, id) = try checkIn(daemon)
        let clients = try (0..<30).map { _ in try TestClient(daemon.path) }
        for client in clients { client.send("GET /v1/check-ins/\(id)/portrait HTTP/1.1\r\nHost: cccd\r\n\r\n") }
        // Two are decoded, sixteen wait, twelve are turned away at once.
        while busy.withLock({ $0.now }) < 2 { usleep(1000) }
        gate.open()
        let statuses = clients.map { $0.answer()?.status }
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 })
        #expect(statuses.contains(200))
        #expect(busy.withLock { $0.most } <= 2)
    }

    @Test("it needs its permission and the field, and the card is not read without the field")
    func permission() throws {
        for (remove, wanted) in [(true, "portrait"), (false, "field:portrait")] {
            var rights = Rights(.terminal)
            if remove { rights.permissions.remove(.portrait) } else { rights.fields.remove(.portrait) }
            let daemon = try daemon(configure: {
                $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(geteuid())])]
                $0.access.roles = [.terminal: rights]
            })
            let answer = try Reply(try portrait(daemon, "0123"))
            #expect(answer.status == 403)
            #expect(answer.json["permission"].string == wanted)
        }
    }

    @Test("portrait and portraitFollows exclude each other")
    func exclusive() throws {
        let reply = try daemon().checkIn("{\"can\": \"012345\", \"portrait\": true, \"portraitFollows\": true}")
        #expect(reply.status == 422)
        #expect(reply.json["pointer"].string == "/portraitFollows")
    }

    @Test("the verdict is told in the languages that are asked for")
    func texts() throws {
        let reply = try TestDaemon().checkIn("{\"can\": \"012345\", \"texts\": [\"vi\", \"en\"]}")
        let texts = reply.json["verdict"]["texts"]
        #expect(texts.keys == ["vi", "en"])
        #expect(texts["vi"]["checks"]["sod.signature"]["name"].string == "Chữ ký số")
        #expect(texts["en"]["outcome"].string?.isEmpty == false)
        #expect(try TestDaemon().checkIn("{\"can\": \"012345\", \"texts\": [\"fr\"]}").status == 422)
    }
}

/// Holds threads until it is opened.
private final class DispatchGate: Sendable {
    private let isOpen = Guarded(false)

    func open() { isOpen.withLock { $0 = true } }
    func wait() { while !isOpen.withLock({ $0 }) { usleep(1000) } }
}

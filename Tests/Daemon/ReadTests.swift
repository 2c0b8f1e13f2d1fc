import CardReader
import Dispatch
import Document
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import Daemon

/// A daemon where the tests' own user has a role, with a change to what it may do.
private func daemon(
    _ role: Role, desk: ScriptedDesk = ScriptedDesk(), judge: ScriptedJudge? = nil,
    _ change: (inout Rights) -> Void = { _ in }
) throws -> TestDaemon {
    var rights = Rights(role)
    change(&rights)
    return try TestDaemon(desk: desk, judge: judge) {
        $0.access.grants = [Configuration.Grant(role: role, users: [.number(geteuid())])]
        $0.access.roles = [role: rights]
    }
}

/// A desk with a card whose files are the given ones.
private func desk(_ files: [ElementaryFile: [UInt8]]) -> ScriptedDesk {
    ScriptedDesk(read: { _, _, _ in
        var reading = CardReading.scripted
        reading.image.files = files
        return reading
    })
}

@Suite("Reading a card for a program")
struct ReadTests {
    @Test("a card is read and judged, and neither the insurance nor the registry hears of its holder")
    func whole() throws {
        let daemon = try TestDaemon()
        let reply = try daemon.read()
        #expect(reply.status == 200)
        #expect(reply.json["verdict"]["outcome"].string == "genuine")
        #expect(reply.json["verdict"]["checks"][0]["id"].string == "sod.signature")
        #expect(reply.json["holder"]["fullName"].string == InventedPerson.fullName)
        #expect(reply.json["read"]["access"].string == "pace")
        #expect(reply.json["reader"].string == "Reader A")
        #expect(reply.json.keys == ["verdict", "holder", "read", "reader"])
        #expect(daemon.judge.evidence.first?.personalNumber?.text == InventedPerson.personalNumber)
        #expect(daemon.insurance?.questions.isEmpty == true)
        #expect(daemon.insurance?.statements.isEmpty == true)
    }

    @Test("a card that is not genuine is an answer")
    func invalid() throws {
        let reply = try TestDaemon(judge: ScriptedJudge(outcome: "invalid", isProven: false)).read()
        #expect(reply.status == 200)
        #expect(reply.json["verdict"]["outcome"].string == "invalid")
        #expect(reply.json["holder"]["isProven"] == .bool(false))
    }

    @Test("the verdict is as of the day that is asked about, and in sentences where they are asked for")
    func dayAndTexts() throws {
        let daemon = try TestDaemon()
        let reply = try daemon.read(#"{"can": "012345", "at": "2025-07-01", "texts": ["vi"]}"#)
        #expect(reply.json["verdict"]["texts"].keys == ["vi"])
        #expect(daemon.judge.evidence.last?.date.timeIntervalSince1970 == 1_751_371_200)
    }

    @Test(
        "the files that are wanted are read, with those by which the chip proves itself; the portrait when asked for",
        arguments: [
            ("", .withoutPortrait), (#", "portrait": true"#, .everything), (#", "files": []"#, .only([.dg14, .dg15])),
            (#", "files": ["DG1", "DG13", "DG1"]"#, .only([.dg1, .dg13, .dg14, .dg15])),
            (#", "files": ["DG2"]"#, .only([.dg2, .dg14, .dg15])),
            (#", "files": ["DG1"], "portrait": true"#, .only([.dg1, .dg2, .dg14, .dg15])),
        ] as [(String, ReadRequest.Selection)])
    func selection(members: String, files: ReadRequest.Selection) throws {
        let daemon = try TestDaemon()
        #expect(try daemon.read("{\"can\": \"012345\"\(members)}").status == 200)
        #expect(daemon.desk.requests.map(\.files) == [files])
    }

    @Test(
        "a body that is not what the call asks for is refused with the place of the fault",
        arguments: [
            ("{", nil), ("[]", ""), ("{}", nil), (#"{"can": "012345", "qr": "x"}"#, nil),
            (#"{"can": "012345", "files": "DG1"}"#, "/files"), (#"{"can": "012345", "files": ["EF_SOD"]}"#, "/files"),
            (#"{"can": "012345", "files": ["SOD"]}"#, "/files"), (#"{"can": "012345", "files": ["DG17"]}"#, "/files"),
            (#"{"can": "012345", "files": [1]}"#, "/files/0"), (#"{"can": "012345", "cardImage": 1}"#, "/cardImage"),
            (#"{"can": "012345", "at": "2025-02-30"}"#, "/at"), (#"{"can": "012345", "on": "2025-02-03"}"#, "/on"),
            (#"{"can": "012345", "can": "543210"}"#, "/can"), (#"{"can": "012345", "c\u0061n": "1"}"#, "/can"),
        ] as [(String, String?)])
    func invalidRequests(body: String, pointer: String?) throws {
        let daemon = try TestDaemon()
        let reply = try daemon.read(body)
        #expect(reply.status == 422)
        #expect(reply.problem == "invalid-request")
        #expect(reply.json["pointer"].string == pointer)
        #expect(daemon.desk.requests.isEmpty)
    }

    @Test(
        "a fault of reader or card is the problem that it is at a check-in",
        arguments: [
            (.cardRemoved(), 409, "card-removed"), (.wrongKey([]), 409, "wrong-key"), (.cancelled, 503, "cancelled"),
            (.readerFailure(call: "SCardTransmit", code: PCSCCode(rawValue: 0)), 503, "reader-fault"),
            (.applicationNotFound(StatusWord(0x6A, 0x82)), 409, "not-an-identity-card"),
        ] as [(CardReaderError, Int, String)])
    func faults(error: CardReaderError, status: Int, problem: String) throws {
        let daemon = try TestDaemon(desk: ScriptedDesk { _, _, _ throws(CardReaderError) in throw error })
        let reply = try daemon.read()
        #expect(reply.status == status)
        #expect(reply.problem == problem)
        #expect(reply.json["reader"].string == "Reader A")
        #expect(try daemon.records(of: "read").map { $0["problem"].string } == [problem])
    }

    @Test("the reader is the one named, or the only one with a card")
    func readerChoice() throws {
        let readers: [DeskReader] = [.empty("Empty"), .holding("Full 1"), .holding("Full 2")]
        let daemon = try TestDaemon(desk: ScriptedDesk(readers: { readers }))
        #expect(try daemon.read().problem == "several-cards")
        #expect(try daemon.read(#"{"can": "012345", "reader": "Full 2"}"#).json["reader"].string == "Full 2")
        #expect(try daemon.read(#"{"can": "012345", "reader": "Other"}"#).problem == "unknown-reader")
        #expect(try TestDaemon(desk: ScriptedDesk(readers: { [.empty("E")] })).read().problem == "no-card")
        #expect(try TestDaemon(desk: ScriptedDesk(readers: { [] })).read().problem == "no-reader")
    }
}

@Suite("What a program is told of a card that it reads")
struct ReadDisclosureTests {
    private static let files: [ElementaryFile: [UInt8]] = [.sod: [0x77, 0], .dg1: [0x61, 1, 9], .dg13: [0x6D, 0]]
    private static let wanted = #"{"can": "012345", "cardImage": true}"#

    @Test("who has the permission and is told everything gets the files, and the audit log keeps which")
    func cardImage() throws {
        let daemon = try TestDaemon(desk: desk(Self.files))
        let reply = try daemon.read(Self.wanted)
        #expect(reply.status == 200)
        let image: JSON = ["EF_SOD": .string("dwA="), "EF_DG1": .string("YQEJ"), "EF_DG13": .string("bQA=")]
        #expect(reply.json["cardImage"] == image)
        let record = try #require(try daemon.records(of: "read").first)
        #expect(record["files"] == .list(["EF_SOD", "EF_DG1", "EF_DG13"].map { .string($0) }))
        #expect(record["id"].string == reply.headers["audit-id"])
        #expect(record["outcome"].string == "genuine")
        // An image that was not asked for is nobody's.
        #expect(try daemon.read().json["cardImage"].isNull)
        #expect(try daemon.records(of: "read").last?["files"].isNull == true)
    }

    @Test("no role but admin has the permission by itself, and none gets files while a field is withheld from it")
    func cardImageRefused() throws {
        for role in [Role.terminal, .kiosk] {
            let daemon = try daemon(role, desk: desk(Self.files))
            let reply = try daemon.read(Self.wanted)
            #expect(reply.status == 403)
            #expect(reply.json["permission"].string == "card-image")
            #expect(daemon.desk.requests.isEmpty)
        }
        for field in AnswerField.allCases {
            let daemon = try daemon(.kiosk, desk: desk(Self.files)) {
                $0.permissions.insert(.cardImage)
                $0.fields.remove(field)
            }
            let reply = try daemon.read(#"{"can": "012345", "cardImage": true, "files": []}"#)
            guard field != .insurance else {
                // That stands in no file of a card.
                #expect(reply.status == 200)
                #expect(!reply.json["cardImage"].isNull)
                continue
            }
            #expect(reply.status == 403)
            #expect(reply.json["permission"].string == "field:\(field.rawValue)")
            #expect(!reply.text.contains("EF_"))
            #expect(daemon.desk.requests.isEmpty)
        }
        // With the permission alone a clinic's terminal would get father's and mother's names by DG13.
        let terminal = try daemon(.terminal, desk: desk(Self.files)) { $0.permissions.insert(.cardImage) }
        #expect(try terminal.read(Self.wanted).problem == "permission-missing")
    }

    @Test("fields that are not the role's are withheld, and listed")
    func fields() throws {
        let judge = try ScriptedJudge(more: #", "fatherName": "Trịnh Văn Cha", "religion": "Không""#)
        let daemon = try daemon(.terminal, judge: judge)
        let reply = try daemon.read()
        #expect(reply.json["holder"]["fullName"].string == InventedPerson.fullName)
        #expect(reply.json["withheld"] == .list([.string("religion"), .string("fatherName")]))
        #expect(!reply.text.contains("Trịnh Văn Cha"))
        #expect(try daemon.records(of: "read").first?["withheld"] == reply.json["withheld"])
    }

    @Test("a portrait that the role may not see is refused before the card is read, by either member")
    func portrait() throws {
        let daemon = try daemon(.terminal) { $0.fields.remove(.portrait) }
        for members in [#""portrait": true"#, #""files": ["DG2"]"#] {
            let reply = try daemon.read("{\"can\": \"012345\", \(members)}")
            #expect(reply.status == 403)
            #expect(reply.json["permission"].string == "field:portrait")
        }
        #expect(daemon.desk.requests.isEmpty)
        #expect(try daemon.read(#"{"can": "012345"}"#).status == 200)
    }

    @Test("who lacks the permission is refused before the body is read, and the refusal is kept")
    func permission() throws {
        for role in [Role.batch, .auditor] {
            let daemon = try daemon(role)
            let answer = try #require(try TestClient.request(daemon.path, "POST /v1/read", body: "no JSON"))
            let reply = try Reply(answer)
            #expect(reply.status == 403)
            #expect(reply.json["permission"].string == "read")
            #expect(daemon.desk.requests.isEmpty)
            daemon.daemon.stop()
            #expect(try daemon.records(of: "refused").first?["permission"].string == "read")
        }
    }

    @Test("nothing of the holder is logged, told to followers or counted, and reads are counted by themselves")
    func quiet() throws {
        let daemon = try TestDaemon(desk: desk(Self.files))
        let number = InventedPerson.personalNumber
        #expect(try daemon.read("{\"personalNumber\": \"\(number)\", \"cardImage\": true}").status == 200)
        #expect(try daemon.read("{}").status == 422)
        let metrics = try #require(try TestClient.request(daemon.path, "GET /metrics")).text
        for line in [
            "cccd_reads_total{outcome=\"genuine\"} 1", "cccd_read_problems_total{problem=\"invalid-request\"} 1",
            "cccd_read_duration_seconds_count 1", "cccd_check_in_duration_seconds_count 0",
        ] { #expect(metrics.contains("\(line)\n"), "\(line)") }
        #expect(!metrics.contains("cccd_check_ins_total{"))
        for value in InventedPerson.values {
            #expect(!daemon.log.text.contains(value), "\(value)")
            #expect(!metrics.contains(value), "\(value)")
        }
        let record = try #require(try daemon.records(of: "read").first)
        #expect(record["subject"].string?.count == 64)
    }

    @Test("a read that cannot be recorded is not answered")
    func failsClosed() throws {
        let daemon = try TestDaemon(desk: desk(Self.files))
        daemon.daemon.running.withLock { $0 }?.audit?.close()
        let reply = try daemon.read(Self.wanted)
        #expect(reply.problem == "audit-unavailable")
        #expect(!reply.text.contains("EF_"))
    }
}

@Suite("Reads and check-ins at the same reader")
struct ReadOrderTests {
    private func begin(_ daemon: TestDaemon, _ path: String, _ body: String) throws -> TestClient {
        let client = try TestClient(daemon.path)
        client.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        client.send("Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return client
    }

    @Test("a read stands in the same line as a check-in, and does not wait where it is told not to")
    func line() throws {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let desk = ScriptedDesk { _, _, _ in
            hasBegun.signal()
            mayEnd.wait()
            return .scripted
        }
        let daemon = try TestDaemon(desk: desk)
        let checkIn = try begin(daemon, "/v1/check-in", #"{"can": "012345"}"#)
        hasBegun.wait()
        let busy = try daemon.read(#"{"can": "012345", "wait": false}"#)
        #expect(busy.problem == "reader-busy")
        #expect(busy.headers["retry-after"] != nil)
        let read = try begin(daemon, "/v1/read", #"{"can": "012345"}"#)
        mayEnd.signal()
        mayEnd.signal()
        #expect(checkIn.answer()?.status == 200)
        #expect(read.answer()?.status == 200)
    }

    @Test("a read that takes too long is answered when its time is over")
    func timeLimit() throws {
        let wasCancelled = DispatchSemaphore(value: 0)
        let desk = ScriptedDesk { _, _, cancellation throws(CardReaderError) in
            cancellation.onCancel { wasCancelled.signal() }
            wasCancelled.wait()
            throw .cancelled
        }
        let reply = try TestDaemon(desk: desk) { $0.checkIn.timeLimit = 1 }.read()
        #expect(reply.status == 504)
        #expect(reply.problem == "time-limit")
    }

    @Test("a caller who goes away has his read cancelled, and the reader serves the next one")
    func departure() throws {
        let hasBegun = DispatchSemaphore(value: 0)
        let count = Atomic(0)
        let desk = ScriptedDesk { _, _, cancellation throws(CardReaderError) in
            guard count.add(1, ordering: .relaxed).newValue == 1 else { return .scripted }
            let wasCancelled = DispatchSemaphore(value: 0)
            cancellation.onCancel { wasCancelled.signal() }
            hasBegun.signal()
            wasCancelled.wait()
            throw .cancelled
        }
        let daemon = try TestDaemon(desk: desk)
        var client: TestClient? = try begin(daemon, "/v1/read", #"{"can": "012345"}"#)
        hasBegun.wait()
        client = nil
        #expect(try daemon.read().status == 200)
        #expect(try daemon.records(of: "read").map { $0["problem"].string } == ["cancelled", nil])
        withExtendedLifetime(client) {}
    }
}

import CardReader
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Daemon

@Suite("Check-in")
struct CheckInTests {
    @Test("a card is read, judged and its holder's insurance decided, in one answer")
    func whole() throws {
        let daemon = try TestDaemon()
        let reply = try daemon.checkIn()
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == "application/json")
        #expect(reply.json["verdict"]["outcome"].string == "genuine")
        #expect(reply.json["verdict"]["checks"][0]["id"].string == "sod.signature")
        #expect(reply.json["holder"]["fullName"].string == InventedPerson.fullName)
        #expect(reply.json["insurance"]["eligible"] == .bool(true))
        #expect(reply.json["insuranceProblem"].isNull)
        #expect(reply.json["read"]["access"].string == "pace")
        #expect(reply.json["reader"].string == "Reader A")
        #expect(reply.json["portrait"].isNull)
    }

    @Test("a card that is not genuine is an answer, and its insurance is not asked")
    func invalid() throws {
        let daemon = try TestDaemon(judge: ScriptedJudge(outcome: "invalid", isProven: false))
        let reply = try daemon.checkIn()
        #expect(reply.status == 200)
        #expect(reply.json["verdict"]["outcome"].string == "invalid")
        #expect(reply.json["insurance"].isNull)
        #expect(reply.json["insuranceProblem"]["type"].string == "urn:cccd:problem:identity-not-proven")
        #expect(daemon.insurance?.questions.isEmpty == true)
    }

    @Test("without a registry, or with one that fails, the verdict is answered all the same")
    func noRegistry() throws {
        let none = try TestDaemon(insurance: nil).checkIn()
        #expect(none.status == 200)
        #expect(none.json["insuranceProblem"]["type"].string == "urn:cccd:problem:registry-not-configured")

        let failing = try TestDaemon(insurance: ScriptedInsurance(fault: .missing(path: "/srv/registry"))).checkIn()
        #expect(failing.status == 200)
        #expect(failing.json["verdict"]["outcome"].string == "genuine")
        #expect(failing.json["insuranceProblem"]["type"].string == "urn:cccd:problem:registry-unavailable")
    }

    @Test("the card is opened with the key that was given, and the portrait read only when asked for")
    func keys() throws {
        let daemon = try TestDaemon()
        let number = InventedPerson.personalNumber
        let zone = "I<UTOD231458907<<<<<<<<<<<<<<<\\n7408122F1204159UTO<<<<<<<<<<<6\\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
        let bodies = [
            "{\"personalNumber\": \"\(number)\"}", "{\"can\": \"012345\", \"portrait\": true}",
            "{\"mrz\": \"\(zone)\"}",
            "{\"documentNumber\": \"D23145890\", \"birthDate\": \"740812\", \"expiryDate\": \"2012-04-15\"}",
            "{\"qr\": \"\(number)||\(InventedPerson.fullName)|17051990|Nữ|Hà Nội|30082021\"}",
        ]
        for body in bodies { #expect(try daemon.checkIn(body).status == 200, "\(body)") }
        let requests = daemon.desk.requests
        #expect(requests.map(\.key.kind) == [.personalNumber, .can, .mrz, .mrz, .qr])
        #expect(
            requests.map(\.files) == [.withoutPortrait, .everything] + [
                .withoutPortrait, .withoutPortrait, .withoutPortrait,
            ])
        #expect(requests[2].key == requests[3].key, "the zone and its three fields are the same key")
        #expect(daemon.judge.evidence.first?.personalNumber?.text == number)
        #expect(daemon.judge.evidence.last?.qrText?.fullName == InventedPerson.fullName)
    }

    @Test("what a proven chip says of its holder is kept beside the registry's data, where it is DG13 that says it")
    func statement() throws {
        for (hasDetails, isProven) in [(true, true), (false, true), (true, false)] {
            let desk = ScriptedDesk(read: { _, _, _ in
                var reading = CardReading.scripted
                if hasDetails { reading.image.files[.dg13] = [0x6D, 0] }
                return reading
            })
            let judge = try isProven ? ScriptedJudge() : ScriptedJudge(outcome: "invalid", isProven: false)
            let daemon = try TestDaemon(desk: desk, judge: judge)
            #expect(try daemon.checkIn().status == 200)
            let statements = try #require(daemon.insurance?.statements)
            #expect(statements.map(\.fullName) == (hasDetails && isProven ? [InventedPerson.fullName] : []))
            #expect(
                daemon.insurance?.questions.map(\.provenHolder?.birthDate)
                    == (isProven ? [InventedPerson.birthDate] : []))
        }
    }

    @Test("day, facility and the rest of the visit reach judge and insurance; the desk's facility is the default")
    func visit() throws {
        let daemon = try TestDaemon { $0.facility = Configuration.Facility(code: "01001", level: "basic") }
        let number = "\"personalNumber\": \"\(InventedPerson.personalNumber)\""
        #expect(try daemon.checkIn("{\(number)}").status == 200)
        let reply = try daemon.checkIn(
            "{\(number), \"on\": \"2025-07-01\", \"facility\": \"79002\", \"arrival\": \"emergency\", \"care\": \"inpatient\"}"
        )
        #expect(reply.json["on"].string == "2025-07-01")
        let questions = try #require(daemon.insurance?.questions)
        #expect(questions.map(\.facility) == ["01001", "79002"])
        #expect(questions.map(\.facilityLevel) == ["basic", nil])
        #expect(questions.map(\.arrival) == [.chosen, .emergency])
        #expect(questions.map(\.care) == [.outpatient, .inpatient])
        #expect(questions.last?.day.description == "2025-07-01")
        #expect(questions.last?.shownCard?.issuedOn?.description == "2021-08-30")
        #expect(daemon.judge.evidence.last?.date.timeIntervalSince1970 == 1_751_371_200)
    }

    @Test(
        "a body that is not what the call asks for is refused with the place of the fault",
        arguments: [
            ("", nil), ("{", nil), ("[]", ""), ("5", ""), ("null", ""), ("{}", nil), ("{\"can\": null}", "/can"),
            ("{\"can\": \"012345\", \"qr\": \"x\"}", nil), ("{\"documentNumber\": \"D23145890\"}", nil),
            ("{\"can\": 12345}", "/can"), ("{\"can\": \"012345\", \"cam\": 1}", "/cam"),
            ("{\"can\": \"012345\", \"a/b~c\": 1}", "/a~1b~0c"),
            ("{\"can\": \"012345\", \"portrait\": \"yes\"}", "/portrait"),
            ("{\"can\": \"012345\", \"on\": \"2025-02-30\"}", "/on"),
            ("{\"can\": \"012345\", \"facility\": \"x\"}", "/facility"),
            ("{\"can\": \"012345\", \"arrival\": \"by bus\"}", "/arrival"),
            ("{\"can\": \"012345\", \"reader\": [\"A\"]}", "/reader"),
        ] as [(String, String?)])
    func invalidRequests(body: String, pointer: String?) throws {
        let reply = try TestDaemon().checkIn(body)
        #expect(reply.status == 422)
        #expect(reply.problem == "invalid-request")
        #expect(reply.json["pointer"].string == pointer)
    }

    @Test(
        "a key that no card can have is refused with its place, and not repeated",
        arguments: [
            ("{\"personalNumber\": \"00119001234\"}", "/personalNumber"),
            ("{\"personalNumber\": \"００１１９００１２３４５\"}", "/personalNumber"), ("{\"can\": \"01234x\"}", "/can"),
            ("{\"mrz\": \"I<UTO\"}", "/mrz"), ("{\"qr\": \"00119001|x\"}", "/qr"),
            (
                "{\"documentNumber\": \"D2\", \"birthDate\": \"17.5.1990\", \"expiryDate\": \"120415\"}",
                "/documentNumber"
            ),
        ])
    func invalidKeys(body: String, pointer: String) throws {
        let daemon = try TestDaemon()
        let reply = try daemon.checkIn(body)
        #expect(reply.status == 422)
        #expect(reply.problem == "invalid-key")
        #expect(reply.json["pointer"].string == pointer)
        #expect(!reply.text.contains("00119001"))
        #expect(daemon.desk.requests.isEmpty)
    }

    @Test("bodies that are deep, huge in numbers, not UTF-8 or in UTF-16 are refused")
    func hostileBodies() throws {
        let daemon = try TestDaemon()
        for text in [
            String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 200_000),
            "{\"can\": \(String(repeating: "9", count: 100_000))}", "{\"can\": \"\\ud800\"}", "{\"can\": \"\u{0}\"}",
        ] { #expect(try daemon.checkIn(text).status == 422) }

        let wide = "{\"can\": \"012345\"}".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        for bytes in [wide, [0x7B, 0xFF, 0x7D], [UInt8](repeating: 0, count: 100)] {
            let client = try TestClient(daemon.path)
            client.send("POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            client.send("Content-Length: \(bytes.count)\r\n\r\n")
            client.send(bytes)
            #expect(client.answer()?.status == 422)
        }
        #expect(try daemon.checkIn().status == 200)
    }

    @Test(
        "each fault of reader and card is a problem of its own",
        arguments: [
            (.serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D)), 503, "service-unavailable"),
            (.noReader, 409, "no-reader"),
            (.readerUnavailable(reader: "A", code: PCSCCode(rawValue: 0)), 409, "reader-unavailable"),
            (.readerInUse(reader: "A"), 409, "reader-in-use"),
            (.readerFailure(call: "SCardTransmit", code: PCSCCode(rawValue: 0)), 503, "reader-fault"),
            (.cancelled, 503, "cancelled"), (.noCard(reader: "A"), 409, "no-card"),
            (.cardRemoved(), 409, "card-removed"),
            (.cardReset(), 409, "card-reset"), (.cardMute(), 409, "card-mute"), (.timeLimitExceeded, 504, "time-limit"),
            (.applicationNotFound(StatusWord(0x6A, 0x82)), 409, "not-an-identity-card"),
            (.wrongKey([]), 409, "wrong-key"),
            (.keyNotUsable(key: .can, reason: "it offers no PACE"), 409, "key-not-usable"),
            (.invalidKey(reason: "x"), 422, "invalid-key"),
            (.protocolViolation(step: "PACE", reason: "x"), 409, "protocol-violation"),
            (.secureMessaging(.checksumWrong), 409, "secure-messaging"),
            (.unexpectedStatus(StatusWord(0x6F, 0), command: "SELECT"), 409, "card-fault"),
            (.invalidAnswer("x"), 409, "card-fault"), (.invalidCommand("x"), 500, "internal-error"),
        ] as [(CardReaderError, Int, String)])
    func faults(error: CardReaderError, status: Int, problem: String) throws {
        let daemon = try TestDaemon(desk: ScriptedDesk { _, _, _ throws(CardReaderError) in throw error })
        let reply = try daemon.checkIn()
        #expect(reply.status == status)
        #expect(reply.problem == problem)
        #expect(reply.json["status"] == .number(Double(status)))
        #expect(reply.json["detail"].string == error.description)
        #expect(reply.json["reader"].string == "Reader A")
    }

    @Test("the reader is the one named, or the only one with a card")
    func readerChoice() throws {
        let readers: [DeskReader] = [.empty("Empty"), .holding("Full 1"), .holding("Full 2"), .holding("Other")]
        let daemon = try TestDaemon(desk: ScriptedDesk(readers: { readers })) { $0.readers.names = ["Full*", "E*ty"] }
        let several = try daemon.checkIn()
        #expect(several.problem == "several-cards")
        #expect(several.json["readers"] == .list([.string("Full 1"), .string("Full 2")]))
        let named = try daemon.checkIn("{\"can\": \"012345\", \"reader\": \"Full 2\"}")
        #expect(named.json["reader"].string == "Full 2")
        let unused = try daemon.checkIn("{\"can\": \"012345\", \"reader\": \"Other\"}")
        #expect(unused.problem == "unknown-reader")
        #expect(unused.status == 422)

        #expect(try TestDaemon(desk: ScriptedDesk(readers: { [.empty("E")] })).checkIn().problem == "no-card")
        #expect(try TestDaemon(desk: ScriptedDesk(readers: { [] })).checkIn().problem == "no-reader")
        let down = ScriptedDesk(readers: { () throws(CardReaderError) in
            throw .serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D))
        })
        #expect(try TestDaemon(desk: down).checkIn().problem == "service-unavailable")
    }
}

@Suite("Check-ins at the same time")
struct CheckInOrderTests {
    @Test("a reader reads one card at a time, readers do not wait for each other, and too many are told to come back")
    func lanes() throws {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let reading = Atomic(0)
        let most = Atomic(0)
        let desk = ScriptedDesk(readers: { [.holding("A"), .holding("B")] }) { _, reader, _ in
            guard reader == "A" else { return .scripted }
            most.max(reading.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            hasBegun.signal()
            mayEnd.wait()
            reading.subtract(1, ordering: .relaxed)
            return .scripted
        }
        let daemon = try TestDaemon(desk: desk) { $0.checkIn.queue = 1 }
        func begin(_ reader: String) throws -> TestClient {
            let client = try TestClient(daemon.path)
            let body = "{\"can\": \"012345\", \"reader\": \"\(reader)\"}"
            client.send("POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            client.send("Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            return client
        }
        let first = try begin("A")
        hasBegun.wait()
        // One more may wait. Of two that come at the same time one is told that the reader is busy.
        let others = try [begin("A"), begin("A")]
        #expect(try begin("B").answer()?.status == 200)
        mayEnd.signal()
        mayEnd.signal()
        let statuses = ([first] + others).map { $0.answer() }
        #expect(statuses.compactMap { $0?.status }.sorted() == [200, 200, 503])
        let busy = try #require(statuses.compactMap { $0 }.first { $0.status == 503 })
        #expect(busy.text.contains("urn:cccd:problem:reader-busy"))
        #expect(busy.headers["retry-after"] != nil)
        #expect(most.load(ordering: .relaxed) == 1)
    }

    @Test("a check-in that takes too long is answered when its time is over, and its read is cancelled")
    func timeLimit() throws {
        let wasCancelled = DispatchSemaphore(value: 0)
        let desk = ScriptedDesk { _, _, cancellation throws(CardReaderError) in
            cancellation.onCancel { wasCancelled.signal() }
            wasCancelled.wait()
            throw .cancelled
        }
        let daemon = try TestDaemon(desk: desk) { $0.checkIn.timeLimit = 1 }
        let reply = try daemon.checkIn()
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
        var client: TestClient? = try TestClient(daemon.path)
        let body = "{\"can\": \"012345\"}"
        client?.send("POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        client?.send("Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        hasBegun.wait()
        client = nil
        #expect(try daemon.checkIn().status == 200)
    }
}

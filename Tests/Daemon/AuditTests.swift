import Crypto
import FoundationEssentials
import Glibc
import Registry
import Testing

@testable import Daemon

/// An audit log of a few records in a folder of its own.
private struct SampleLog {
    let folder = TestFolder()
    let terminal: Terminal
    var path: String { folder.file("audit.sqlite") }

    init(records: Int = 20) throws {
        terminal = try Terminal(
            keyPath: folder.file("terminal.key"), certificatePath: folder.file("terminal.crt"), name: "test")
        let store = try AuditStore(path: path, terminal: terminal)
        for number in 0..<records {
            var event = AuditEvent(.checkIn)
            event.reader = "Reader \(number)"
            try store.append(AuditBatch([event.body]), at: "2026-01-15T01:02:03Z", keepsHead: number % 5 == 4)
        }
    }

    /// Does to the file what somebody does who can write to it.
    func alter(_ sql: String) throws {
        try Connection(path: path, access: .readWrite).execute(sql)
    }

    func verify(heads: [String] = [], certificates: [[UInt8]] = []) throws -> AuditVerification {
        try AuditVerification(AuditReader(path: path), heads: heads, certificates: certificates)
    }
}

@Suite("Audit log")
struct AuditTests {
    @Test("a log as it was written is whole, and says by whom it is signed")
    func whole() throws {
        let sample = try SampleLog()
        let result = try sample.verify(
            heads: [try #require(try AuditReader(path: sample.path).head())],
            certificates: [sample.terminal.certificate.der])
        #expect(result.findings == [])
        #expect(result.recordCount == 20)
        #expect(result.numbers == 1...20)
        #expect(result.agreeingHeads == 5)
        #expect(result.fingerprints == [sample.terminal.certificate.fingerprint])
    }

    /// What somebody may do to a log of twenty records with heads kept at 5, 10, 15 and 20, and what shows it.
    private static let attacks: [(String, AuditVerification.Finding)] = [
        ("UPDATE records SET content = replace(content, 'Reader 6', 'Reader X') WHERE number = 7", .broken(8)),
        (
            "UPDATE records SET content = replace(content, 'Reader 9', 'Reader X') WHERE number = 10",
            .contradictsHead(10)
        ),
        ("UPDATE records SET content = replace(content, 'Reader', 'reader') WHERE number = 20", .contradictsHead(20)),
        ("UPDATE records SET content = '{}' WHERE number = 7", .malformed(7)),
        ("UPDATE records SET content = '' WHERE number = 1", .malformed(1)),
        ("DELETE FROM records WHERE number = 7", .missing(7...7)),
        ("DELETE FROM records WHERE number BETWEEN 7 AND 9", .missing(7...9)),
        ("DELETE FROM records WHERE number <= 5", .beginningRemoved(first: 6)),
        ("DELETE FROM records WHERE number <= 3", .beginningRemoved(first: 4)),
        ("DELETE FROM records WHERE number > 12", .truncated(lastRecord: 12, head: 20)),
        ("DELETE FROM records", .truncated(lastRecord: 0, head: 20)),
        (
            "INSERT INTO records SELECT 21, replace(content, '\"number\":20', '\"number\":21') FROM records WHERE number = 20",
            .unsignedEnd(from: 21)
        ),
        (
            """
            UPDATE records SET number = -7 WHERE number = 7; UPDATE records SET number = 7 WHERE number = 8;
            UPDATE records SET number = 8 WHERE number = -7
            """, .displaced(7)
        ),
        (
            """
            DELETE FROM records WHERE number = 7;
            UPDATE records SET number = number - 1, content = replace(content, '\"number\":' || number,
                '\"number\":' || (number - 1)) WHERE number > 7
            """, .broken(7)
        ),
        ("DELETE FROM records WHERE number > 12; DELETE FROM heads WHERE number > 12", .unsignedEnd(from: 11)),
        ("UPDATE heads SET statement = replace(statement, '.', '_')", .unsignedEnd(from: 1)),
        ("DELETE FROM heads", .unsignedEnd(from: 1)),
    ]

    @Test("whatever is done to a log is found", arguments: Self.attacks)
    func attack(sql: String, finding: AuditVerification.Finding) throws {
        let sample = try SampleLog()
        try sample.alter(sql)
        let result = try sample.verify()
        #expect(result.findings.contains(finding), "\(result.findings)")
        // Each finding is told in a sentence.
        for finding in result.findings { #expect(finding.description.count > 15) }
    }

    @Test("every single record, altered in one letter, is found")
    func everyRecord() throws {
        for number in 1...20 {
            let sample = try SampleLog()
            try sample.alter(
                "UPDATE records SET content = replace(content, 'Reader', 'Leader') WHERE number = \(number)")
            #expect(try !sample.verify().findings.isEmpty, "record \(number)")
        }
    }

    @Test("an end cut off at a kept head shows only against a head that was kept elsewhere")
    func truncatedAtHead() throws {
        let sample = try SampleLog()
        let head = try #require(try AuditReader(path: sample.path).head())
        try sample.alter("DELETE FROM records WHERE number > 15; DELETE FROM heads WHERE number > 15")
        #expect(try sample.verify().findings == [])
        #expect(try sample.verify(heads: [head]).findings == [.truncated(lastRecord: 15, head: 20)])
    }

    @Test("a whole log made anew with another key shows against the head and against the certificate")
    func otherKey() throws {
        let sample = try SampleLog()
        let other = try SampleLog(records: 30)
        let head = try #require(try AuditReader(path: sample.path).head())
        #expect(try other.verify().findings == [])
        #expect(try other.verify(heads: [head]).findings.contains(.contradictsHead(20)))
        #expect(
            try other.verify(certificates: [sample.terminal.certificate.der]).findings.contains(.foreignHead(30)))
    }

    @Test("what is no head, or whose signature is wrong, is not compared with")
    func invalidHead() throws {
        let sample = try SampleLog()
        let head = try #require(try AuditReader(path: sample.path).head())
        for text in ["", "a.b.c", String(head.dropLast(4)), head.replacing(".", with: ".A"), head + "A"] {
            #expect(throws: AuditError.self) { try sample.verify(heads: [text]) }
        }
    }

    @Test("retention removes what is old, and the rest stays provable; without its record it is not")
    func retention() throws {
        let sample = try SampleLog(records: 12)
        let store = try AuditStore(path: sample.path, terminal: sample.terminal)
        let tomorrow = try #require(Timestamp(iso: "2999-01-01"))
        let formerly = try #require(Timestamp(iso: "2020-01-01"))
        #expect(try store.removeRecords(before: formerly, limit: 100, at: tomorrow) == 0)
        #expect(try store.removeRecords(before: tomorrow, limit: 7, at: tomorrow) == 7)
        #expect(try sample.verify().findings == [])
        #expect(try sample.verify().numbers == 8...13)
        // All but the last: a chain has an end to follow on.
        #expect(try store.removeRecords(before: tomorrow, limit: 100, at: tomorrow) == 5)
        try store.append(AuditBatch([AuditEvent(.checkIn).body]), at: tomorrow.description, keepsHead: true)
        let result = try sample.verify()
        #expect(result.findings == [])
        #expect(result.numbers == 13...15)
        try sample.alter("DELETE FROM records WHERE number <= 14; DELETE FROM heads WHERE number < 14")
        #expect(try sample.verify().findings.contains(.beginningRemoved(first: 15)))
    }

    @Test("the daemon does not go on writing to a log that does not end where its head says")
    func alteredBeforeStart() throws {
        let sample = try SampleLog()
        try sample.alter("DELETE FROM records WHERE number = 20")
        #expect(throws: AuditError.altered(path: sample.path)) {
            try AuditStore(path: sample.path, terminal: sample.terminal)
        }
        let foreign = TestFolder()
        try Connection(path: foreign.file("x.sqlite"), access: .create).execute("CREATE TABLE other (a)")
        #expect(throws: AuditError.notAnAuditLog(path: foreign.file("x.sqlite"))) {
            try AuditStore(path: foreign.file("x.sqlite"), terminal: sample.terminal)
        }
    }

    @Test("a record is a line whose hash the next line carries, and names nobody")
    func check() throws {
        let daemon = try TestDaemon()
        let reply = try daemon.checkIn()
        #expect(reply.status == 200)
        let id = try #require(reply.headers["audit-id"])
        var lines: [String] = []
        try AuditReader(path: daemon.audit).records {
            lines.append($1); return true
        }
        let last = try JSONDecoder().decode(JSON.self, from: Data(try #require(lines.last).utf8))
        #expect(last["event"].string == "check-in")
        #expect(last["id"].string == id)
        #expect(last["outcome"].string == "genuine")
        #expect(last["insurance"].string == "insured")
        #expect(last["caller"].string == "user \(geteuid())")
        #expect(last["role"].string == "admin")
        #expect(last["reader"].string == "Reader A")
        let subject = try AuditReader.subject(InventedPerson.personalNumber, keyPath: daemon.folder.file("audit.key"))
        #expect(last["subject"].string == subject)
        #expect(try last["previous"].string == AuditPosition.hash(try #require(lines.dropLast().last)))
        for value in InventedPerson.values { for line in lines { #expect(!line.contains(value), "\(value)") } }
        #expect(AuditReader.isAbout(subject, record: try #require(lines.last)))
    }

    @Test("what was answered, and what was refused, is in the log, and the log is whole after the end")
    func everything() throws {
        let daemon = try TestDaemon(judge: ScriptedJudge(outcome: "invalid", isProven: false))
        _ = try daemon.checkIn()
        _ = try daemon.checkIn("{}")
        _ = try daemon.checkIn("{\"can\": \"012345\", \"reader\": \"none\"}")
        _ = try daemon.post("/v1/insurance", "{\"personalNumber\": \"\(InventedPerson.personalNumber)\"}")
        daemon.daemon.stop()
        let auditor = try TestDaemon(in: daemon.folder) {
            $0.access.grants = [Configuration.Grant(role: .auditor, users: [.number(geteuid())])]
        }
        _ = try auditor.checkIn()
        auditor.daemon.stop()
        var events: [JSON] = []
        let reader = try AuditReader(path: daemon.audit)
        try reader.records {
            events.append((try? JSONDecoder().decode(JSON.self, from: Data($1.utf8))) ?? .null)
            return true
        }
        #expect(
            events.compactMap(\.["event"].string) == [
                "started", "check-in", "check-in", "check-in", "insurance", "stopped", "started", "refused", "stopped",
            ])
        #expect(events[1]["outcome"].string == "invalid")
        #expect(events[1]["failed"] == .list([.string("sod.signature")]))
        #expect(events[2]["problem"].string == "invalid-request")
        #expect(events[3]["problem"].string == "unknown-reader")
        #expect(events[4]["insurance"].string == "insured")
        #expect(events[7]["permission"].string == "check-in")
        #expect(try AuditVerification(reader).findings == [])
    }

    @Test("when the log cannot be written nothing is handed out, and it goes on by itself when it can")
    func failsClosed() throws {
        let daemon = try TestDaemon()
        let file = try Connection(path: daemon.audit, access: .readWrite)
        try file.execute("ALTER TABLE records RENAME TO hidden")
        let reply = try daemon.checkIn()
        #expect(reply.status == 503)
        #expect(reply.problem == "audit-unavailable")
        #expect(!reply.text.contains(InventedPerson.fullName))
        #expect(
            try daemon.post("/v1/insurance", "{\"personalNumber\": \"\(InventedPerson.personalNumber)\"}").problem
                == "audit-unavailable")
        try file.execute("ALTER TABLE hidden RENAME TO records")
        #expect(try daemon.checkIn().status == 200)
        #expect(daemon.log.text.contains("the audit log cannot be written"))
    }

    @Test(
        "health says that the log cannot be written before anybody finds out, and that it can again",
        arguments: ["records", "heads"])
    func health(table: String) throws {
        let daemon = try TestDaemon()
        #expect(try daemon.get("/v1/health").json["audit"] == ["isEnabled": .bool(true)])
        let file = try Connection(path: daemon.audit, access: .readWrite)
        try file.execute("ALTER TABLE \(table) RENAME TO hidden")
        let degraded = try daemon.get("/v1/health")
        #expect(degraded.status == 200)
        #expect(degraded.json["status"].string == "degraded")
        #expect(degraded.json["audit"]["problem"]["type"].string == "urn:cccd:problem:audit-unavailable")
        #expect(!degraded.text.contains(daemon.folder.path))
        #expect(daemon.log.text.contains("<3>the audit log cannot be written"))
        try file.execute("ALTER TABLE hidden RENAME TO \(table)")
        #expect(try daemon.get("/v1/health").json["status"].string == "ok")
        #expect(!daemon.log.text.contains("the audit log is written again"))
        #expect(try daemon.checkIn().status == 200)
        #expect(daemon.log.text.contains("<5>the audit log is written again"))
        daemon.daemon.stop()
        #expect(try AuditReader(path: daemon.audit).allRecords().count == 3)
        #expect(try AuditVerification(AuditReader(path: daemon.audit)).findings == [])

        let none = try TestDaemon { $0.audit.enabled = false }
        let health = try none.get("/v1/health")
        #expect(health.json["status"].string == "ok")
        #expect(health.json["audit"] == ["isEnabled": .bool(false)])
    }

    @Test("to try whether the log can be written reaches the disk, and leaves records and heads as they were")
    func tried() throws {
        let sample = try SampleLog()
        let store = try AuditStore(path: sample.path, terminal: sample.terminal)
        func heads() throws -> [String] { try AuditReader(path: sample.path).heads() }
        func journal() -> Int {
            var facts = stat()
            return stat(sample.path + "-wal", &facts) == 0 ? Int(facts.st_size) : 0
        }
        let (headsBefore, journalBefore) = (try heads(), journal())
        try store.tryWriting()
        #expect(journal() > journalBefore)
        #expect(try heads() == headsBefore)
        #expect(try sample.verify().findings == [])
        #expect(try sample.verify().numbers == 1...20)
    }

    @Test("the API hands records out page by page, with the head that proves them")
    func page() throws {
        let daemon = try TestDaemon()
        for _ in 0..<3 { _ = try daemon.checkIn() }
        let first = try daemon.get("/v1/audit?limit=2")
        #expect(first.status == 200)
        #expect(first.json["next"] == .number(3))
        let second = try daemon.get("/v1/audit?from=3")
        #expect(second.json["next"].isNull)
        let last = try #require(second.json["records"][1].string)
        let (head, _) = try AuditHead.opened(try #require(second.json["head"].string))
        #expect(head.number == 4)
        #expect(try head.hash == AuditPosition.hash(last))
        for query in ["limit=0", "limit=1001", "from=x", "from=1&from=2", "since=1"] {
            #expect(try daemon.get("/v1/audit?\(query)").status == 422, "\(query)")
        }
        let none = try TestDaemon { $0.audit.enabled = false }
        #expect(try none.get("/v1/audit").problem == "audit-not-kept")
        #expect(try none.checkIn().status == 200)
    }
}

import CardReader
import Dispatch
import Glibc
import Registry
import Synchronization
import Testing

@testable import Daemon

@Suite("Daemon")
struct DaemonTests {
    @Test("health tells version, readers, trust and registry, and what is missing")
    func health() throws {
        let whole = try TestDaemon().get("/v1/health")
        #expect(whole.status == 200)
        #expect(whole.json["status"].string == "ok")
        #expect(whole.json["version"].string == "1.2.3")
        #expect(whole.json["readers"]["count"] == .number(1))
        #expect(whole.json["trust"]["anchors"] == .number(1))
        #expect(whole.json["registry"]["isConfigured"] == .bool(true))
        #expect(whole.json["registry"]["status"]["rows"] == .number(3))

        let broken = try TestDaemon(
            desk: ScriptedDesk(readers: { () throws(CardReaderError) in
                throw .serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D))
            }), judge: ScriptedJudge(anchorCount: 0), insurance: ScriptedInsurance(fault: .missing(path: "/srv/r")))
        let degraded = try broken.get("/v1/health")
        #expect(degraded.status == 200)
        #expect(degraded.json["status"].string == "degraded")
        #expect(degraded.json["readers"]["problem"]["type"].string == "urn:cccd:problem:service-unavailable")
        #expect(degraded.json["trust"]["anchors"] == .number(0))
        #expect(degraded.json["registry"]["problem"]["type"].string == "urn:cccd:problem:registry-unavailable")
    }

    @Test("a registry that is not configured is no fault, one that is and cannot be opened is")
    func registries() throws {
        let none = try TestDaemon(insurance: nil)
        let well = try none.get("/v1/health")
        #expect(well.json["status"].string == "ok")
        #expect(well.json["registry"] == ["isConfigured": .bool(false)])
        let metrics = try #require(try TestClient.request(none.path, "GET /metrics")?.text)
        #expect(!metrics.contains("cccd_registry"))
        #expect(try none.post("/v1/insurance", "{\"personalNumber\": \"1\"}").problem == "registry-not-configured")

        let missing = try TestDaemon(insurance: ScriptedInsurance(fault: .missing(path: "/srv/r")))
        let degraded = try missing.get("/v1/health")
        #expect(degraded.json["status"].string == "degraded")
        #expect(degraded.json["registry"]["isConfigured"] == .bool(true))
        #expect(degraded.json["registry"]["status"].isNull)
        #expect(degraded.json["registry"]["problem"]["type"].string == "urn:cccd:problem:registry-unavailable")
        #expect(
            try #require(try TestClient.request(missing.path, "GET /metrics")?.text).contains("\ncccd_registry_up 0\n"))
    }

    @Test("readers are listed with their cards, those alone that are used")
    func readers() throws {
        let daemon = try TestDaemon(desk: ScriptedDesk(readers: { [.holding("A 1"), .empty("A 2"), .holding("B")] })) {
            $0.readers.names = ["A*"]
        }
        let reply = try daemon.get("/v1/readers")
        #expect(reply.json["readers"][0]["name"].string == "A 1")
        #expect(reply.json["readers"][0]["cardPresent"] == .bool(true))
        #expect(reply.json["readers"][1]["cardPresent"] == .bool(false))
        #expect(reply.json["readers"][2].isNull)
    }

    @Test("insurance is decided by personal number, by card number and for a child")
    func insurance() throws {
        let daemon = try TestDaemon { $0.facility.code = "01001" }
        let number = InventedPerson.personalNumber
        for body in [
            "{\"personalNumber\": \"\(number)\"}", "{\"cardNumber\": \"\(InventedPerson.insuranceNumber)\"}",
            "{\"parentPersonalNumber\": \"\(number)\", \"fullName\": \"Bé\", \"birthDate\": \"2023\", \"on\": \"2025-01-31\"}",
        ] {
            let reply = try daemon.post("/v1/insurance", body)
            #expect(reply.status == 200)
            #expect(reply.json["eligible"] == .bool(true))
        }
        let questions = try #require(daemon.insurance?.questions)
        #expect(
            questions.map(\.subject) == [
                .personalNumber(number), .cardNumber(InventedPerson.insuranceNumber),
                .child(parentPersonalNumber: number),
            ])
        #expect(questions.allSatisfy { $0.facility == "01001" })
        #expect(questions.last?.fullName == "Bé")
        #expect(questions.last?.day == Day(iso: "2025-01-31"))
    }

    @Test("insurance without a subject, with two, with a faulty one, or without a registry is a problem")
    func insuranceProblems() throws {
        let daemon = try TestDaemon(
            insurance: ScriptedInsurance(fault: .invalidQuestion(field: "personalNumber", reason: "is not 12 digits")))
        #expect(try daemon.post("/v1/insurance", "{}").problem == "invalid-request")
        #expect(
            try daemon.post("/v1/insurance", "{\"personalNumber\": \"1\", \"cardNumber\": \"2\"}").problem
                == "invalid-request")
        let faulty = try daemon.post("/v1/insurance", "{\"personalNumber\": \"1\"}")
        #expect(faulty.status == 422)
        #expect(faulty.json["pointer"].string == "/personalNumber")

        let none = try TestDaemon(insurance: nil).post("/v1/insurance", "{\"personalNumber\": \"1\"}")
        #expect(none.status == 409)
        #expect(none.problem == "registry-not-configured")
    }

    @Test("no personal data gets into the log, whatever happens")
    func privacy() throws {
        let desk = ScriptedDesk { request, _, _ throws(CardReaderError) in
            if request.key.kind == .can { throw .wrongKey([]) }
            return .scripted
        }
        let daemon = try TestDaemon(desk: desk)
        let number = InventedPerson.personalNumber
        let can = String(number.suffix(6))
        #expect(try daemon.checkIn().status == 200)
        #expect(try daemon.checkIn("{\"can\": \"\(can)\"}").status == 409)
        #expect(try daemon.checkIn("{\"can\": \"\(can)\", \"\(number)\": \"\(number)\"}").status == 422)
        #expect(try daemon.checkIn("{\"personalNumber\": \"\(number)x\"}").status == 422)
        #expect(try daemon.checkIn("{\"can\": \"\(can)\", \"reader\": \"\(number)\"}").status == 422)
        #expect(try daemon.post("/v1/insurance", "{\"personalNumber\": \"\(number)\"}").status == 200)
        #expect(try daemon.get("/v1/people/\(number)?name=\(number)").status == 404)
        daemon.daemon.stop()
        let log = daemon.log.text
        #expect(log.contains("<6>check-in answered reader=\"Reader A\" outcome=genuine insurance=insured ms="))
        #expect(log.contains("check-in not answered reader=\"Reader A\" problem=wrong-key"))
        #expect(log.contains("check-in not answered reader=none problem=unknown-reader"))
        #expect(log.contains("<5>stopped"))
        for value in InventedPerson.values { #expect(!log.contains(value), "\(value)") }
    }

    @Test("a second daemon is told that the socket is in use, and the first goes on")
    func secondDaemon() throws {
        let first = try TestDaemon()
        let second = try TestDaemon(isStarted: false) { $0.socket.path = first.path }
        #expect(throws: DaemonError.socketInUse(path: first.path)) { try second.daemon.start() }
        #expect(try first.get("/v1/readers").status == 200)
    }

    @Test(
        "SIGTERM and SIGINT end it cleanly: the check-in that runs is answered first", .serialized,
        arguments: [SIGTERM, SIGINT])
    func signals(number: Int32) throws {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let daemon = try TestDaemon(
            desk: ScriptedDesk { _, _, _ in
                hasBegun.signal()
                mayEnd.wait()
                return .scripted
            }, isStarted: false)
        let hasEnded = DispatchSemaphore(value: 0)
        let running = daemon.daemon
        let thread = Guarded<pthread_t?>(nil)
        DispatchQueue(label: "daemon").async {
            thread.withLock { $0 = pthread_self() }
            try? running.run()
            hasEnded.signal()
        }
        // The socket has its name a moment before it listens.
        var connected: TestClient?
        while connected == nil {
            connected = try? TestClient(daemon.path)
            usleep(1000)
        }
        let client = try #require(connected)
        let body = "{\"can\": \"012345\"}"
        client.send("POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        client.send("Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        hasBegun.wait()
        // Sent to the thread that waits for it: the process of the tests has others that would die of it.
        _ = try pthread_kill(#require(thread.withLock { $0 }), number)
        while SystemCalls.identity(of: daemon.path) != nil { usleep(1000) }
        #expect(hasEnded.wait(timeout: .now()) == .timedOut)
        mayEnd.signal()
        #expect(client.answer()?.status == 200)
        #expect(hasEnded.wait(timeout: .now() + 30) == .success)
    }
}

@Suite("Problems and documentation")
struct ProblemTests {
    @Test("every kind of problem is described in docs/api.md with its status", arguments: Problem.Kind.allCases)
    func documented(kind: Problem.Kind) throws {
        #expect(try ProjectFile.text("docs/api.md").contains("| `\(kind.rawValue)` | \(kind.status) |"))
    }

    @Test("every call is described in docs/api.md")
    func calls() throws {
        let text = try ProjectFile.text("docs/api.md")
        let services = DaemonServices(desk: ScriptedDesk(), judge: try ScriptedJudge(), insurance: nil)
        let folder = TestFolder()
        var configuration = Configuration()
        configuration.state.folder = folder.path
        configuration.audit.enabled = false
        let api = try API(
            services: services, configuration: configuration, version: "1",
            running: RunningState(configuration: configuration, log: LogRecorder().log()), log: LogRecorder().log())
        for route in api.router.routes { #expect(text.contains("## `\(route.method) \(route.template)`")) }
    }
}

@Suite("Log")
struct LogTests {
    @Test("a line begins with its level as journald reads it, or in words for people")
    func prefix() {
        let lines = LogRecorder()
        let prefixed = Log(level: .info, isPrefixed: true) { lines.log(line: $0) }
        let plain = Log(level: .info, isPrefixed: false) { lines.log(line: $0) }
        prefixed.warning("one", .count("n", 1))
        plain.warning("two")
        prefixed.debug("three")
        #expect(lines.text == "<4>one n=1\nwarning: two\n")
    }

    @Test("a value cannot end its line or its quotation marks")
    func quoting() {
        let lines = LogRecorder()
        Log(level: .info, isPrefixed: true) { lines.log(line: $0) }
            .info("event", .reader("a\n<0>b \"c\" \\ d\u{85}\u{2028}"))
        #expect(lines.text == "<6>event reader=\"a\u{FFFD}<0>b \\\"c\\\" \\\\ d\u{FFFD}\u{FFFD}\"\n")
    }
}

@Suite("Reader names")
struct ReaderNameTests {
    @Test(
        "a pattern's stars stand for any text",
        arguments: [
            ("ACS ACR1252 00", "ACS*", true), ("ACS ACR1252 00", "*1252*", true),
            ("ACS ACR1252 00", "ACS ACR1252 00", true),
            ("ACS ACR1252 00", "*", true), ("ACS ACR1252 00", "*00", true), ("ACS ACR1252 00", "A*1252*0", true),
            ("ACS ACR1252 00", "acs*", false), ("ACS ACR1252 00", "ACS", false), ("ACS ACR1252 00", "*01", false),
            ("aa", "a*a*a", false), ("aba", "a*ba*a", false), ("", "*", true), ("", "**", true),
        ])
    func patterns(name: String, pattern: String, matches: Bool) {
        #expect(ReaderChoice.matches(name, pattern) == matches)
    }
}

import CardReader
import Dispatch
import Document
import FoundationEssentials
import Glibc
import Registry
import Testing

@testable import Daemon

/// An insurance that knows everybody, says whom it was asked about, and fails now and then.
private final class EchoingInsurance: InsuranceDesk {
    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        guard Int.random(in: 0..<20) > 0 else { throw .stopped }
        guard case .personalNumber(let number) = question.subject else { throw .stopped }
        let text = """
            {"eligible": true, "code": "valid", "reasons": [], "source": "registry", "cardNumber": "\(number)"}
            """
        guard let decision = try? JSONDecoder().decode(EligibilityDecision.self, from: Data(text.utf8)) else {
            throw .stopped
        }
        return decision
    }

    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool {
        guard Int.random(in: 0..<20) > 0 else { throw .stopped }
        return false
    }

    func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool { false }
    func status() throws(RegistryError) -> RegistryStatus { throw .stopped }
    func promptDesk(for visit: EligibilityQuestion) -> (any PromptInsuranceDesk)? { HesitantDesk(insurance: self) }
}

/// Answers every other question only; the others go the long way.
private struct HesitantDesk: PromptInsuranceDesk {
    let insurance: EchoingInsurance

    func answer(_ personalNumber: String, into json: inout JSONText) -> String? {
        guard Bool.random(), let decision = try? insurance.decide(EligibilityQuestion(personalNumber: personalNumber))
        else { return nil }
        decision.write(to: &json)
        return decision.code
    }
}

@Suite("Soak")
struct SoakTests {
    /// How long it runs; `make soak` says an hour.
    private static let seconds = getenv("CCCD_SOAK_SECONDS").flatMap { Int(String(cString: $0)) } ?? 3

    private static let faults: [CardReaderError] = [
        .cardRemoved(code: PCSCCode(rawValue: 0x8010_0069)), .cardReset(code: PCSCCode(rawValue: 0x8010_0068)),
        .serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D)), .cancelled, .timeLimitExceeded, .wrongKey([]),
    ]

    /// Three readers that come and go, with cards that are read in no time, or break.
    private static func desk() -> ScriptedDesk {
        ScriptedDesk(
            readers: { () throws(CardReaderError) in
                if Int.random(in: 0..<50) == 0 { throw .serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D)) }
                return ["A", "B", "C"].filter { _ in Int.random(in: 0..<20) > 0 }.map { .holding($0) }
            },
            read: { request, _, cancellation throws(CardReaderError) in
                usleep(UInt32.random(in: 0..<3000))
                if cancellation.isCancelled { throw .cancelled }
                if Int.random(in: 0..<5) == 0, let fault = faults.randomElement() { throw fault }
                var reading = CardReading.scripted
                // Says which card was asked for, so that an answer to another request shows.
                if case .can(let can) = request.key { reading.facts.answerToReset = can }
                return reading
            })
    }

    private struct Counts {
        var answered = 0
        var faults: [String] = []
    }

    @Test(
        "with readers, cards, callers and registry failing at random every request gets its own answer, and nothing piles up"
    )
    func soak() throws {
        let folder = TestFolder()
        var configuration = Configuration()
        configuration.socket.path = folder.file("socket")
        configuration.state.folder = folder.path
        configuration.audit.retentionDays = 1
        configuration.checkIn.queue = 5
        let log = LogRecorder()
        let daemon = CheckInDaemon(
            configuration: configuration, version: "1",
            services: DaemonServices(desk: Self.desk(), judge: try ScriptedJudge(), insurance: EchoingInsurance()),
            log: log.log(level: .error))
        try daemon.start()
        let path = configuration.socket.path
        let counts = Guarded(Counts())
        let end = ContinuousClock.now + .seconds(Self.seconds)
        let usage = Guarded<(residentBytes: Int, descriptors: Int)?>(nil)
        DispatchQueue.concurrentPerform(iterations: 8) { caller in
            var round = 0
            while ContinuousClock.now < end {
                round += 1
                // After the beginning, when everything has been used once.
                if caller == 0, round == 100 { usage.withLock { $0 = SystemCalls.ownUsage() } }
                do {
                    try Self.act(caller, round, path, counts)
                } catch {
                    counts.withLock { $0.faults.append("caller \(caller): \(error)") }
                }
            }
        }
        let state = try #require(daemon.running.withLock { $0 })
        // Those who went away without a word are noticed a moment later.
        let deadline = ContinuousClock.now + .seconds(30)
        func isQuiet() -> Bool {
            state.feed.followerCount == 0 && state.lanes.waitingCount == 0
                && ["A", "B", "C"].allSatisfy { !state.lanes.load(of: $0).isBusy }
                && state.connectionCount.withLock { $0 }() == 0
        }
        while !isQuiet(), ContinuousClock.now < deadline { usleep(10_000) }
        #expect(isQuiet())
        let after = SystemCalls.ownUsage()
        daemon.stop()
        let result = counts.withLock { $0 }
        #expect(result.faults.prefix(5) == [])
        #expect(result.answered > Self.seconds * 20)
        #expect(log.text == "")
        #expect(try AuditVerification(AuditReader(path: folder.file("audit.sqlite"))).findings == [])
        // Beside other tests in the same process the process's own figures say nothing.
        if Self.seconds >= 60, let before = usage.withLock({ $0 }), let after {
            #expect(after.descriptors <= before.descriptors + 20)
            #expect(after.residentBytes < before.residentBytes + 64 << 20)
        }
    }

    /// What a caller does once.
    private static func act(_ caller: Int, _ round: Int, _ path: String, _ counts: borrowing Guarded<Counts>) throws {
        let can = String(1_000_000 + Int.random(in: 0..<1_000_000)).suffix(6)
        let number = "001190\(can)"
        switch Int.random(in: 0..<10) {
        case 0:
            // Goes away in the middle of a request, or before its answer.
            let client = try TestClient(path)
            client.send("POST /v1/check-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            if Bool.random() { client.send("Content-Length: 17\r\n\r\n{\"can\": \"\(can)\"}") }
        case 1:
            let client = try TestClient(path)
            client.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            if client.line(until: "\r\n\r\n") == nil { counts.withLock { $0.faults.append("no events") } }
        case 2:
            let client = try TestClient(path)
            client.send((0..<200).map { _ in UInt8.random(in: 0...255) })
        case 3...5:
            let reply = try self.reply(path, "/v1/insurance", "{\"personalNumber\": \"\(number)\"}")
            let isRight = reply.status == 200 ? reply.json["cardNumber"].string == number : reply.status == 503
            counts.withLock {
                $0.answered += 1
                if !isRight { $0.faults.append("insurance: \(reply.text)") }
            }
        default:
            let reply = try self.reply(path, "/v1/check-in", "{\"can\": \"\(can)\", \"reader\": \"A\"}")
            let isRight =
                reply.status == 200
                ? reply.json["read"]["answerToReset"].string == String(can)
                : [409, 422, 503, 504].contains(reply.status)
            counts.withLock {
                $0.answered += 1
                if !isRight { $0.faults.append("check-in: \(reply.text)") }
            }
        }
    }

    private static func reply(_ path: String, _ target: String, _ body: String) throws -> Reply {
        guard let answer = try TestClient.request(path, "POST \(target)", body: body) else { throw NoAnswer() }
        return try Reply(answer)
    }
}

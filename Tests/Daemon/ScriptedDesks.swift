import CardReader
import Dispatch
import Document
import FoundationEssentials
import Registry
import Synchronization
import Verifier

@testable import Daemon

/// An invented person. No value of it may ever be found in a log.
enum InventedPerson {
    static let personalNumber = "001190012345"
    static let documentNumber = "190012345"
    static let fullName = "Trịnh Thị Ví Dụ"
    static let residence = "Số 7 ngõ Thử Nghiệm, Hà Nội"
    static let birthDate = "1990-05-17"
    static let insuranceNumber = "GD4010123456789"

    static let values = [
        personalNumber, String(personalNumber.suffix(6)), documentNumber, fullName, residence, birthDate,
        insuranceNumber,
        "Thử Nghiệm", "900517",
    ]
}

/// How much of what they are asked scripts keep: more than a test looks at, less than a soak would pile up.
private let scriptMemory = 1000

/// Readers as a test wants them.
final class ScriptedDesk: CardDesk {
    typealias Read = @Sendable (ReadRequest, String, Cancellation) throws(CardReaderError) -> CardReading

    private let list: @Sendable () throws(CardReaderError) -> [DeskReader]
    private let script: Read
    private let seen = Guarded<[ReadRequest]>([])

    /// What was asked to be read, in order.
    var requests: [ReadRequest] { seen.withLock { $0 } }

    init(
        readers: @escaping @Sendable () throws(CardReaderError) -> [DeskReader],
        read: @escaping Read = { _, _, _ in .scripted }
    ) {
        list = readers
        script = read
    }

    convenience init(read: @escaping Read = { _, _, _ in .scripted }) {
        self.init(readers: { [.holding("Reader A")] }, read: read)
    }

    func readers() throws(CardReaderError) -> [DeskReader] { try list() }

    /// Told to whoever watches; set by a test.
    let watcher = Guarded<(@Sendable (Result<[DeskReader], CardReaderError>) -> Void)?>(nil)
    /// What each read tells before it runs its script.
    let telling = Guarded<(@Sendable (ReadObserver) -> Void)?>(nil)

    private struct Watch: ReaderWatch { func stop() {} }

    func watch(_ told: @escaping @Sendable (Result<[DeskReader], CardReaderError>) -> Void) -> any ReaderWatch {
        watcher.withLock { $0 = told }
        return Watch()
    }

    func read(
        _ request: ReadRequest, at reader: String, cancellation: Cancellation, observer: ReadObserver
    ) throws(CardReaderError) -> CardReading {
        seen.withLock { if $0.count < scriptMemory { $0.append(request) } }
        telling.withLock { $0 }?(observer)
        return try script(request, reader, cancellation)
    }
}

extension DeskReader {
    static func holding(_ name: String) -> DeskReader {
        DeskReader(name: name, isCardPresent: true, isCardMute: false)
    }

    static func empty(_ name: String) -> DeskReader {
        DeskReader(name: name, isCardPresent: false, isCardMute: false)
    }
}

extension CardReading {
    static let scripted = CardReading(
        image: CardImage(),
        facts: ReadFacts(
            access: "pace", password: "can", protocolOID: "0.4.0.127.0.7.2.2.4.2.2", parameterID: 13, attempts: 1,
            answerToReset: "3B80",
            unread: [ReadFacts.Unread(file: "EF_DG3", reason: "it needs terminal authentication")],
            commands: 12, bytes: 3456, seconds: 1.5))
}

/// A judge who gives one verdict whatever he is shown.
final class ScriptedJudge: Judge {
    let anchorCount: Int
    private let verdict: Verdict
    private let seen = Guarded<[Evidence]>([])

    /// What was judged, in order.
    var evidence: [Evidence] { seen.withLock { $0 } }

    init(
        outcome: String = "genuine", isProven: Bool = true, anchorCount: Int = 1, more: String = "",
        checks: String? = nil
    ) throws {
        self.anchorCount = anchorCount
        let signature = """
            {"id": "sod.signature", "result": "\(isProven ? "passed" : "failed")", "reason": "ok"}
            """
        let text = """
            {"outcome": "\(outcome)", "validity": [], "checks": [\(checks ?? signature)],
             "holder": {"isProven": \(isProven), "personalNumber": "\(InventedPerson.personalNumber)",
                "documentNumber": "\(InventedPerson.documentNumber)", "fullName": "\(InventedPerson.fullName)",
                "birthDate": "\(InventedPerson.birthDate)", "residence": "\(InventedPerson.residence)",
                "issueDate": "2021-08-30"\(more)}}
            """
        verdict = try JSONDecoder().decode(Verdict.self, from: Data(text.utf8))
    }

    func verify(_ evidence: Evidence) -> Verdict {
        seen.withLock { if $0.count < scriptMemory { $0.append(evidence) } }
        return verdict
    }
}

/// An insurance that insures everybody, or fails as a test wants.
final class ScriptedInsurance: InsuranceDesk {
    private let fault: RegistryError?
    private let seen = Guarded<[EligibilityQuestion]>([])
    private let kept = Guarded<[ChipStatement]>([])
    private let lostAsked = Guarded<[String]>([])

    /// Whose cards were asked about, whether they are lost, in order.
    var lossQuestions: [String] { lostAsked.withLock { $0 } }

    /// What verified chips said, in order.
    var statements: [ChipStatement] { kept.withLock { $0 } }
    /// What was asked, in order.
    var questions: [EligibilityQuestion] { seen.withLock { $0 } }

    init(fault: RegistryError? = nil) { self.fault = fault }

    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        seen.withLock { $0.append(question) }
        if let fault { throw fault }
        let text = """
            {"eligible": true, "code": "insured", "reasons": [], "source": "registry",
             "cardNumber": "\(InventedPerson.insuranceNumber)",
             "person": {"personalNumber": "\(InventedPerson.personalNumber)", "fullName": "\(InventedPerson.fullName)",
                "birthDate": "\(InventedPerson.birthDate)"}}
            """
        guard let decision = try? JSONDecoder().decode(EligibilityDecision.self, from: Data(text.utf8)) else {
            throw .stopped
        }
        return decision
    }

    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool {
        lostAsked.withLock { $0.append(personalNumber) }
        return false
    }

    func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool {
        kept.withLock { $0.append(statement) }
        return true
    }

    func status() throws(RegistryError) -> RegistryStatus {
        if let fault { throw fault }
        let text = #"{"source": "registry", "rows": 3, "lostCards": 0}"#
        guard let status = try? JSONDecoder().decode(RegistryStatus.self, from: Data(text.utf8)) else { throw .stopped }
        return status
    }
}

/// A decoder of portraits as a test wants it.
struct ScriptedDecoder: Sendable {
    var decode: PortraitAnswer.Decode
}

/// A daemon with scripted services on a socket of its own.
final class TestDaemon {
    let path: String
    let log = LogRecorder()
    let desk: ScriptedDesk
    let judge: ScriptedJudge
    let insurance: ScriptedInsurance?
    let daemon: CheckInDaemon
    let folder: TestFolder

    init(
        in folder: TestFolder = TestFolder(),
        desk: ScriptedDesk = ScriptedDesk(), judge: ScriptedJudge? = nil,
        insurance: ScriptedInsurance? = ScriptedInsurance(), isStarted: Bool = true,
        decoder: ScriptedDecoder? = nil, verifier: (any Judge)? = nil,
        configure: (inout Configuration) -> Void = { _ in }
    ) throws {
        self.folder = folder
        path = folder.file("socket")
        self.desk = desk
        self.judge = try judge ?? ScriptedJudge()
        self.insurance = insurance
        var configuration = Configuration()
        configuration.socket.path = path
        configuration.state.folder = folder.path
        configure(&configuration)
        var services = DaemonServices(desk: desk, judge: verifier ?? self.judge, insurance: insurance)
        if let decoder {
            services = DaemonServices(
                desk: desk, judge: self.judge, insurance: insurance, decodePortrait: decoder.decode)
        }
        daemon = CheckInDaemon(
            configuration: configuration, version: "1.2.3", services: services, log: log.log())
        if isStarted { try daemon.start() }
    }

    deinit { daemon.stop() }

    var audit: String { folder.file("audit.sqlite") }

    func get(_ path: String) throws -> Reply { try reply("GET \(path)", nil) }
    func post(_ path: String, _ body: String) throws -> Reply { try reply("POST \(path)", body) }
    func checkIn(_ body: String = "{\"personalNumber\": \"\(InventedPerson.personalNumber)\"}") throws -> Reply {
        try post("/v1/check-in", body)
    }

    func read(_ body: String = "{\"personalNumber\": \"\(InventedPerson.personalNumber)\"}") throws -> Reply {
        try post("/v1/read", body)
    }

    /// The records of one kind in the audit log.
    func records(of event: String) throws -> [JSON] {
        try AuditReader(path: audit).allRecords().filter { $0["event"].string == event }
    }

    private func reply(_ line: String, _ body: String?) throws -> Reply {
        guard let answer = try TestClient.request(path, line, body: body) else { throw NoAnswer() }
        return try Reply(answer)
    }
}

struct NoAnswer: Error {}

/// An answer in JSON, taken apart.
struct Reply {
    let status: Int
    let headers: [String: String]
    let text: String
    let json: JSON

    init(_ answer: TestClient.Answer) throws {
        status = answer.status
        headers = answer.headers
        text = answer.text
        json = try JSONDecoder().decode(JSON.self, from: Data(answer.body))
    }

    /// The end of the problem's type.
    var problem: String? {
        json["type"].string.flatMap { $0.hasPrefix("urn:cccd:problem:") ? String($0.dropFirst(17)) : nil }
    }
}

/// Any JSON value.
enum JSON: Decodable, Equatable {
    case null, bool(Bool), number(Double), string(String), list([JSON]), object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let list = try? value.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    subscript(key: String) -> JSON { if case .object(let object) = self { object[key] ?? .null } else { .null } }
    subscript(index: Int) -> JSON {
        if case .list(let list) = self, list.indices.contains(index) { list[index] } else { .null }
    }
    var string: String? { if case .string(let string) = self { string } else { nil } }
    var isNull: Bool { self == .null }
    var keys: Set<String> { if case .object(let object) = self { Set(object.keys) } else { [] } }
}

extension AuditReader {
    /// All records, taken apart.
    func allRecords() throws -> [JSON] {
        var lines: [String] = []
        try records { _, content in
            lines.append(content)
            return true
        }
        return try lines.map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
    }
}

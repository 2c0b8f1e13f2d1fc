import Crypto
import Document
import Foundation
import Simulator
import Testing

@testable import Verifier

/// Cards of one State for the tests of the batch, made once.
struct BatchFixtures: Sendable {
    static let shared = Result { try BatchFixtures() }
    /// The moment at which everything is judged.
    static let date = Date(timeIntervalSince1970: 1_780_000_000)

    let state: TestPKI
    let others: [TestPKI]
    let trust: TrustStore
    let cards: [CardImage]

    init() throws {
        var options = TestPKI.Options()
        options.countrySignerKey = .ec(.secp256r1)
        options.countrySignerScheme = .ecdsa(.sha256)
        options.documentSignerKey = .ec(.secp256r1)
        let state = try TestPKI(options)
        options.documentSignerKey = .ec(.brainpoolP384r1)
        options.documentSignerScheme = .ecdsa(.sha384)
        let brainpool = try state.withNewDocumentSigner(options)
        options.documentSignerKey = .rsa(bits: 2048)
        options.documentSignerScheme = .rsaPKCS1(.sha256)
        let rsa = try state.withNewDocumentSigner(options)
        options.documentSignerScheme = .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32)
        let pss = try state.withNewDocumentSigner(options)
        self.state = state
        others = [brainpool, rsa, pss]
        var trust = TrustStore()
        try trust.add(Certificate(der: state.countrySigner.certificate))
        self.trust = trust
        var people = CitizenGenerator(seed: 7)
        var cards: [CardImage] = []
        for index in 0..<24 {
            var card = Personalisation(people.next())
            card.dataGroups = [1, 13, 14]
            if index.isMultiple(of: 3) { card.securityObject.signingTime = Timestamp(card.citizen.issueDate) }
            cards.append(try card.card(signedBy: [state, brainpool, rsa, pss][index % 4]).image)
        }
        self.cards = cards
    }

    var verifier: CardVerifier { CardVerifier(trust: trust) }
}

/// The batch beside `CardVerifier`.
extension BatchFixtures {
    /// What the batch finds of records, the first of which teach it.
    func verdicts(
        _ records: [[UInt8]], verifier: CardVerifier? = nil, date: Date = BatchFixtures.date
    ) throws -> (found: [BatchVerdict?], learned: Int) {
        let encoder = ResultEncoder(format: .json)
        let judge = try RecordJudge(
            verifier ?? self.verifier, date: date, encoder: encoder,
            memory: BatchMemory(SignerForecast([], .automatic)), tables: TableBudget(isEager: true))
        var found: [BatchVerdict?] = []
        var learned = 0
        for start in stride(from: 0, to: records.count, by: 50) {
            let block = records[start..<min(start + 50, records.count)]
            judge.begin()
            let bytes = Array(block.joined())
            var pending: [RecordJudge.Pending] = []
            var offset = 0
            for record in block {
                pending.append(judge.examine(bytes.span, offset..<offset + record.count))
                offset += record.count
            }
            judge.finish(bytes.span)
            for (one, record) in zip(pending, block) {
                switch judge.finding(one, record.span) {
                case .learned(let verdict):
                    learned += 1
                    found.append(
                        BatchVerdict(
                            outcome: verdict.outcome, validity: verdict.validity, checks: verdict.checks,
                            signer: verdict.signer.summary))
                case .judged(let verdict): found.append(BatchVerdict(verdict))
                case .unreadable: found.append(nil)
                }
            }
        }
        return (found, learned)
    }

    func expected(
        _ record: [UInt8], verifier: CardVerifier? = nil, date: Date = BatchFixtures.date
    ) -> BatchVerdict? {
        guard let image = try? CardImage(record: record.span) else { return nil }
        return BatchVerdict((verifier ?? self.verifier).verify(Evidence(image: image, date: date)))
    }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}

/// A record behind its length.
func framed(_ record: [UInt8]) -> [UInt8] { (0..<4).map { UInt8(record.count >> (24 - 8 * $0) & 0xFF) } + record }

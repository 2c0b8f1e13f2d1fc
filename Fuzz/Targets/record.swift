import Crypto
import Document
import FoundationEssentials
@testable import Verifier

/// A stored card image, judged alone and in a batch that has learned the right cards of its signer.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzRecord(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput.bytes(start, count)
    guard let image = try? CardImage(record: input.span) else { return 0 }
    let verdict = Judges.shared.cardVerifier.verify(Evidence(image: image, date: Judges.date))
    require(verdict.checks.count == CheckIdentifier.allCases.count, "every check has a result")
    require(verdict.outcome != .genuine, "a stored image proves no chip")
    for language in [VerdictLanguage.vietnamese, .english] {
        for line in VerdictText.lines(of: verdict, language: language) {
            require(!line.unicodeScalars.contains { $0.value < 0x20 }, "no line holds what a terminal would obey")
        }
    }
    require(Judges.shared.batch(input) == BatchVerdict(verdict), "the batch says what the verifier says")
    return 0
}

/// Both judges under the CSCA of the seeds.
struct Judges: @unchecked Sendable {
    static let shared = Judges()
    static let date = (try? Date("2026-06-01T12:00:00Z", strategy: .iso8601)) ?? .distantPast

    let cardVerifier = CardVerifier(trust: Seeds.trust)
    private let judge: RecordJudge

    private init() {
        guard
            let judge = try? RecordJudge(
                cardVerifier, date: Self.date, encoder: ResultEncoder(format: .json),
                memory: BatchMemory(SignerForecast([], .automatic)), tables: TableBudget(isEager: true))
        else { fatalError("no judge for batches") }
        self.judge = judge
        for _ in 0..<2 {
            for record in Seeds.lines(of: "record").dropLast() {
                require(batch(record)?.outcome == .authenticData, "the seeds are right")
            }
        }
    }

    func batch(_ record: [UInt8]) -> BatchVerdict? {
        judge.begin()
        let pending = judge.examine(record.span, 0..<record.count)
        judge.finish(record.span)
        switch judge.finding(pending, record.span) {
        case .learned(let verdict):
            return BatchVerdict(
                outcome: verdict.outcome, validity: verdict.validity, checks: verdict.checks,
                signer: verdict.signer.summary)
        case .judged(let verdict): return BatchVerdict(verdict)
        case .unreadable: return nil
        }
    }
}

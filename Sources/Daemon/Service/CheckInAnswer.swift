import Document
import FoundationEssentials
import Registry
import Verifier

/// The answer to a check-in.
struct CheckInAnswer: Encodable {
    private enum CodingKeys: String, CodingKey {
        case on, reader, verdict, holder, withheld, insurance, insuranceProblem, receipt, receiptProblem, read, portrait
    }

    /// The verdict without the holder, who stands beside it.
    struct Judgement: Encodable {
        var outcome: Outcome
        var validity: [ValidityRemark]
        var checks: [CheckOutcome]
        var signer: SignerSummary?
        /// The verdict in sentences, by the language's code; nil when they were not asked for.
        var texts: [String: JudgementText]?
    }

    /// The picture of the holder as the chip has it.
    struct Portrait: Encodable {
        /// `image/jp2`, `image/j2c` or `image/jpeg`.
        var mediaType: String
        /// The image in base64.
        var data: String
    }

    /// The day that the answer is about.
    var on: String
    /// PC/SC's name of the reader.
    var reader: String
    /// Whether the card is genuine, and why.
    var verdict: Judgement
    /// Whose card it says it is; `isProven` tells whether that is certain.
    var holder: DisclosedHolder?
    /// The insurance's decision; absent when there is none.
    var insurance: EligibilityDecision?
    /// Why there is no decision of the insurance.
    var insuranceProblem: Problem?
    /// The signed receipt, when it was asked for.
    var receipt: String?
    /// Why there is no receipt though it was asked for.
    var receiptProblem: Problem?
    /// How the card was read.
    var read: ReadFacts
    /// The picture, when it was asked for and could be read.
    var portrait: Portrait?
}

extension CheckInAnswer {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(on, forKey: .on)
        try container.encode(reader, forKey: .reader)
        try container.encode(verdict, forKey: .verdict)
        try container.encodeIfPresent(holder, forKey: .holder)
        if let withheld = holder?.withheld, !withheld.isEmpty { try container.encode(withheld, forKey: .withheld) }
        try container.encodeIfPresent(insurance, forKey: .insurance)
        try container.encodeIfPresent(insuranceProblem, forKey: .insuranceProblem)
        try container.encodeIfPresent(receipt, forKey: .receipt)
        try container.encodeIfPresent(receiptProblem, forKey: .receiptProblem)
        try container.encode(read, forKey: .read)
        try container.encodeIfPresent(portrait, forKey: .portrait)
    }
}

extension CheckInAnswer.Judgement {
    init(_ verdict: Verdict, texts languages: [VerdictLanguage]) {
        if !languages.isEmpty {
            texts = Dictionary(
                languages.map { ($0.rawValue, JudgementText(verdict, in: $0)) }, uniquingKeysWith: { $1 })
        }
        outcome = verdict.outcome
        validity = verdict.validity
        checks = verdict.checks
        signer = verdict.signer
    }
}

extension CheckInAnswer.Portrait {
    /// Nil when DG2 was not read or has no image.
    init?(_ image: CardImage) {
        guard let bytes = image[.dg2], let face = try? DataGroup2(bytes.span).images.first else { return nil }
        mediaType = face.kind.mediaType
        data = Data(face.bytes).base64EncodedString()
    }
}

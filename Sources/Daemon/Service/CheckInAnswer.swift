import Registry

/// The answer to a check-in.
struct CheckInAnswer: CardAnswer {
    private enum CodingKeys: String, CodingKey {
        case on, reader, verdict, holder, withheld, insurance, insuranceProblem, receipt, receiptProblem, read, portrait
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
    var portrait: ChipPortrait?

    var readFacts: ReadFacts? { read }
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

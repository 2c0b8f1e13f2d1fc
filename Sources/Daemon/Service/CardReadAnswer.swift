import Document

/// The answer of `POST /v1/read`.
struct CardReadAnswer: CardAnswer {
    private enum CodingKeys: String, CodingKey {
        case reader, verdict, holder, withheld, read, portrait, cardImage
    }

    /// PC/SC's name of the reader.
    var reader: String
    /// Whether the card is genuine, and why.
    var verdict: Judgement
    /// Whose card it says it is; `isProven` tells whether that is certain.
    var holder: DisclosedHolder?
    /// How the card was read.
    var read: ReadFacts
    /// The picture, when it was asked for and could be read.
    var portrait: ChipPortrait?
    /// The files as the chip gave them, when they were asked for.
    var cardImage: CardImage?

    var readFacts: ReadFacts? { read }
}

extension CardReadAnswer {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reader, forKey: .reader)
        try container.encode(verdict, forKey: .verdict)
        try container.encodeIfPresent(holder, forKey: .holder)
        if let withheld = holder?.withheld, !withheld.isEmpty { try container.encode(withheld, forKey: .withheld) }
        try container.encode(read, forKey: .read)
        try container.encodeIfPresent(portrait, forKey: .portrait)
        try container.encodeIfPresent(cardImage, forKey: .cardImage)
    }
}

import CardReader
import Document
import Verifier

/// The body of `POST /v1/check-in`.
struct CheckInRequest: Sendable, Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case personalNumber, can, mrz, documentNumber, birthDate, expiryDate, qr
        case reader, portrait, portraitFollows, texts, wait, receipt, on, facility, facilityLevel, arrival, care
    }

    /// What opens the chip.
    var key: AccessKey
    /// PC/SC's name of the reader; nil for the one that holds a card.
    var reader: String?
    /// Whether the portrait is read and answered.
    var portrait: Bool
    /// Whether the portrait is read once the answer was given, to be asked for by itself.
    var portraitFollows: Bool
    /// The languages in which the verdict is told in sentences.
    var texts: [VerdictLanguage]
    /// Whether it waits for a reader that is being used.
    var mayWait: Bool
    /// What a receipt is to state; nil when none is wanted.
    var receipt: ReceiptRequest?
    /// What the insurance's decision depends on.
    var visit: Visit

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        key = try AccessKeyMembers(from: decoder).key
        reader = try keys.optionalText(.reader, limit: 256)
        portrait = try keys.optional(.portrait) ?? false
        portraitFollows = try keys.optional(.portraitFollows) ?? false
        if portrait, portraitFollows {
            throw keys.unacceptable(.portraitFollows, "the portrait comes with the answer or after it, not both")
        }
        texts = try keys.languages(.texts)
        receipt = try keys.optional(.receipt)
        mayWait = try keys.optional(.wait) ?? true
        visit = try Visit(
            keys, day: .on, facility: .facility, facilityLevel: .facilityLevel, arrival: .arrival, care: .care)
    }
}

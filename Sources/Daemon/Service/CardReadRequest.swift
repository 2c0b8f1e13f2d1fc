import CardReader
import Document
import Verifier

/// The body of `POST /v1/read`.
struct CardReadRequest: Sendable, Decodable {
    private enum Keys: String, CodingKey {
        case personalNumber, can, mrz, documentNumber, birthDate, expiryDate, qr
        case reader, files, portrait, cardImage, texts, wait, at
    }

    /// What opens the chip.
    var key: AccessKey
    /// PC/SC's name of the reader; nil for the one that holds a card.
    var reader: String?
    /// The data groups that are wanted; nil for all but the portrait.
    var files: Set<ElementaryFile>?
    /// Whether the portrait is read and answered.
    var portrait: Bool
    /// Whether the files are answered as the chip gave them.
    var cardImage: Bool
    /// The languages in which the verdict is told in sentences.
    var texts: [VerdictLanguage]
    /// Whether it waits for a reader that is being used.
    var mayWait: Bool
    /// The day as of which validity is judged; nil for now.
    var day: CalendarDate?

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        key = try AccessKeyMembers(from: decoder).key
        reader = try keys.optionalText(.reader, limit: 256)
        files = try Self.dataGroups(keys)
        portrait = try keys.optional(.portrait) ?? false
        cardImage = try keys.optional(.cardImage) ?? false
        texts = try keys.languages(.texts)
        mayWait = try keys.optional(.wait) ?? true
        day = try keys.optionalDay(.at)
    }

    private static func dataGroups(_ keys: KeyedDecodingContainer<Keys>) throws -> Set<ElementaryFile>? {
        guard let names = try keys.optional(.files, as: [String].self) else { return nil }
        return Set(
            try names.map { name in
                guard let file = ElementaryFile(rawValue: name), file.dataGroupNumber != nil else {
                    throw keys.unacceptable(.files, "it must be a list of data groups, DG1 to DG16")
                }
                return file
            })
    }
}

extension CardReadRequest {
    /// The data groups with the keys by which the chip proves that it is the original; nobody is told anything of the holder
    /// by them.
    private static let proofs: Set<ElementaryFile> = [.dg14, .dg15]

    /// Whether the portrait, DG2, is read.
    var readsPortrait: Bool { portrait || files?.contains(.dg2) == true }

    /// What is read of the chip, beside EF.CardAccess, EF.COM and EF.SOD.
    var selection: ReadRequest.Selection {
        guard let files else { return portrait ? .everything : .withoutPortrait }
        return .only(files.union(Self.proofs).union(portrait ? [.dg2] : []))
    }
}

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
        key = try Self.accessKey(keys)
        reader = try keys.optionalText(.reader, limit: 256)
        portrait = try keys.optional(.portrait) ?? false
        portraitFollows = try keys.optional(.portraitFollows) ?? false
        if portrait, portraitFollows {
            throw keys.unacceptable(.portraitFollows, "the portrait comes with the answer or after it, not both")
        }
        texts = try Self.languages(keys)
        receipt = try keys.optional(.receipt)
        mayWait = try keys.optional(.wait) ?? true
        visit = try Visit(
            keys, day: .on, facility: .facility, facilityLevel: .facilityLevel, arrival: .arrival, care: .care)
    }

    private static func languages(_ keys: KeyedDecodingContainer<Keys>) throws -> [VerdictLanguage] {
        try (keys.optional(.texts, as: [String].self) ?? []).map { code in
            guard let language = VerdictLanguage(rawValue: code) else {
                throw keys.unacceptable(.texts, "it must be a list of vi and en")
            }
            return language
        }
    }

    private static func accessKey(_ keys: KeyedDecodingContainer<Keys>) throws -> AccessKey {
        let personalNumber = try keys.optionalText(.personalNumber, limit: 64)
        let can = try keys.optionalText(.can, limit: 64)
        let mrz = try keys.optionalText(.mrz, limit: 256)
        let qr = try keys.optionalText(.qr, limit: QRText.maximumByteCount)
        let fieldKeys: [Keys] = [.documentNumber, .birthDate, .expiryDate]
        let fields = try fieldKeys.compactMap { try keys.optionalText($0, limit: 64) }

        let given = [personalNumber, can, mrz, qr].count { $0 != nil } + (fields.isEmpty ? 0 : 1)
        guard given == 1, fields.isEmpty || fields.count == fieldKeys.count else {
            throw Problem(
                .invalidRequest,
                "Give exactly one key to the card: personalNumber, can, mrz, qr, "
                    + "or documentNumber with birthDate and expiryDate.")
        }
        if let personalNumber {
            return try checked(.personalNumber) { .personalNumber(try PersonalNumber(personalNumber)) }
        }
        if let qr { return try checked(.qr) { .qr(try QRText(qr)) } }
        if let mrz { return try checked(.mrz) { .mrz(try accessFields(ofZone: mrz)) } }
        if let can { return try checked(.can) { .can(try cardAccessNumber(can)) } }
        return try checked(.documentNumber) {
            let (number, birth, expiry) = (fields[0], zoneDate(fields[1]), zoneDate(fields[2]))
            return .mrz(try AccessFields(documentNumber: number, birthDate: birth, expiryDate: expiry))
        }
    }

    private static func cardAccessNumber(_ text: String) throws(DocumentError) -> String {
        guard text.utf8.count == 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalidValue(field: "card access number", reason: "it must be six digits")
        }
        return text
    }

    private static func accessFields(ofZone text: String) throws(DocumentError) -> AccessFields {
        let zone = try MachineReadableZone(text)
        // A field misread by a scanner would only cost a try at the chip, and its answer would say less.
        let failed = zone.failedCheckDigits.filter { [.documentNumber, .birthDate, .expiryDate].contains($0) }
        guard failed.isEmpty else {
            throw .invalidValue(
                field: "mrz", reason: "the check digit of \(failed.map(\.rawValue).joined(separator: ", ")) is wrong")
        }
        return zone.accessFields
    }

    /// A date of the machine readable zone: as it stands there, `YYMMDD`, or `YYYY-MM-DD`.
    private static func zoneDate(_ text: String) -> String {
        CalendarDate(iso: text)?.mrzText ?? text
    }

    private static func checked(_ key: Keys, _ make: () throws -> AccessKey) throws -> AccessKey {
        do {
            return try make()
        } catch let error as DocumentError {
            var problem = Problem(.invalidKey, "The key to the card is not valid: \(error).")
            problem.pointer = "/\(key.rawValue)"
            throw problem
        }
    }
}

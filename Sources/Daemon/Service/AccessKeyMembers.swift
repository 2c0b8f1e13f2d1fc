import CardReader
import Document

/// The key to a card as requests have it: exactly one of these members, beside those of the request itself.
struct AccessKeyMembers: Sendable, Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case personalNumber, can, mrz, documentNumber, birthDate, expiryDate, qr
    }

    /// What opens the chip.
    let key: AccessKey

    /// Takes its own members; the others are the request's, which also refuses those that it does not know.
    init(from decoder: any Decoder) throws {
        key = try Self.accessKey(decoder.container(keyedBy: Keys.self))
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

import CardReader
import Document

/// The options that say what opens a chip.
enum AccessOptions {
    static let all = [
        Option(name: "--personal-number", value: "DIGITS", help: "Open with the twelve digits of the personal number."),
        Option(name: "--can", value: "DIGITS", help: "Open with a card access number of six digits."),
        Option(name: "--qr", value: "TEXT", help: "Open with the text of the QR code printed on the card."),
        Option(name: "--mrz", value: "TEXT", help: "Open with the machine readable zone, all lines in one."),
        Option(
            name: "--document-number", value: "TEXT", help: "Open with the document number; needs the two dates too."),
        Option(name: "--birth-date", value: "YYMMDD", help: "Birth date as in the machine readable zone."),
        Option(name: "--expiry-date", value: "YYMMDD", help: "Expiry date as in the machine readable zone."),
    ]

    /// The one key that was given.
    static func key(_ arguments: Arguments) throws -> AccessKey {
        var keys: [AccessKey] = []
        if let text = arguments.value("--personal-number") { keys.append(.personalNumber(try PersonalNumber(text))) }
        if let text = arguments.value("--can") { keys.append(.can(text)) }
        if let text = arguments.value("--qr") { keys.append(.qr(try QRText(text))) }
        if let text = arguments.value("--mrz") { keys.append(.mrz(try MachineReadableZone(text).accessFields)) }
        if let fields = try fields(arguments) { keys.append(.mrz(fields)) }
        guard let key = keys.first, keys.count == 1 else {
            throw UsageError(
                description: keys.isEmpty
                    ? "say what opens the chip: --personal-number, --can, --qr, --mrz or --document-number"
                    : "more than one key to the chip was given")
        }
        return key
    }

    private static func fields(_ arguments: Arguments) throws -> AccessFields? {
        let values = ["--document-number", "--birth-date", "--expiry-date"].map(arguments.value)
        guard values.contains(where: { $0 != nil }) else { return nil }
        guard let number = values[0], let birth = values[1], let expiry = values[2] else {
            throw UsageError(description: "--document-number, --birth-date and --expiry-date belong together")
        }
        return try AccessFields(documentNumber: number, birthDate: birth, expiryDate: expiry)
    }
}

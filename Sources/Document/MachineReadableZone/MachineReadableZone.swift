/// The machine readable zone of a card or booklet (Doc 9303-3, 4; formats in -5, -6 and -4).
public struct MachineReadableZone: Hashable, Sendable {
    /// The layout, told by the number of characters.
    public enum Format: Hashable, Sendable, CaseIterable {
        /// A card: three lines of 30 (Doc 9303-5, 4.2).
        case td1
        /// A larger card: two lines of 36 (Doc 9303-6, 4.2).
        case td2
        /// A passport: two lines of 44 (Doc 9303-4, 4.2).
        case td3

        /// Characters in a line.
        public var lineLength: Int {
            switch self {
            case .td1: 30
            case .td2: 36
            case .td3: 44
            }
        }

        /// Lines in the zone.
        public var lineCount: Int { self == .td1 ? 3 : 2 }
    }

    /// What a check digit of the zone is over.
    public enum CheckedField: String, Hashable, Sendable, CaseIterable {
        /// The document number.
        case documentNumber
        /// The date of birth.
        case birthDate
        /// The date of expiry.
        case expiryDate
        /// The optional data of a TD3 zone.
        case optionalData
        /// The fields together that the composite check digit is over.
        case composite
    }

    /// The layout.
    public let format: Format
    /// The lines one after the other without line breaks: 90, 72 or 88 characters.
    public let text: String
    /// One or two letters, such as `ID` or `P`.
    public let documentCode: String
    /// The issuing State, such as `VNM` or `D`.
    public let issuingState: String
    /// The document number, also where it is so long that a part of it stands in the optional data.
    public let documentNumber: String
    /// What the issuing State put in the optional fields, without fillers behind it: two for TD1, one for the others.
    public let optionalData: [String]
    /// `YYMMDD`; fillers stand for parts that are not known.
    public let birthDate: String
    /// The holder's sex.
    public let sex: Sex
    /// `YYMMDD`; fillers stand for parts that are not known.
    public let expiryDate: String
    /// The holder's nationality, such as `VNM`.
    public let nationality: String
    /// The primary identifier, for Vietnamese names the family name, its words separated by spaces.
    public let primaryIdentifier: String
    /// The secondary identifier, for Vietnamese names middle and given names; empty when there is none.
    public let secondaryIdentifier: String
    /// Whether the name fills its field to the last character, and so may have been cut (Doc 9303-5, 4.2.3).
    public let isNameTruncated: Bool
    /// The check digits that are not what they should be.
    public let failedCheckDigits: [CheckedField]
    /// The fields that open the chip.
    public let accessFields: AccessFields

    /// - Parameter text: The lines in order, with or without line breaks between them and spaces around them.
    /// - Throws: `invalidValue` when the text has none of the three sizes or a character that no zone has, or when a date,
    ///   the sex or the document number cannot be one. Wrong check digits are not thrown but told in
    ///   `failedCheckDigits`. No message repeats the text.
    public init(_ text: some StringProtocol) throws(DocumentError) {
        // Line breaks and spaces do not double the largest zone.
        guard text.utf8.count <= 180 else {
            throw .invalidValue(field: "machine readable zone", reason: "it has more than 180 characters")
        }
        var characters = Array(text.utf8)
        characters.removeAll { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }
        let zone = try Zone(characters)
        let fields = Fields(zone)

        let split = fields.documentNumber(in: zone)
        documentNumber = split.number
        optionalData = fields.optionalData(in: zone, behind: split)
        format = zone.format
        self.text = String(decoding: characters, as: UTF8.self)
        documentCode = zone.text(1, 1...2).withoutFillersBehind
        issuingState = zone.text(1, 3...5).withoutFillersBehind
        nationality = zone.text(fields.nationality).withoutFillersBehind
        birthDate = zone.text(fields.birthDate)
        expiryDate = zone.text(fields.expiryDate)
        sex =
            switch zone.text(fields.sex) {
            case "M": .male
            case "F": .female
            case "<", "X": .unspecified
            default: throw .invalidValue(field: "sex in the machine readable zone", reason: "it must be M, F, X or <")
            }
        let name = zone.text(fields.name)
        (primaryIdentifier, secondaryIdentifier) = Self.identifiers(in: name)
        isNameTruncated = name.utf8.last != UInt8(ascii: "<")
        failedCheckDigits = fields.failedCheckDigits(in: zone, number: split)
        accessFields = try AccessFields(documentNumber: documentNumber, birthDate: birthDate, expiryDate: expiryDate)
    }

    /// The date of expiry as a day, in the years 2000 to 2099; nil when a part of it is not known.
    public var expiry: CalendarDate? {
        let digits = Array(expiryDate.utf8)
        guard let year = Digits.value(digits.prefix(2)), let month = Digits.value(digits.dropFirst(2).prefix(2)),
            let day = Digits.value(digits.suffix(2))
        else { return nil }
        return CalendarDate(year: 2000 + year, month: month, day: day)
    }

    /// The Vietnamese personal number that a card of Viet Nam has in its first optional field; nil on any other document.
    public var personalNumber: PersonalNumber? {
        guard format == .td1, issuingState == "VNM", let data = optionalData.first else { return nil }
        // Two fillers and a check digit of the State's own follow it.
        return try? PersonalNumber(String(data.prefix { $0 != "<" }))
    }

    private static func identifiers(in name: String) -> (primary: String, secondary: String) {
        let words = name.split(separator: "<", omittingEmptySubsequences: false)
        // The first empty word stands between the two fillers that separate the identifiers.
        let primary = words.prefix { !$0.isEmpty }
        let secondary = words.dropFirst(primary.count).filter { !$0.isEmpty }
        return (primary.joined(separator: " "), secondary.joined(separator: " "))
    }
}

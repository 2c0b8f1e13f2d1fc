/// The text of the QR code printed on a Vietnamese card: fields separated by `|`, in UTF-8.
///
/// No standard describes it; its form is the one observed on real cards. It is not signed and proves nothing.
public struct QRText: Hashable, Sendable {
    /// A longer text is refused; a QR code holds at most 2953 bytes (ISO/IEC 18004, table 7).
    public static let maximumByteCount = 4096

    /// The personal number.
    public let personalNumber: PersonalNumber
    /// The number of an older identity document (CMND); nil when there is none.
    public let oldNumber: String?
    /// The full name with diacritics.
    public let fullName: String
    /// The birth date; for old records a part of it may not be known.
    public let birthDate: PartialDate
    /// The sex.
    public let sex: Sex
    /// The place of residence.
    public let residence: String
    /// The issue date.
    public let issueDate: CalendarDate
    /// What follows the issue date on later cards, as it stands.
    public let furtherFields: [String]

    /// - Parameter text: The text as a scanner gives it; white space around it, such as a line end, is ignored.
    /// - Throws: `DocumentError.invalidValue` naming the field that is something else, `missing` when there are too few
    ///   fields. No message repeats the text.
    public init(_ text: String) throws(DocumentError) {
        guard text.utf8.count <= Self.maximumByteCount else {
            throw .invalidValue(field: "QR text", reason: "it is longer than \(Self.maximumByteCount) bytes")
        }
        // A combining mark behind a separator would hide it among the characters, but not among the bytes.
        let fields = text.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map {
            String(decoding: Array($0), as: UTF8.self).trimmed
        }
        guard fields.count >= Self.names.count else {
            throw .missing(field: "QR text: \(Self.names[fields.count])")
        }
        personalNumber = try PersonalNumber(fields[0])
        oldNumber = fields[1].isEmpty ? nil : fields[1]
        fullName = fields[2]
        guard !fullName.isEmpty else { throw .missing(field: "QR text: full name") }
        guard let birthDate = PartialDate(digits: fields[3].utf8) else {
            throw .invalidValue(field: "QR text: birth date", reason: "it must be eight digits, ddmmyyyy")
        }
        self.birthDate = birthDate
        guard let sex = Sex(vietnamese: fields[4]) else {
            throw .invalidValue(
                field: "QR text: sex", reason: "it must be Nam or Nữ; a scanner that does not send UTF-8 spoils it")
        }
        self.sex = sex
        residence = fields[5]
        guard let issueDate = PartialDate(digits: fields[6].utf8)?.date else {
            throw .invalidValue(field: "QR text: issue date", reason: "it must be eight digits, ddmmyyyy")
        }
        self.issueDate = issueDate
        furtherFields = Array(fields.dropFirst(Self.names.count))
    }

    /// What may open a chip by BAC, the likeliest first: the expiry date is not in the text but follows from birth and
    /// issue date. Empty when the birth date is not wholly known.
    public var accessCandidates: [AccessFields] {
        guard let birthDate = birthDate.date else { return [] }
        return ExpiryRule.candidates(birthDate: birthDate, issueDate: issueDate).compactMap { expiryDate in
            try? AccessFields(
                documentNumber: personalNumber.documentNumber, birthDate: birthDate.mrzText, expiryDate: expiryDate)
        }
    }

    private static let names = [
        "personal number", "old number", "full name", "birth date", "sex", "residence", "issue date",
    ]
}

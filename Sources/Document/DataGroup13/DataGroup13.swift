/// DG13 of a Vietnamese card: the holder's data as the State holds them, with diacritics.
///
/// No standard describes the file; its form is the one observed on real cards. Any field may be absent. Texts are as
/// they stand in the file; Swift compares strings by canonical equivalence, so composed and decomposed diacritics are equal.
public struct DataGroup13: Hashable, Sendable {
    /// The texts of each known field present: one as a rule, two for the parents' names.
    public let texts: [Field: [String]]
    /// Fields whose numbers this parser does not know, in the order of the file.
    public let unknownFields: [UnknownField]

    /// The known fields by their numbers.
    public enum Field: Int, Hashable, Sendable, CaseIterable {
        /// The personal number.
        case personalNumber = 1
        /// The full name.
        case fullName = 2
        /// The birth date, `dd/mm/yyyy`, `mm/yyyy` or `yyyy`.
        case birthDate = 3
        /// The sex, `Nam` or `Nữ`.
        case sex = 4
        /// The nationality.
        case nationality = 5
        /// The ethnicity.
        case ethnicity = 6
        /// The religion.
        case religion = 7
        /// The place of origin.
        case placeOfOrigin = 8
        /// The place of residence.
        case residence = 9
        /// Identifying features.
        case identifyingFeatures = 10
        /// The issue date, `dd/mm/yyyy`.
        case issueDate = 11
        /// The expiry date, `dd/mm/yyyy` or `Không thời hạn`.
        case expiryDate = 12
        /// The names of father and mother.
        case parentNames = 13
        /// The name of the spouse.
        case spouseName = 14
        /// The number of an older identity document.
        case oldNumber = 15
        /// A serial number of chip or card.
        case chipSerial = 16
    }

    /// A field with a number that is not known.
    public struct UnknownField: Hashable, Sendable {
        /// The field's number.
        public let number: Int
        /// The whole field encoded, from its tag 30 on.
        public let encoded: [UInt8]
    }

    /// Until when the card is good.
    public enum Expiry: Hashable, Sendable {
        /// The last day.
        case date(CalendarDate)
        /// `Không thời hạn`: without end.
        case never
    }

    /// The personal number; nil when the field is absent or holds none.
    public var personalNumber: PersonalNumber? { text(.personalNumber).flatMap { try? PersonalNumber($0) } }
    /// The full name with diacritics.
    public var fullName: String? { text(.fullName) }
    /// The birth date; nil when the field is absent or holds none.
    public var birthDate: PartialDate? { text(.birthDate).flatMap { PartialDate($0) } }
    /// The sex; nil when the field is absent or holds none.
    public var sex: Sex? { text(.sex).flatMap { Sex(vietnamese: $0) } }
    /// The nationality.
    public var nationality: String? { text(.nationality) }
    /// The ethnicity.
    public var ethnicity: String? { text(.ethnicity) }
    /// The religion.
    public var religion: String? { text(.religion) }
    /// The place of origin (quê quán).
    public var placeOfOrigin: String? { text(.placeOfOrigin) }
    /// The place of residence (nơi thường trú).
    public var residence: String? { text(.residence) }
    /// Identifying features (đặc điểm nhân dạng).
    public var identifyingFeatures: String? { text(.identifyingFeatures) }
    /// The issue date; nil when the field is absent or holds none.
    public var issueDate: CalendarDate? { text(.issueDate).flatMap { PartialDate($0)?.date } }
    /// Until when the card is good; nil when the field is absent or does not say.
    public var expiryDate: Expiry? {
        guard let text = text(.expiryDate) else { return nil }
        if text.lowercased() == "không thời hạn" { return .never }
        return PartialDate(text)?.date.map { .date($0) }
    }
    /// The father's name; nil when it is absent or empty.
    public var fatherName: String? { text(.parentNames) }
    /// The mother's name; nil when it is absent or empty.
    public var motherName: String? { text(.parentNames, at: 1) }
    /// The spouse's name; nil when there is none.
    public var spouseName: String? { text(.spouseName) }
    /// The number of an older identity document (CMND); nil when there is none.
    public var oldNumber: String? { text(.oldNumber) }
    /// A serial number of chip or card; its meaning is not confirmed.
    public var chipSerial: String? { text(.chipSerial) }

    /// Fields that are present, not empty, and not what their type asks for: a date that is none, and the like.
    public var malformedFields: [Field] {
        Field.allCases.filter { field in
            guard text(field) != nil else { return false }
            switch field {
            case .personalNumber: return personalNumber == nil
            case .birthDate: return birthDate == nil
            case .sex: return sex == nil
            case .issueDate: return issueDate == nil
            case .expiryDate: return expiryDate == nil
            default: return false
            }
        }
    }

    /// The text of `field` at `index`, without white space around it; nil when it is absent or empty.
    private func text(_ field: Field, at index: Int = 0) -> String? {
        guard let text = texts[field]?.dropFirst(index).first?.trimmed, !text.isEmpty else { return nil }
        return text
    }
}

extension Sex {
    /// The sex that a Vietnamese card writes as `Nam` or `Nữ`, in either case; nil for another text.
    init?(vietnamese text: some StringProtocol) {
        switch text.lowercased() {
        case "nam": self = .male
        case "nữ": self = .female
        default: return nil
        }
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(
            start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex))
    }
}

/// One record of insurance, as any store of them gives it.
struct InsuranceRecord: Sendable, Equatable {
    var personalNumber: String?
    var cardNumber: CardNumber?
    var fullName: String
    var birthDate: String
    var sex: String?
    var group: String?
    var level: Int?
    var validFrom: Day
    var validTo: Day?
    var facilityCode: String?
    var facilityName: String?
    var areaCode: String?
    var fiveYearsFrom: Day?
    /// The gateway's code of why the card is not in force; nil when it is.
    var status: String?

    func covers(_ day: Day) -> Bool { validFrom <= day && (validTo.map { day <= $0 } ?? true) }

    /// The group that the record states, or that its card number does.
    var effectiveGroup: String? { group ?? cardNumber?.group }

    func isUnderSix(on day: Day) -> Bool {
        guard let birth = DateText(birthDate.utf8.span)?.earliest, let sixth = birth.adding(years: 6) else {
            return false
        }
        return birth <= day && day < sixth
    }

    /// Whether both are of one person, as far as the data can tell.
    func isSamePerson(as other: InsuranceRecord) -> Bool {
        if let one = personalNumber, let two = other.personalNumber { return one == two }
        guard let mine = DateText(birthDate.utf8.span), let theirs = DateText(other.birthDate.utf8.span) else {
            return false
        }
        return mine.agrees(with: theirs) && NameAgreement(fullName, other.fullName) == .same
    }
}

/// What a store knows about the subject of a question.
struct Findings: Sendable {
    var records: [InsuranceRecord] = []
    /// The day on which the shown ID card was lost, if it is reported so.
    var idCardLostOn: Day?
    /// The day on which the asked insurance card was lost, if it is reported so.
    var insuranceCardLostOn: Day?
    var dataAsOf: Timestamp?
    /// In seconds.
    var promisedAge: Int?
}

/// What a desk asks: is this person insured on this day, and what does that mean here?
public struct EligibilityQuestion: Sendable, Hashable {
    /// Who is asked about.
    public enum Subject: Sendable, Hashable {
        /// A person, by the 12-digit personal number.
        case personalNumber(String)
        /// An insurance card: 15 characters, or its last ten digits.
        case cardNumber(String)
        /// A child under six that shows no card, by a parent's 12-digit personal number.
        case child(parentPersonalNumber: String)
    }

    /// Why the person comes to this facility and not to the registered one.
    public enum Arrival: String, Sendable, Codable, CaseIterable {
        /// By own choice; also right where this is the registered facility.
        case chosen
        /// Sent here by another facility.
        case referred
        /// As an emergency.
        case emergency
    }

    /// The kind of care, on which the share at a chosen facility depends.
    public enum Care: String, Sendable, Codable, CaseIterable {
        /// Treated and sent home.
        case outpatient
        /// Admitted.
        case inpatient
    }

    /// The ID card that was shown, for the reports of lost cards.
    public struct ShownCard: Sendable, Hashable {
        /// The day on which it was issued; nil when it is not known.
        public var issuedOn: Day?

        /// A card by its day of issue.
        public init(issuedOn: Day?) { self.issuedOn = issuedOn }
    }

    /// Who a verified ID card proves the person to be.
    public struct ProvenHolder: Sendable, Hashable {
        /// With diacritics.
        public var fullName: String
        /// `dd/mm/yyyy`, `yyyy-mm-dd` or a year.
        public var birthDate: String

        /// A holder as the chip has it.
        public init(fullName: String, birthDate: String) {
            self.fullName = fullName
            self.birthDate = birthDate
        }
    }

    /// Who is asked about.
    public var subject: Subject
    /// The day asked about.
    public var day: Day
    /// Code of the facility that asks, five characters.
    public var facility: String?
    /// Level of the facility that asks, a word of the table of facility shares: `provincial`, `basic`, …
    public var facilityLevel: String?
    /// Why the person comes here.
    public var arrival: Arrival
    /// The kind of care.
    public var care: Care
    /// The ID card shown: the holder's, or the parent's where a child is asked about.
    public var shownCard: ShownCard?
    /// The full name to be checked against the registry's.
    public var fullName: String?
    /// The birth date to be checked, `dd/mm/yyyy`, `yyyy-mm-dd` or a year; tells one child of several apart.
    public var birthDate: String?
    /// The proven holder of the card shown: told to a source that asks for a name, and not compared with a registry's
    /// own data, of which a slip of the pen must not cost a person the insurance.
    public var provenHolder: ProvenHolder?

    /// A question about today in Vietnam, unless told otherwise.
    public init(
        _ subject: Subject, on day: Day = .todayInVietnam, facility: String? = nil, facilityLevel: String? = nil,
        arrival: Arrival = .chosen, care: Care = .outpatient, shownCard: ShownCard? = nil, fullName: String? = nil,
        birthDate: String? = nil
    ) {
        self.subject = subject
        self.day = day
        self.facility = facility
        self.facilityLevel = facilityLevel
        self.arrival = arrival
        self.care = care
        self.shownCard = shownCard
        self.fullName = fullName
        self.birthDate = birthDate
    }

    /// A question by personal number.
    public init(personalNumber: String, on day: Day = .todayInVietnam, facility: String? = nil) {
        self.init(.personalNumber(personalNumber), on: day, facility: facility)
    }

    /// A question by card number.
    public init(cardNumber: String, on day: Day = .todayInVietnam, facility: String? = nil) {
        self.init(.cardNumber(cardNumber), on: day, facility: facility)
    }
}

/// A question whose values have the right form.
struct CheckedQuestion {
    enum Subject {
        case personalNumber(String)
        case cardNumber(CardNumber)
        case child(parentPersonalNumber: String)
    }

    let subject: Subject
    let question: EligibilityQuestion
    let birthDate: DateText?

    /// - Throws: `invalidQuestion`.
    init(_ question: EligibilityQuestion) throws(RegistryError) {
        switch question.subject {
        case .personalNumber(let number):
            subject = .personalNumber(try Self.personalNumber(number, "personalNumber"))
        case .child(let number):
            subject = .child(parentPersonalNumber: try Self.personalNumber(number, "parentPersonalNumber"))
        case .cardNumber(let number):
            guard number.utf8.count <= 32, let card = CardNumber(number) else {
                throw .invalidQuestion(field: "cardNumber", reason: "is not two letters and 13 digits, nor ten digits")
            }
            subject = .cardNumber(card)
        }
        if let text = question.birthDate {
            guard let date = DateText(text.utf8.span) else {
                throw .invalidQuestion(
                    field: "birthDate", reason: "is not a date as dd/mm/yyyy or yyyy-mm-dd, nor a year")
            }
            birthDate = date
        } else {
            birthDate = nil
        }
        guard max(question.fullName?.utf8.count ?? 0, question.provenHolder?.fullName.utf8.count ?? 0) <= 512 else {
            throw .invalidQuestion(field: "fullName", reason: "is longer than 512 bytes")
        }
        self.question = question
    }

    private static func personalNumber(_ text: String, _ field: String) throws(RegistryError) -> String {
        guard PersonalNumber.isWellFormed(text.utf8.span) else {
            throw .invalidQuestion(field: field, reason: "is not 12 digits")
        }
        return text
    }
}

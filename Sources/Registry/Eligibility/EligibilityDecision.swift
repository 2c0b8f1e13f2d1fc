/// The answer to an `EligibilityQuestion`: one a desk can act on, with everything it was decided by.
///
/// As JSON its names are those of the properties; absent values are left out.
public struct EligibilityDecision: Sendable, Equatable, Codable {
    /// One thing that bears on the decision.
    public struct Reason: Sendable, Equatable, Codable {
        /// A stable word of the table `codes.csv`.
        public let code: String
        /// One sentence in English.
        public let message: String
        /// One sentence in Vietnamese.
        public let messageVi: String
    }

    /// A place of care.
    public struct Facility: Sendable, Equatable, Codable {
        /// Five characters (maDKBD).
        public let code: String
        /// Nil when the registry has no name for it.
        public let name: String?
    }

    /// The person whom the decision is about, as the registry has it.
    public struct Person: Sendable, Equatable, Codable {
        /// 12 digits; nil where the registry has none.
        public let personalNumber: String?
        /// With diacritics.
        public let fullName: String
        /// `yyyy-mm-dd`; month or day are left out where they are not known.
        public let birthDate: String
        /// `male` or `female`.
        public let sex: String?
    }

    /// Whether the insurance pays on that day, at least somewhere.
    public let eligible: Bool
    /// A stable word of the table `codes.csv`.
    public let code: String
    /// The national gateway's code for the case (maKetQua), where it has one.
    public let gatewayCode: String?
    /// Why: first what decided, then what else a desk should know.
    public internal(set) var reasons: [Reason]
    /// The person, when one was found.
    public internal(set) var person: Person?
    /// First day on which the card is good.
    public internal(set) var validFrom: Day?
    /// Last day on which the card is good; nil for a card without end.
    public internal(set) var validTo: Day?
    /// 15 characters or ten digits (maThe).
    public internal(set) var cardNumber: String?
    /// Group of insured, two letters.
    public internal(set) var group: String?
    /// 1 to 5.
    public internal(set) var benefitLevel: Int?
    /// What that level pays, in percent, where the person comes the right way.
    public internal(set) var benefitPercent: Int?
    /// The registered primary facility.
    public internal(set) var primaryFacility: Facility?
    /// Whether the facility that asks is it; nil when none asked or none is registered.
    public internal(set) var isPrimaryFacility: Bool?
    /// What share of the benefit is paid here, in percent; nil when the rules have no answer.
    public internal(set) var facilityShare: Int?
    /// What is paid here, in percent of the costs: benefit times share.
    public internal(set) var payablePercent: Int?
    /// K1, K2 or K3 (maKV).
    public internal(set) var areaCode: String?
    /// The day on which five continuous years are reached (ngayDu5Nam).
    public internal(set) var fiveYearsFrom: Day?
    /// Whether that day has come; nil when it is not known.
    public internal(set) var fiveYearsReached: Bool?
    /// The moment whose truth the data is; nil when the source holds no data.
    public internal(set) var dataAsOf: Timestamp?
    /// How old the data was at the decision, in seconds.
    public internal(set) var dataAge: Int?
    /// Which source answered: `registry`, `postgresql`, `copy` (this machine's copy of a server's registry), `gateway`.
    public internal(set) var source: String
    /// How long ago the copy that answered last agreed with its server, in seconds; nil where no copy answered.
    public internal(set) var copyAge: Int?

    init(_ code: DecisionCode, source: String, dataAsOf: Timestamp?) {
        eligible = code.isEligible
        self.code = code.name
        gatewayCode = code.gatewayCode
        reasons = [code.reason]
        self.source = source
        self.dataAsOf = dataAsOf
    }
}

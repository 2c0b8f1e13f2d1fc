import Document
import Registry

/// What a request tells about a visit beside who comes: all that the insurance's decision depends on.
///
/// Its members stand beside those of the request itself.
struct Visit: Equatable, Sendable {
    /// The day; nil for today in Vietnam.
    var day: CalendarDate?
    /// The facility that asks, when it is not this desk's.
    var facility: String?
    /// The level of the facility that asks.
    var facilityLevel: String?
    /// Why the person comes to this facility.
    var arrival: EligibilityQuestion.Arrival?
    /// The kind of care.
    var care: EligibilityQuestion.Care?

    /// A visit of today to this desk, of which nothing else is told.
    init() {}

    init<Keys: CodingKey>(
        _ keys: KeyedDecodingContainer<Keys>, day: Keys, facility: Keys, facilityLevel: Keys, arrival: Keys, care: Keys
    ) throws {
        self.day = try keys.optionalDay(day)
        self.facility = try keys.optional(facility, fault: FacilityCode.fault)
        self.facilityLevel = try keys.optionalText(facilityLevel, limit: 32)
        self.arrival = try keys.optionalWord(arrival)
        self.care = try keys.optionalWord(care)
    }

    /// The day asked about.
    var registryDay: Day { day.flatMap { Day($0) } ?? .todayInVietnam }

    /// The question about `subject`, asked at this desk unless the request names another facility.
    func question(_ subject: EligibilityQuestion.Subject, desk: Configuration.Facility) -> EligibilityQuestion {
        let isElsewhere = facility != nil && facility != desk.code
        return EligibilityQuestion(
            subject, on: registryDay, facility: facility ?? desk.code,
            facilityLevel: facilityLevel ?? (isElsewhere ? nil : desk.level), arrival: arrival ?? .chosen,
            care: care ?? .outpatient)
    }
}

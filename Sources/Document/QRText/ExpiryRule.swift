/// Until when the law lets a card be good: it is renewed at certain ages, and one issued shortly before such an age is good
/// until the next.
public struct ExpiryRule: Hashable, Sendable {
    /// The law, for messages.
    public let law: String
    /// The first day of its force.
    public let inForce: CalendarDate
    /// The ages at which a card is renewed, rising.
    public let ages: [Int]
    /// A card issued at most this many years before an age is good until the next age.
    public let graceYears: Int

    /// The laws, the latest first.
    public static let all: [ExpiryRule] = [
        (law: "Law 26/2023, Art. 21", year: 2024, month: 7, ages: [14, 25, 40, 60]),
        (law: "Law 59/2014, Art. 21", year: 2016, month: 1, ages: [25, 40, 60]),
    ].compactMap { law, year, month, ages in
        CalendarDate(year: year, month: month, day: 1).map {
            ExpiryRule(law: law, inForce: $0, ages: ages, graceYears: 2)
        }
    }

    /// What cards without end have in place of an expiry date in the machine readable zone, `YYMMDD`.
    static let datesWithoutEnd = ["991231"]

    /// The last day of a card issued on `issueDate`; nil when it is good without end.
    public func expiryDate(birthDate: CalendarDate, issueDate: CalendarDate) -> CalendarDate? {
        for age in ages {
            guard let graceStart = birthDate.adding(years: age - graceYears), issueDate >= graceStart else {
                return birthDate.adding(years: age)
            }
        }
        return nil
    }

    /// Whether a law that was in force on the issue date gives this last day; nil stands for a card without end.
    public static func allows(_ expiry: CalendarDate?, birthDate: CalendarDate, issueDate: CalendarDate) -> Bool {
        candidates(birthDate: birthDate, issueDate: issueDate).contains { candidate in
            expiry.map { $0.mrzText == candidate } ?? datesWithoutEnd.contains(candidate)
        }
    }

    /// The expiry dates that a card may have, `YYMMDD`, without repetition: that of the law in force on the issue date
    /// first, then those of the other laws.
    static func candidates(birthDate: CalendarDate, issueDate: CalendarDate) -> [String] {
        let inForce = all.filter { $0.inForce <= issueDate }
        var candidates: [String] = []
        for rule in inForce + all.filter({ $0.inForce > issueDate }) {
            for text in rule.mrzTexts(birthDate: birthDate, issueDate: issueDate) where !candidates.contains(text) {
                candidates.append(text)
            }
        }
        return candidates
    }

    private func mrzTexts(birthDate: CalendarDate, issueDate: CalendarDate) -> [String] {
        guard let expiry = expiryDate(birthDate: birthDate, issueDate: issueDate) else { return Self.datesWithoutEnd }
        // Who was born on 29 February has a birthday on 28 February or 1 March in other years.
        let isMoved = birthDate.day == 29 && expiry.day == 28
        let nextDay = isMoved ? CalendarDate(year: expiry.year, month: 3, day: 1) : nil
        return [expiry.mrzText] + [nextDay].compactMap { $0?.mrzText }
    }
}

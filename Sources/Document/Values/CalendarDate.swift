/// A day of the Gregorian calendar, without time or time zone, in the years 1 to 9999.
public struct CalendarDate: Hashable, Sendable {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int

    /// Nil when the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.dayCount(ofMonth: month, year: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that `text` writes as `YYYY-MM-DD` (ISO 8601, extended format); nil when it writes none.
    public init?(iso text: some StringProtocol) {
        let utf8 = Array(text.utf8)
        guard utf8.count == 10, utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-"),
            let year = Digits.value(utf8[0..<4]), let month = Digits.value(utf8[5..<7]),
            let day = Digits.value(utf8[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The same day `years` later, or earlier where negative; 28 February where a 29 February has no counterpart.
    /// Nil outside the years 1 to 9999.
    public func adding(years: Int) -> CalendarDate? {
        let (sum, isTooLarge) = year.addingReportingOverflow(years)
        guard !isTooLarge else { return nil }
        return CalendarDate(year: sum, month: month, day: day)
            ?? (month == 2 && day == 29 ? CalendarDate(year: sum, month: 2, day: 28) : nil)
    }

    /// `YYMMDD`, as the machine readable zone writes dates (Doc 9303-3, 4.8).
    public var mrzText: String {
        Digits.text(year, count: 2) + Digits.text(month, count: 2) + Digits.text(day, count: 2)
    }

    private static func dayCount(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CalendarDate: Comparable {
    /// Whether `earlier` comes before `later`.
    public static func < (earlier: CalendarDate, later: CalendarDate) -> Bool {
        (earlier.year, earlier.month, earlier.day) < (later.year, later.month, later.day)
    }
}

extension CalendarDate: CustomStringConvertible {
    /// `YYYY-MM-DD` (ISO 8601, extended format).
    public var description: String {
        Digits.text(year, count: 4) + "-" + Digits.text(month, count: 2) + "-" + Digits.text(day, count: 2)
    }
}

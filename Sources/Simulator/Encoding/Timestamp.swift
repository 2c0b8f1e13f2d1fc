import Document

/// A second in UTC, as certificates and signatures state it.
public struct Timestamp: Hashable, Sendable {
    /// The day in UTC.
    public var date: CalendarDate
    /// The second of the day, 0 to 86 399.
    public var secondOfDay: Int

    /// - Parameters:
    ///   - date: The day in UTC.
    ///   - secondOfDay: The second of that day; values outside 0 to 86 399 are brought into it.
    public init(_ date: CalendarDate, secondOfDay: Int = 0) {
        self.date = date
        self.secondOfDay = min(max(secondOfDay, 0), 86_399)
    }

    /// The first second of the day.
    public static func startOfDay(_ date: CalendarDate) -> Timestamp { Timestamp(date) }

    /// The last second of the day.
    public static func endOfDay(_ date: CalendarDate) -> Timestamp { Timestamp(date, secondOfDay: 86_399) }

    /// `YYYYMMDDHHMMSSZ`.
    var generalizedTime: String {
        let time = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { decimal($0, digits: 2) }
        return decimal(date.year, digits: 4) + decimal(date.month, digits: 2) + decimal(date.day, digits: 2)
            + time.joined() + "Z"
    }
}

/// `value` in decimal with leading zeros up to `digits`.
func decimal(_ value: Int, digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension CalendarDate {
    /// A day written in this source code, which must exist.
    static func constant(_ year: Int, _ month: Int, _ day: Int) -> CalendarDate {
        guard let date = CalendarDate(year: year, month: month, day: day) else {
            preconditionFailure("\(year)-\(month)-\(day) is no day")
        }
        return date
    }
}

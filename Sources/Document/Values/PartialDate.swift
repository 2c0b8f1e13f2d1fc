/// A birth date of which the day, or month and day, may not be known.
public struct PartialDate: Hashable, Sendable {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12; nil when it is not known.
    public let month: Int?
    /// The day of the month; nil when it is not known.
    public let day: Int?

    /// A date of which all is known.
    public init(_ date: CalendarDate) {
        year = date.year
        month = date.month
        day = date.day
    }

    /// The date that `text` writes as `dd/mm/yyyy`, `mm/yyyy` or `yyyy`; a day, or day and month, of `00` is not known.
    /// Nil when it writes none.
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.prefix(16).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 3, let last = parts.last, last.count == 4, parts.dropLast().allSatisfy({ $0.count == 2 })
        else { return nil }
        self.init(digits: parts.joined())
    }

    /// The date that `digits` write as `ddmmyyyy`, `mmyyyy` or `yyyy`.
    init?(digits: some Sequence<UInt8>) {
        let digits = Array(digits)
        guard [4, 6, 8].contains(digits.count), let year = Digits.value(digits.suffix(4)), year > 0 else { return nil }
        let month = digits.count >= 6 ? Digits.value(digits.dropLast(4).suffix(2)) : 0
        let day = digits.count == 8 ? Digits.value(digits.prefix(2)) : 0
        guard let month, let day, month > 0 || day == 0,
            CalendarDate(year: year, month: max(month, 1), day: max(day, 1)) != nil
        else { return nil }
        self.year = year
        self.month = month == 0 ? nil : month
        self.day = day == 0 ? nil : day
    }

    /// The day; nil when a part of it is not known.
    public var date: CalendarDate? {
        guard let month, let day else { return nil }
        return CalendarDate(year: year, month: month, day: day)
    }

    /// Whether the parts that are known are those of `mrzDate`, which is `YYMMDD`.
    public func agrees(withMRZ mrzDate: String) -> Bool {
        let digits = Array(mrzDate.utf8)
        guard digits.count == 6, Digits.value(digits[0..<2]) == year % 100 else { return false }
        if let month, Digits.value(digits[2..<4]) != month { return false }
        if let day, Digits.value(digits[4..<6]) != day { return false }
        return true
    }

    /// Whether every part that both know is the same.
    public func agrees(with other: PartialDate) -> Bool {
        year == other.year && (month == nil || other.month == nil || month == other.month)
            && (day == nil || other.day == nil || day == other.day)
    }
}

extension PartialDate: CustomStringConvertible {
    /// `YYYY-MM-DD`, `YYYY-MM` or `YYYY` (ISO 8601).
    public var description: String {
        let parts = [Digits.text(year, count: 4)] + [month, day].compactMap { $0.map { Digits.text($0, count: 2) } }
        return parts.joined(separator: "-")
    }
}

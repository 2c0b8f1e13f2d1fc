/// A day of the Gregorian calendar. Its text, also in JSON, is ISO 8601: `2026-11-23`.
public struct Day: Hashable, Comparable, Sendable {
    /// Year, 1800 to 2999.
    public let year: Int
    /// Month, 1 to 12.
    public let month: Int
    /// Day of the month, 1 to 31.
    public let day: Int

    /// Nil when there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1800...2999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.dayCount(month: month, year: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Nil unless `iso` is a day as `yyyy-mm-dd`.
    public init?(iso: String) { self.init(iso: iso.utf8.span) }

    /// Nil unless `iso` is a day as `yyyy-mm-dd`.
    init?(iso: Span<UInt8>) {
        guard iso.count == 10, iso[4] == UInt8(ascii: "-"), iso[7] == UInt8(ascii: "-"),
            let year = Self.number(iso, 0..<4), let month = Self.number(iso, 5..<7), let day = Self.number(iso, 8..<10)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var number = 0
        for index in range {
            guard let digit = decimalDigit(text[index]) else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    /// The day it is in Vietnam (UTC+7, no summer time).
    public static var todayInVietnam: Day { Day(inVietnamAt: .now) }

    /// The day that it is in Vietnam at that moment.
    init(inVietnamAt moment: Timestamp) { self.init(secondsSince1970: moment.secondsSince1970 + 7 * 3600) }

    /// The day that the UTC time falls on.
    init(secondsSince1970 seconds: Int) {
        // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years begin in March.
        let bounded = min(max(seconds, 0), 32_503_679_999)
        let z = bounded / 86_400 + 719_468
        let era = z / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The same day `years` later; 1 March where 29 February does not exist.
    public func adding(years: Int) -> Day? {
        Day(year: year + years, month: month, day: day)
            ?? (month == 2 && day == 29 ? Day(year: year + years, month: 3, day: 1) : nil)
    }

    /// Earlier days are less.
    public static func < (one: Day, other: Day) -> Bool {
        (one.year, one.month, one.day) < (other.year, other.month, other.day)
    }

    static func dayCount(month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

extension Day: CustomStringConvertible {
    /// `yyyy-mm-dd`
    public var description: String { "\(year)-\(padded(month))-\(padded(day))" }
}

extension Day: Codable {
    /// Reads `yyyy-mm-dd`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let day = Day(iso: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a day as yyyy-mm-dd")
        }
        self = day
    }

    /// Writes `yyyy-mm-dd`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A moment in UTC, to the second. Its text, also in JSON, is ISO 8601: `2026-11-23T14:47:35Z`.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let secondsSince1970: Int

    /// A moment by its seconds since 1970; one before that, or after the year 2999, becomes the nearest within.
    public init(secondsSince1970: Int) { self.secondsSince1970 = min(max(secondsSince1970, 0), 32_503_679_999) }

    /// This moment.
    public static var now: Timestamp { Timestamp(secondsSince1970: FileSystem.now) }

    /// Nil unless `iso` is `yyyy-mm-dd` (midnight UTC) or `yyyy-mm-ddThh:mm:ssZ`.
    public init?(iso: String) {
        guard let day = Day(iso: String(iso.prefix(10))) else { return nil }
        let rest = Array(iso.dropFirst(10).utf8)
        var seconds = 0
        if !rest.isEmpty {
            let parts = rest.dropFirst().dropLast().split(
                separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard rest.count == 10, rest.first == UInt8(ascii: "T"), rest.last == UInt8(ascii: "Z"), parts.count == 3
            else { return nil }
            for (part, limit) in zip(parts, [24, 60, 60]) {
                guard part.count == 2, part.allSatisfy({ (0x30...0x39).contains($0) }),
                    let value = Int(String(decoding: part, as: UTF8.self)),
                    value < limit
                else { return nil }
                seconds = seconds * 60 + value
            }
        }
        secondsSince1970 = day.daysSince1970 * 86_400 + seconds
    }

    /// `yyyy-mm-ddThh:mm:ssZ`
    public var description: String {
        let day = Day(secondsSince1970: secondsSince1970)
        let second = max(secondsSince1970, 0) % 86_400
        return "\(day)T\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))Z"
    }

    /// Earlier moments are less.
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.secondsSince1970 < other.secondsSince1970 }
}

extension Timestamp: Codable {
    /// Reads ISO 8601.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Timestamp(iso: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a time as yyyy-mm-ddThh:mm:ssZ")
        }
        self = value
    }

    /// Writes ISO 8601.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Day {
    /// Days since 1970-01-01; the inverse of `init(secondsSince1970:)` (days_from_civil).
    var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

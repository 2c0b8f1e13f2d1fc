import Document

/// Times as DER writes them, read where they stand, in seconds since 1970.
enum PlainTime {
    /// `YYMMDDhhmmss`, in the years 1950 to 2049 (RFC 5280, 4.1.2.5.1).
    static func utc(_ bytes: Span<UInt8>, _ start: Int) -> Double? {
        guard HolderWalk.areDigits(bytes, start, 12) else { return nil }
        let year = HolderWalk.number(bytes, start, 2)
        return moment(bytes, year: year < 50 ? 2000 + year : 1900 + year, behind: start + 2)
    }

    /// `YYYYMMDDhhmmss` (RFC 5280, 4.1.2.5.2).
    static func generalized(_ bytes: Span<UInt8>, _ start: Int) -> Double? {
        guard HolderWalk.areDigits(bytes, start, 14) else { return nil }
        return moment(bytes, year: HolderWalk.number(bytes, start, 4), behind: start + 4)
    }

    /// Seconds from the start of 1970 to that of `date`, both in UTC.
    static func startOfDay(_ date: CalendarDate) -> Double {
        // Years that begin in March end with the day that leap years add.
        let year = date.month > 2 ? date.year : date.year - 1
        let month = (date.month + 9) % 12
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date.day - 719_469
        return Double(days) * 86_400
    }

    /// The moment that `MMDDhhmmss` at `start` names in a year.
    private static func moment(_ bytes: Span<UInt8>, year: Int, behind start: Int) -> Double? {
        let (hour, minute, second) = (
            HolderWalk.number(bytes, start + 4, 2), HolderWalk.number(bytes, start + 6, 2),
            HolderWalk.number(bytes, start + 8, 2)
        )
        guard hour < 24, minute < 60, second < 60,
            let day = CalendarDate(
                year: year, month: HolderWalk.number(bytes, start, 2), day: HolderWalk.number(bytes, start + 2, 2))
        else { return nil }
        return startOfDay(day) + Double(hour * 3600 + minute * 60 + second)
    }
}

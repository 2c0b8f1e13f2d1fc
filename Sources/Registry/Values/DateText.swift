/// A date as the field writes it, in ASCII: `dd/mm/yyyy`, `yyyy-mm-dd`, `yyyymmdd`, and for a birth of which less is
/// known `mm/yyyy`, `yyyy-mm` or `yyyy`.
enum DateText: Equatable {
    case day(Day)
    case month(year: Int, month: Int)
    case year(Int)

    /// Nil when the text is none of these, or names a day that does not exist.
    init?(_ text: Span<UInt8>) {
        let slash = UInt8(ascii: "/")
        let dash = UInt8(ascii: "-")
        switch text.count {
        case 10 where text[2] == slash && text[5] == slash:
            self.init(year: number(text, 6..<10), month: number(text, 3..<5), day: number(text, 0..<2))
        case 10 where text[4] == dash && text[7] == dash:
            self.init(year: number(text, 0..<4), month: number(text, 5..<7), day: number(text, 8..<10))
        case 8:
            self.init(year: number(text, 0..<4), month: number(text, 4..<6), day: number(text, 6..<8))
        case 7 where text[2] == slash:
            self.init(year: number(text, 3..<7), month: number(text, 0..<2))
        case 7 where text[4] == dash:
            self.init(year: number(text, 0..<4), month: number(text, 5..<7))
        case 4:
            guard let year = number(text, 0..<4), (1800...2999).contains(year) else { return nil }
            self = .year(year)
        default: return nil
        }
    }

    private init?(year: Int?, month: Int?, day: Int?) {
        guard let year, let month, let day, let value = Day(year: year, month: month, day: day) else { return nil }
        self = .day(value)
    }

    private init?(year: Int?, month: Int?) {
        guard let year, (1800...2999).contains(year), let month, (1...12).contains(month) else { return nil }
        self = .month(year: year, month: month)
    }

    /// The first day that it may mean.
    var earliest: Day? {
        switch self {
        case .day(let day): day
        case .month(let year, let month): Day(year: year, month: month, day: 1)
        case .year(let year): Day(year: year, month: 1, day: 1)
        }
    }

    /// The year, which is always known.
    var year: Int {
        switch self {
        case .day(let day): day.year
        case .month(let year, _), .year(let year): year
        }
    }

    /// Whether both may mean the same day.
    func agrees(with other: DateText) -> Bool {
        guard year == other.year else { return false }
        guard let month, let otherMonth = other.month else { return true }
        guard month == otherMonth else { return false }
        guard case .day(let day) = self, case .day(let otherDay) = other else { return true }
        return day == otherDay
    }

    private var month: Int? {
        switch self {
        case .day(let day): day.month
        case .month(_, let month): month
        case .year: nil
        }
    }

    /// Appends it in ISO 8601 order: `yyyy-mm-dd`, `yyyy-mm` or `yyyy`.
    func append(to bytes: inout [UInt8]) {
        func digits(_ number: Int, _ divisor: Int) {
            var divisor = divisor
            while divisor > 0 {
                bytes.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
                divisor /= 10
            }
        }
        digits(year, 1000)
        guard let month else { return }
        bytes.append(UInt8(ascii: "-"))
        digits(month, 10)
        guard case .day(let day) = self else { return }
        bytes.append(UInt8(ascii: "-"))
        digits(day.day, 10)
    }
}

/// The decimal number at `range`, at most nine digits; nil when a byte is no digit or the range is not in the text.
private func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard range.upperBound <= text.count, range.count <= 9 else { return nil }
    var value = 0
    for index in range {
        guard let digit = decimalDigit(text[index]) else { return nil }
        value = value * 10 + digit
    }
    return value
}

/// The value of an ASCII digit.
func decimalDigit(_ byte: UInt8) -> Int? { (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil }

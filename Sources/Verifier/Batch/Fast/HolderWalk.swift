import Document

/// DG1 and DG13 of a Vietnamese card, read where they stand and found to agree in everything that `HolderConsistency`
/// compares. Files that are not of the usual form, or that do not agree, are not plain: that check then says why.
struct HolderWalk {
    /// Until when the card is good.
    enum Expiry {
        case never
        /// The last day.
        case date(CalendarDate)
    }

    let expiry: Expiry
    let birthDate: CalendarDate
    /// Nil when DG13 does not tell it.
    let issueDate: CalendarDate?
    /// Whether the personal number's first three digits are a province's.
    let isProvinceKnown: Bool
    /// Whether the law allows for the expiry date; true also when there is no issue date to judge it by.
    let isExpiryLawful: Bool

    /// The first bytes of DG1: its tags and lengths when it holds a zone of three lines of 30.
    private static let zoneHeader: [UInt8] = [0x61, 0x5D, 0x5F, 0x1F, 0x5A]

    init?(_ bytes: Span<UInt8>, dg1: Range<Int>, dg13: Range<Int>, _ tables: HolderTables) {
        guard dg1.count == Self.zoneHeader.count + 90 else { return nil }
        for index in 0..<Self.zoneHeader.count where bytes[dg1.lowerBound + index] != Self.zoneHeader[index] {
            return nil
        }
        let zone = ZoneWalk(bytes, dg1.lowerBound + Self.zoneHeader.count)
        guard zone.isPlain, let fields = HolderFields(bytes, dg13) else { return nil }
        guard let number = fields.personalNumber, number.count == 12, let name = fields.fullName,
            let birth = fields.birthDate, let sex = fields.sex, let expiryText = fields.expiryDate,
            zone.hasPersonalNumber(number), zone.hasName(name, tables.letters)
        else { return nil }
        // The personal number says the same as the other fields: sex and year of birth.
        let centuryAndSex = Int(bytes[number.lowerBound + 3] & 0x0F)
        guard let isFemale = Self.isFemale(bytes, sex), isFemale == (centuryAndSex & 1 == 1), zone.isFemale == isFemale,
            let birthDate = Self.date(bytes, birth), zone.hasDate(birthDate, at: ZoneWalk.birthDate),
            birthDate.year == 1900 + centuryAndSex / 2 * 100 + Self.number(bytes, number.lowerBound + 4, 2)
        else { return nil }
        self.birthDate = birthDate
        if let issue = fields.issueDate {
            guard let date = Self.date(bytes, issue) else { return nil }
            issueDate = date
        } else {
            issueDate = nil
        }
        if let date = Self.date(bytes, expiryText) {
            guard zone.hasDate(date, at: ZoneWalk.expiryDate), (1970...2500).contains(date.year) else { return nil }
            expiry = .date(date)
        } else {
            guard Self.isEndless(bytes, expiryText) else { return nil }
            expiry = .never
        }
        let place = Self.number(bytes, number.lowerBound, 3)
        guard place != 0 else { return nil }
        isProvinceKnown = tables.provinces[place]
        if let issueDate {
            isExpiryLawful = tables.allows(expiry, birthDate: birthDate, issueDate: issueDate)
        } else {
            isExpiryLawful = true
        }
    }

    /// The day that ten characters write as `dd/mm/yyyy`.
    @inline(__always)
    private static func date(_ bytes: Span<UInt8>, _ range: Range<Int>) -> CalendarDate? {
        let start = range.lowerBound
        guard range.count == 10, bytes[start + 2] == UInt8(ascii: "/"), bytes[start + 5] == UInt8(ascii: "/"),
            areDigits(bytes, start, 2), areDigits(bytes, start + 3, 2), areDigits(bytes, start + 6, 4)
        else { return nil }
        return CalendarDate(
            year: number(bytes, start + 6, 4), month: number(bytes, start + 3, 2), day: number(bytes, start, 2))
    }

    /// `Nam` or `Nữ`.
    @inline(__always)
    private static func isFemale(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool? {
        if equal(bytes, range, male) { return false }
        return equal(bytes, range, female) ? true : nil
    }

    @inline(__always)
    private static func isEndless(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool { equal(bytes, range, endless) }

    private static let male = Array("Nam".utf8)
    private static let female = Array("Nữ".utf8)
    private static let endless = Array("Không thời hạn".utf8)

    @inline(__always)
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        for index in 0..<text.count where bytes[range.lowerBound + index] != text[index] { return false }
        return true
    }

    @inline(__always)
    static func areDigits(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Bool {
        for index in start..<start + count where bytes[index] &- 0x30 > 9 { return false }
        return true
    }

    /// The number that ASCII digits write.
    @inline(__always)
    static func number(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int {
        var value = 0
        for index in start..<start + count { value = value * 10 + Int(bytes[index] & 0x0F) }
        return value
    }
}

/// What `HolderWalk` looks up, worked out once from the parts that know: letters, provinces, the law.
struct HolderTables: Sendable {
    /// By Unicode scalar, the letter A to Z that a machine readable zone writes for it; 0 for any other scalar.
    let letters: [UInt8]
    /// By the first three digits of a personal number, whether they are a province's.
    let provinces: [Bool]
    private let rules = ExpiryRule.all

    static let shared = HolderTables()

    private init() {
        var letters = [UInt8](repeating: 0, count: 0x1F00)
        for value in Array(0x41...0x5A) + Array(0x61...0x7A) + Array(0xC0...0x1B4) + Array(0x1EA0...0x1EF9) {
            guard let scalar = Unicode.Scalar(UInt32(value)), let words = VietnameseName.words(of: String(scalar)),
                words.count == 1, words[0].utf8.count == 1, let letter = words[0].utf8.first
            else { continue }
            letters[value] = letter
        }
        self.letters = letters
        provinces = (0..<1000).map { code in
            let digits = String(code + 1000).dropFirst()
            return (try? PersonalNumber(digits + "000000000"))?.province != nil
        }
    }

    func allows(_ expiry: HolderWalk.Expiry, birthDate: CalendarDate, issueDate: CalendarDate) -> Bool {
        let lastDay: CalendarDate? = if case .date(let date) = expiry { date } else { nil }
        for rule in rules where rule.expiryDate(birthDate: birthDate, issueDate: issueDate) == lastDay { return true }
        return ExpiryRule.allows(lastDay, birthDate: birthDate, issueDate: issueDate)
    }
}

import Document

/// The machine readable zone of a card (TD1: three lines of 30), read where it stands.
struct ZoneWalk: ~Escapable {
    private let bytes: Span<UInt8>
    private let start: Int

    static let birthDate = 30
    static let expiryDate = 38
    private static let name = 60

    /// - Parameters:
    ///   - bytes: Which hold the zone's 90 characters from `start` on.
    ///   - start: The first character.
    @_lifetime(copy bytes)
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ start: Int) {
        self.bytes = bytes
        self.start = start
    }

    /// Whether it is a Vietnamese zone of the usual form with no character that no zone has and all check digits right.
    @inline(__always)
    var isPlain: Bool {
        guard bytes[start + 2] == UInt8(ascii: "V"), bytes[start + 3] == UInt8(ascii: "N"),
            bytes[start + 4] == UInt8(ascii: "M")
        else { return false }
        // Doc 9303-5, 4.2.4: three fields have check digits, and all of them together.
        var composite = 0
        var highest: UInt8 = 0
        for index in 0..<90 {
            let value = Self.values[Int(bytes[start + index])]
            highest = max(highest, value)
            composite += Int(value &* Self.compositeWeights[index])
        }
        guard highest <= Self.highestValue, HolderWalk.areDigits(bytes, start + 5, 10),
            HolderWalk.areDigits(bytes, start + 30, 7), HolderWalk.areDigits(bytes, start + 38, 7)
        else { return false }
        return checkDigit(over: 5..<14) == bytes[start + 14] && checkDigit(over: 30..<36) == bytes[start + 36]
            && checkDigit(over: 38..<44) == bytes[start + 44] && 0x30 + UInt8(composite % 10) == bytes[start + 59]
    }

    private static let highestValue: UInt8 = 35

    /// By character, its value for check digits (Doc 9303-3, 4.9); 255 for one that no zone has.
    private static let values: InlineArray<256, UInt8> = {
        var values = InlineArray<256, UInt8>(repeating: 255)
        for digit in 0..<10 { values[0x30 + digit] = UInt8(digit) }
        for letter in 0..<26 { values[0x41 + letter] = UInt8(10 + letter) }
        values[Int(UInt8(ascii: "<"))] = 0
        return values
    }()

    /// By character, its weight in the composite check digit: weights go on from one field to the next.
    private static let compositeWeights: InlineArray<90, UInt8> = {
        var weights = InlineArray<90, UInt8>(repeating: 0)
        for (place, index) in [5..<30, 30..<37, 38..<45, 48..<59].joined().enumerated() {
            weights[index] = [7, 3, 1][place % 3]
        }
        return weights
    }()

    /// Nil when the zone leaves the sex open.
    @inline(__always)
    var isFemale: Bool? {
        switch bytes[start + 37] {
        case UInt8(ascii: "F"): true
        case UInt8(ascii: "M"): false
        default: nil
        }
    }

    /// Whether the optional data is the personal number at `range`, and the document number its last nine digits.
    @inline(__always)
    func hasPersonalNumber(_ range: Range<Int>) -> Bool {
        guard range.count == 12, bytes[start + 27] == UInt8(ascii: "<") else { return false }
        for index in 0..<12 {
            let digit = bytes[range.lowerBound + index]
            guard digit &- 0x30 <= 9, digit == bytes[start + 15 + index] else { return false }
            if index >= 3, digit != bytes[start + 5 + index - 3] { return false }
        }
        return true
    }

    /// Whether the six digits at `place` are `date` as `YYMMDD`.
    @inline(__always)
    func hasDate(_ date: CalendarDate, at place: Int) -> Bool {
        HolderWalk.number(bytes, start + place, 2) == date.year % 100
            && HolderWalk.number(bytes, start + place + 2, 2) == date.month
            && HolderWalk.number(bytes, start + place + 4, 2) == date.day
    }

    /// Whether the zone's name is the one at `range`, which is UTF-8: words of known letters with single spaces between
    /// them, that fit the field whole.
    func hasName(_ range: Range<Int>, _ letters: [UInt8]) -> Bool {
        var place = start + Self.name
        let end = place + 30
        var position = range.lowerBound
        var wordLength = 0
        var wordCount = 0
        var written = 0
        while position < range.upperBound {
            guard let (scalar, next) = scalar(at: position, end: range.upperBound) else { return false }
            position = next
            guard scalar != 0x20 else {
                guard wordLength > 0, position < range.upperBound else { return false }
                wordLength = 0
                continue
            }
            guard scalar < letters.count, letters[scalar] != 0 else { return false }
            if wordLength == 0 {
                if wordCount > 0 {
                    guard place < end, bytes[place] == UInt8(ascii: "<") else { return false }
                    while place < end, bytes[place] == UInt8(ascii: "<") { place += 1 }
                    written += wordCount == 1 ? 2 : 1
                }
                wordCount += 1
            }
            guard place < end, bytes[place] == letters[scalar] else { return false }
            place += 1
            written += 1
            wordLength += 1
        }
        guard wordLength > 0, written <= 30, place < end else { return false }
        while place < end {
            guard bytes[place] == UInt8(ascii: "<") else { return false }
            place += 1
        }
        return true
    }

    /// The Unicode scalar at `position` in one to three bytes of UTF-8.
    @inline(__always)
    private func scalar(at position: Int, end: Int) -> (Int, next: Int)? {
        let first = Int(bytes[position])
        if first < 0x80 { return (first, position + 1) }
        if first >= 0xC2, first < 0xE0, end - position >= 2 {
            let second = Int(bytes[position + 1])
            guard second & 0xC0 == 0x80 else { return nil }
            return ((first & 0x1F) << 6 | second & 0x3F, position + 2)
        }
        guard first >= 0xE1, first < 0xF0, end - position >= 3 else { return nil }
        let (second, third) = (Int(bytes[position + 1]), Int(bytes[position + 2]))
        guard second & 0xC0 == 0x80, third & 0xC0 == 0x80 else { return nil }
        return ((first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F, position + 3)
    }

    /// The digit over the digits at `range` (Doc 9303-3, 4.9), as a character.
    @inline(__always)
    private func checkDigit(over range: Range<Int>) -> UInt8 {
        var sum = 0
        for index in stride(from: start + range.lowerBound, to: start + range.upperBound, by: 3) {
            sum += Int(bytes[index] & 0x0F) * 7 + Int(bytes[index + 1] & 0x0F) * 3 + Int(bytes[index + 2] & 0x0F)
        }
        return 0x30 + UInt8(sum % 10)
    }
}

/// The rules of the 12-digit personal number, as far as insurance needs them (Decree 59/2021, Circular 59/2021/TT-BCA):
/// three digits for the place of birth registration, one for century and sex, two for the year of birth, six at random.
enum PersonalNumber {
    static let digitCount = 12

    /// Whether `text` is twelve ASCII digits.
    static func isWellFormed(_ text: Span<UInt8>) -> Bool {
        guard text.count == digitCount else { return false }
        for index in text.indices where decimalDigit(text[index]) == nil { return false }
        return true
    }

    /// The digits as a number; nil for a text that is not twelve digits.
    static func value(_ text: Span<UInt8>) -> Int? {
        guard text.count == digitCount else { return nil }
        var value = 0
        for index in text.indices {
            guard let digit = decimalDigit(text[index]) else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    /// The year of birth and the sex that a well-formed number states.
    static func statement(of number: String) -> (birthYear: Int, isMale: Bool)? {
        let digits = number.utf8.compactMap(decimalDigit)
        guard digits.count == digitCount, number.utf8.count == digitCount else { return nil }
        return (1900 + digits[3] / 2 * 100 + digits[4] * 10 + digits[5], digits[3] % 2 == 0)
    }
}

/// The twelve-digit number of a Vietnamese citizen, `PPPCYYRRRRRR`: place of birth registration, century and sex,
/// birth year, random (Decree 59/2021, Art. 13; Circular 59/2021/TT-BCA, Art. 4).
public struct PersonalNumber: Hashable, Sendable {
    /// The twelve digits.
    public let text: String
    /// The digit that tells century and sex, 0 to 9.
    private let centuryAndSex: Int
    /// The last two digits of the birth year.
    private let yearInCentury: Int

    /// - Parameter text: Twelve ASCII digits, nothing before, between or behind them.
    /// - Throws: `DocumentError.invalidValue`, which never repeats the text, when it is something else or its place
    ///   code is 000.
    public init(_ text: String) throws(DocumentError) {
        let digits = Array(text.utf8.prefix(13))
        guard digits.count == 12, digits.allSatisfy(Digits.isDigit),
            let centuryAndSex = Digits.value(digits[3..<4]), let yearInCentury = Digits.value(digits[4..<6])
        else { throw .invalidValue(field: "personal number", reason: "it must be twelve digits") }
        guard Digits.value(digits[0..<3]) != 0 else {
            throw .invalidValue(field: "personal number", reason: "its place code is 000, which no place has")
        }
        self.text = text
        self.centuryAndSex = centuryAndSex
        self.yearInCentury = yearInCentury
    }

    /// The first three digits: where the birth was registered.
    public var provinceCode: String { String(text.prefix(3)) }

    /// The province or city of `provinceCode` at the time the numbers were given; nil for births registered abroad,
    /// whose codes are those of countries.
    public var province: String? { Province.names[provinceCode] }

    /// The holder's sex: the fourth digit is even for male, odd for female.
    public var sex: Sex { centuryAndSex.isMultiple(of: 2) ? .male : .female }

    /// The holder's birth year, 1900 to 2399: the fourth digit counts centuries in pairs from 1900.
    public var birthYear: Int { 1900 + centuryAndSex / 2 * 100 + yearInCentury }

    /// The card access number that opens the chip by PACE (Doc 9303-11, 4.4): the last six digits.
    public var can: String { String(text.suffix(6)) }

    /// The document number in the card's machine readable zone: the last nine digits.
    public var documentNumber: String { String(text.suffix(9)) }
}

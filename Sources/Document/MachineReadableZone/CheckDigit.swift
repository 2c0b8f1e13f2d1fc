/// The check digits of the machine readable zone (Doc 9303-3, 4.9).
public enum CheckDigit {
    /// The digit over `text`: values of the characters times 7, 3, 1, 7, … modulo 10. Digits count as themselves, A to Z
    /// as 10 to 35, the filler as 0; nil when another character stands in it.
    public static func digit(over text: some StringProtocol) -> Int? {
        var sum = 0
        for (index, character) in text.utf8.enumerated() {
            guard let value = value(of: character) else { return nil }
            sum = (sum + value * [7, 3, 1][index % 3]) % 10
        }
        return sum
    }

    private static func value(of character: UInt8) -> Int? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character - UInt8(ascii: "A")) + 10
        case UInt8(ascii: "<"): 0
        default: nil
        }
    }
}

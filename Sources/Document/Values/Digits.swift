/// Decimal numbers of a fixed number of ASCII digits.
enum Digits {
    /// The value of `bytes` read as ASCII digits; nil when one is none, there is none, or there are more than nine.
    static func value(_ bytes: some Collection<UInt8>) -> Int? {
        guard (1...9).contains(bytes.count) else { return nil }
        var value = 0
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// The last `count` decimal digits of `value`, which is not negative, with leading zeros.
    static func text(_ value: Int, count: Int) -> String {
        var digits: [UInt8] = []
        var rest = value
        for _ in 0..<count {
            digits.insert(UInt8(ascii: "0") + UInt8(rest % 10), at: 0)
            rest /= 10
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Whether `byte` is an ASCII digit.
    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// The number of a health insurance card (BHYT): 15 characters, or the ten digits alone that cards since April 2021 show.
///
/// Two letters for the group of insured, a digit for the benefit level, two digits for the province of issue, and the
/// ten digits of the social insurance number, which a person keeps for life.
struct CardNumber: Hashable, Sendable {
    /// 15 or 10 characters, letters in upper case.
    let text: String

    /// Nil when the text, spaces left out, has another form.
    init?(_ text: String) {
        var normal: [UInt8] = []
        normal.reserveCapacity(15)
        if text.utf8.contains(UInt8(ascii: " ")) {
            let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") }
            guard Self.append(bytes.span, to: &normal) else { return nil }
        } else {
            guard Self.append(text.utf8.span, to: &normal) else { return nil }
        }
        self.text = String(decoding: normal, as: UTF8.self)
    }

    /// Appends the number with its letters in upper case; appends nothing and tells false when it breaks the rules.
    static func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) -> Bool {
        guard text.count == 15 || text.count == 10 else { return false }
        let letterCount = text.count == 15 ? 2 : 0
        for index in letterCount..<text.count where decimalDigit(text[index]) == nil { return false }
        if letterCount > 0 {
            let first = text[0] & 0xDF
            let second = text[1] & 0xDF
            let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
            guard letters.contains(first), letters.contains(second), (0x31...0x35).contains(text[2]) else {
                return false
            }
            bytes.append(first)
            bytes.append(second)
        }
        for index in letterCount..<text.count { bytes.append(text[index]) }
        return true
    }

    /// The last ten digits.
    var socialInsuranceNumber: String { String(decoding: text.utf8.suffix(10), as: UTF8.self) }

    /// The letters before the digits; nil in the ten-digit form.
    var group: String? { isLong ? String(decoding: text.utf8.prefix(2), as: UTF8.self) : nil }

    /// The benefit level, 1 to 5; nil in the ten-digit form.
    var level: Int? { isLong ? text.utf8.dropFirst(2).first.flatMap(decimalDigit) : nil }

    /// The province of issue; nil in the ten-digit form.
    var province: String? { isLong ? String(decoding: text.utf8.dropFirst(3).prefix(2), as: UTF8.self) : nil }

    private var isLong: Bool { text.utf8.count == 15 }
}

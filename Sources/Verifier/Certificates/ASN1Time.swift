import FoundationEssentials

/// Times as DER writes them (X.690, 11.7 and 11.8): in UTC, with seconds, without fractions.
enum ASN1Time {
    /// The moment that `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ` names; nil for another text.
    static func date(_ text: String) -> Date? {
        let digits = Array(text.utf8.dropLast())
        guard text.utf8.last == UInt8(ascii: "Z"), digits.count == 12 || digits.count == 14,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        // UTCTime: 50 to 99 are the years of the 20th century (RFC 5280, 4.1.2.5.1).
        let century = digits.count == 14 ? [] : Array((digits[0] >= UInt8(ascii: "5") ? "19" : "20").utf8)
        let full = (century + digits).map { String(UnicodeScalar($0)) }
        let date = [full[0..<4], full[4..<6], full[6..<8]].map { $0.joined() }.joined(separator: "-")
        let time = [full[8..<10], full[10..<12], full[12..<14]].map { $0.joined() }.joined(separator: ":")
        return try? Date("\(date)T\(time)Z", strategy: .iso8601)
    }
}

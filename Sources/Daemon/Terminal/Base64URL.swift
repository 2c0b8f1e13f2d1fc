import FoundationEssentials

/// Base64 for URLs, without padding (RFC 4648, 5; RFC 7515, 2).
enum Base64URL {
    static func text(_ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedData().lazy.filter { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: Array(text), as: UTF8.self)
    }

    /// Nil when the text is anything else.
    static func bytes(_ text: Substring) -> [UInt8]? {
        guard text.utf8.allSatisfy(isDigit), text.utf8.count % 4 != 1 else { return nil }
        var padded = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        while padded.count % 4 != 0 { padded.append(UInt8(ascii: "=")) }
        guard let bytes = Data(base64Encoded: Data(padded)).map({ [UInt8]($0) }), Self.text(bytes) == text else {
            return nil
        }
        return bytes
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// What a request asks for: the path and the query of its target (RFC 9112, 3.2.1), percent-decoded.
struct RequestTarget: Sendable, Equatable {
    /// The path's segments; the path `/` has one empty segment.
    var segments: [String]
    /// The query's values by name, in the order they came.
    var query: [String: [String]]

    /// - Parameter text: The target in origin form, as it stands in the request line.
    /// - Returns: nil when the target is not in origin form, or when a percent-encoding is broken or not of UTF-8.
    init?(_ text: String) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.first == "/" else { return nil }
        segments = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = Self.decode(segment, plusIsSpace: false) else { return nil }
            segments.append(decoded)
        }
        query = [:]
        guard parts.count == 2, let last = parts.last else { return }
        for pair in last.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.first.flatMap({ Self.decode($0, plusIsSpace: true) }),
                let value = sides.count == 2 ? sides.last.flatMap({ Self.decode($0, plusIsSpace: true) }) : ""
            else { return nil }
            query[name, default: []].append(value)
        }
    }

    private static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimalDigit),
                    let low = rest.popFirst().flatMap(hexadecimalDigit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            case 0..<0x21, 0x7F...: return nil
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

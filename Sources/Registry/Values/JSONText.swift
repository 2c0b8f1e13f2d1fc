/// JSON (RFC 8259) that is written straight into bytes: for answers and records of which there are thousands a second.
///
/// What it writes is what Foundation's `JSONEncoder` writes with `.withoutEscapingSlashes`, as long as its members are
/// given in the order of their names; a test holds the two together.
package struct JSONText: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8]
    private var remembered: [String: [UInt8]] = [:]
    private static let memoryLimit = 256

    /// - Parameter capacity: The bytes that are set aside at once.
    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Begins anew, and keeps the room.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes what `body` writes, as a list's element; the next time by copying what it wrote under this name.
    mutating func element(rememberedAs name: String, _ body: (inout JSONText) -> Void) {
        separate()
        if let known = remembered[name] {
            bytes += known
            return
        }
        let start = bytes.count
        body(&self)
        if remembered.count < Self.memoryLimit { remembered[name] = Array(bytes[start...]) }
    }

    /// Writes the members of an object and its end: what follows on the beginning of an object that was written before.
    package mutating func rest(_ body: (inout JSONText) -> Void) {
        body(&self)
        append("}")
    }

    /// Writes an object, as a list's element or as the whole.
    package mutating func object(_ body: (inout JSONText) -> Void) {
        separate()
        append("{")
        body(&self)
        append("}")
    }

    /// Writes a member that is an object.
    package mutating func object(_ name: String, _ body: (inout JSONText) -> Void) {
        begin(name)
        append("{")
        body(&self)
        append("}")
    }

    /// Writes a member that is a list of whatever `body` writes.
    package mutating func list(_ name: String, _ body: (inout JSONText) -> Void) {
        begin(name)
        append("[")
        body(&self)
        append("]")
    }

    /// Writes a text as a list's element.
    package mutating func element(_ value: String) {
        separate()
        quote(value)
    }

    /// Writes a member that is a text; nothing when there is none.
    package mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        begin(name)
        quote(value)
    }

    /// Writes a member that is a whole number; nothing when there is none.
    package mutating func member(_ name: String, _ value: Int?) {
        guard let value else { return }
        begin(name)
        number(value)
    }

    /// Writes a member that is yes or no; nothing when it is neither.
    package mutating func member(_ name: String, _ value: Bool?) {
        guard let value else { return }
        begin(name)
        append(value ? "true" : "false")
    }

    /// Writes a member that is a list of texts; nothing when there is none.
    package mutating func member(_ name: String, _ values: [String]?) {
        guard let values else { return }
        list(name) { json in
            for value in values { json.element(value) }
        }
    }

    mutating func member(_ name: String, _ day: Day?) {
        guard let day else { return }
        begin(name)
        append("\"")
        append(day)
        append("\"")
    }

    mutating func member(_ name: String, _ moment: Timestamp?) {
        guard let moment else { return }
        begin(name)
        append("\"")
        append(moment)
        append("Z\"")
    }

    /// Writes a member that is a moment to the millisecond, as `2026-11-23T14:47:35.123Z`.
    package mutating func member(_ name: String, millisecondsSince1970: Int) {
        begin(name)
        append("\"")
        append(Timestamp(secondsSince1970: millisecondsSince1970 / 1000))
        append(".")
        digits(millisecondsSince1970 % 1000, 100)
        append("Z\"")
    }

    private mutating func append(_ moment: Timestamp) {
        let seconds = max(moment.secondsSince1970, 0)
        append(Day(secondsSince1970: seconds))
        append("T")
        digits(seconds / 3600 % 24, 10)
        append(":")
        digits(seconds / 60 % 60, 10)
        append(":")
        digits(seconds % 60, 10)
    }

    private mutating func append(_ day: Day) {
        digits(day.year, 1000)
        append("-")
        digits(day.month, 10)
        append("-")
        digits(day.day, 10)
    }

    private mutating func append(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func begin(_ name: String) {
        separate()
        append("\"" as Unicode.Scalar)
        append(name)
        append("\":")
    }

    /// Puts the comma before whatever is not the first of an object or a list.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ","): break
        default: append("," as Unicode.Scalar)
        }
    }

    private mutating func quote(_ text: String) {
        append("\"" as Unicode.Scalar)
        let utf8 = text.utf8.span
        var isPlain = true
        for index in utf8.indices where Self.mustEscape(utf8[index]) { isPlain = false }
        if isPlain {
            append(text)
        } else {
            for byte in text.utf8 { escape(byte) }
        }
        append("\"" as Unicode.Scalar)
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        case ..<0x20:
            append("\\u00")
            for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? digit + 0x30 : digit + 0x57) }
        default: bytes.append(byte)
        }
    }

    private mutating func number(_ value: Int) {
        if (0...9).contains(value) { bytes.append(0x30 + UInt8(value)) } else { append(String(value)) }
    }

    /// The digits of a number that is not negative, from the one that `divisor` stands for.
    private mutating func digits(_ number: Int, _ divisor: Int) {
        var divisor = divisor
        while divisor > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

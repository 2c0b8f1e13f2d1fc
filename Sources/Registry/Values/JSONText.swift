/// JSON (RFC 8259) that is written straight into bytes: for answers and records of which there are thousands a second.
///
/// What it writes is what Foundation's `JSONEncoder` writes with `.withoutEscapingSlashes`, as long as its members are
/// given in the order of their names; a test holds the two together.
package struct JSONText: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8]
    private var remembered: [String: [UInt8]] = [:]
    private static let memoryLimit = 256
    /// The moment that was written last, to the second.
    private var newestMoment: (seconds: Int, text: [UInt8]) = (-1, [])
    /// Where the value of the newest member begins.
    private var valueStart = 0
    /// Whether it notes where marked values stand.
    private let marksValues: Bool
    /// The marked values that were written.
    private(set) var marks: [(value: DecisionValue, range: Range<Int>)] = []

    /// - Parameter capacity: The bytes that are set aside at once.
    package init(capacity: Int = 256) {
        self.init(capacity: capacity, marksValues: false)
    }

    init(capacity: Int = 256, marksValues: Bool) {
        bytes = []
        bytes.reserveCapacity(capacity)
        self.marksValues = marksValues
    }

    /// Begins anew, and keeps the room.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Overwrites what was written, and begins anew.
    package mutating func wipe() {
        for index in bytes.indices { bytes[index] = 0 }
        removeAll()
    }

    /// Writes the member that `body` writes, if it writes one, and notes where its value stands.
    mutating func marking(_ value: DecisionValue, _ body: (inout JSONText) -> Void) {
        let count = bytes.count
        body(&self)
        if marksValues, bytes.count > count { marks.append((value, valueStart..<bytes.count)) }
    }

    /// Copies what was written before, as it is.
    package mutating func copy(_ written: Span<UInt8>) { append(written) }

    /// Copies a part of what was written before, as it is.
    mutating func copy(_ range: Range<Int>, of written: [UInt8]) { append(written.span.extracting(range)) }

    /// Takes back what was written behind the first `count` bytes.
    mutating func takeBack(to count: Int) { bytes.removeLast(max(0, bytes.count - count)) }

    /// Writes a text as a value; false, with nothing written, when the bytes are not UTF-8.
    package mutating func value(_ text: Span<UInt8>) -> Bool {
        let (isPlain, isASCII) = Self.form(text)
        guard isASCII || (try? UTF8Span(validating: text)) != nil else { return false }
        append("\"" as Unicode.Scalar)
        if isPlain {
            append(text)
        } else {
            for index in text.indices { escape(text[index]) }
        }
        append("\"" as Unicode.Scalar)
        return true
    }

    /// Writes a number as a value.
    mutating func value(_ value: Int) { number(value) }

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
        let start = valueStart
        append("{")
        body(&self)
        append("}")
        valueStart = start
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

    /// Writes bytes in lower-case hexadecimal as a value.
    package mutating func value(hexadecimal value: Span<UInt8>) {
        append("\"" as Unicode.Scalar)
        bytes.appendLowerCaseHexadecimal(value)
        append("\"" as Unicode.Scalar)
    }

    /// Writes a member that is a moment to the millisecond, as `2026-11-23T14:47:35.123Z`.
    package mutating func member(_ name: String, millisecondsSince1970: Int) {
        begin(name)
        value(millisecondsSince1970: millisecondsSince1970)
    }

    /// Writes a moment to the millisecond as a value.
    package mutating func value(millisecondsSince1970: Int) {
        append("\"" as Unicode.Scalar)
        append(Timestamp(secondsSince1970: millisecondsSince1970 / 1000))
        append("." as Unicode.Scalar)
        digits(millisecondsSince1970 % 1000, 100)
        append("Z" as Unicode.Scalar)
        append("\"" as Unicode.Scalar)
    }

    private mutating func append(_ moment: Timestamp) {
        let seconds = max(moment.secondsSince1970, 0)
        // Within a second there are many.
        if seconds == newestMoment.seconds {
            let text = newestMoment.text
            append(text.span)
            return
        }
        let start = bytes.count
        defer { newestMoment = (seconds, Array(bytes[start...])) }
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

    private mutating func append(_ text: Span<UInt8>) { bytes.append(text) }

    private mutating func append(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func begin(_ name: String) {
        separate()
        append("\"" as Unicode.Scalar)
        append(name)
        append("\":")
        valueStart = bytes.count
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
        if Self.form(text.utf8.span).isPlain {
            append(text)
        } else {
            for byte in text.utf8 { escape(byte) }
        }
        append("\"" as Unicode.Scalar)
    }

    /// Whether the text needs no escapes, and whether it is ASCII.
    private static func form(_ text: Span<UInt8>) -> (isPlain: Bool, isASCII: Bool) {
        // Eight at a time: a byte's high bit in `marks` says that one of them is to be escaped.
        var (marks, highBits, index) = (0 as UInt64, 0 as UInt64, 0)
        while index + 8 <= text.count {
            let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let (quotes, backslashes) = (word ^ Self.each(UInt8(ascii: "\"")), word ^ Self.each(UInt8(ascii: "\\")))
            marks |= (word &- Self.each(0x20)) & ~word
            marks |= (quotes &- Self.each(1)) & ~quotes | (backslashes &- Self.each(1)) & ~backslashes
            highBits |= word
            index += 8
        }
        var needsEscape = marks & Self.each(0x80) != 0
        while index < text.count {
            let byte = text[index]
            highBits |= UInt64(byte)
            needsEscape = needsEscape || byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            index += 1
        }
        return (!needsEscape, highBits & Self.each(0x80) == 0)
    }

    /// A number of eight such bytes.
    private static func each(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 * UInt64(byte) }

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
            bytes.appendLowerCaseHexadecimal([byte].span)
        default: bytes.append(byte)
        }
    }

    private mutating func number(_ value: Int) {
        guard value >= 0 else { return append(String(value)) }
        var divisor = 1
        while value / divisor >= 10 { divisor *= 10 }
        digits(value, divisor)
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

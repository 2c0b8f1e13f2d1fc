/// What the rules look at in the only record of a person who is asked about by number: records with the same traits get
/// answers that differ in their `DecisionValue`s alone.
///
/// Whoever lets the rules look at more has to add it here; a test holds answers by outline and the decider's together.
struct RecordTraits: Hashable {
    private let status: UInt64
    private let group: UInt64
    private let areaCode: UInt64
    private let cardNumber: UInt64
    private let rest: UInt64

    /// - Parameters:
    ///   - row: A row of `FindingsQuery.recordsOfPerson`.
    ///   - day: The day asked about.
    ///   - facility: What `packed` makes of the code of the facility that asks.
    /// - Returns: Nil for a record with anything unusual in it, which is decided in full.
    init?(_ row: borrowing Statement, on day: Day, facility: UInt64, isDataOld: Bool) {
        guard let status = Self.packed(row, 12), let group = Self.packed(row, 5),
            let areaCode = Self.packed(row, 10), let ownFacility = Self.packed(row, 9),
            let cardNumber = row.withBytes(1, Self.cardNumber) ?? Self.none,
            case .some(.some(let validFrom)) = row.withBytes(7, { Day(iso: $0) }),
            row.hasValue(2), row.hasValue(3)
        else { return nil }
        self.status = status
        self.group = group
        self.areaCode = areaCode
        self.cardNumber = cardNumber
        var rest: UInt64 = validFrom > day ? 1 : 0
        if let last = row.withBytes(8, { Day(iso: $0) }) {
            guard let last else { return nil }
            rest |= last < day ? 6 : 4
        }
        if let fifth = row.withBytes(11, { Day(iso: $0) }) {
            guard let fifth else { return nil }
            rest |= fifth <= day ? 0x18 : 0x08
        }
        if ownFacility != Self.none { rest |= ownFacility == facility ? 0x60 : 0x20 }
        if row.hasValue(4) { rest |= 0x80 }
        if isDataOld { rest |= 0x100 }
        if let level = row.integer(6) {
            guard (0...0xFF).contains(level) else { return nil }
            rest |= UInt64(level) << 16 | 0x200
        }
        self.rest = rest
    }

    private static let none = UInt64.max

    /// A text of at most seven bytes, or none, as a number; nil for a longer one.
    static func packed(_ text: String?) -> UInt64? {
        guard let text else { return none }
        return packed(text.utf8.span)
    }

    private static func packed(_ row: borrowing Statement, _ column: Int32) -> UInt64? {
        row.withBytes(column) { packed($0) } ?? none
    }

    static func packed(_ text: Span<UInt8>) -> UInt64? {
        guard text.count <= 7 else { return nil }
        var value = UInt64(text.count)
        for index in text.indices { value = value << 8 | UInt64(text[index]) }
        return value
    }

    /// Group and level of a card number as `CardNumber.text` has it; nil for one that is written otherwise.
    private static func cardNumber(_ text: Span<UInt8>) -> UInt64? {
        guard text.count == 15 || text.count == 10 else { return nil }
        let lettersAndLevel = text.count == 15 ? 3 : 0
        for index in lettersAndLevel..<text.count where decimalDigit(text[index]) == nil { return nil }
        guard lettersAndLevel > 0 else { return 0 }
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard letters.contains(text[0]), letters.contains(text[1]), (0x31...0x35).contains(text[2]) else { return nil }
        return packed(text.extracting(0..<3))
    }
}

/// An answer without its `DecisionValue`s: all that the rules say about records with the same traits.
final class AnswerOutline: Sendable {
    /// The answer's code.
    let code: String
    /// The answer in JSON, without anybody's values.
    let text: [UInt8]
    /// What of the text comes next, and the value behind it.
    let steps: [(text: Range<Int>, value: DecisionValue)]
    /// The text behind the last value.
    let end: Range<Int>

    /// Takes a decision's outline.
    init(_ decision: EligibilityDecision) {
        var json = JSONText(capacity: 2048, marksValues: true)
        decision.write(to: &json)
        code = decision.code
        var text: [UInt8] = []
        var position = 0
        var steps: [(text: Range<Int>, value: DecisionValue)] = []
        func take(to end: Int) -> Range<Int> {
            let start = text.count
            text += json.bytes[position..<end]
            return start..<text.count
        }
        for mark in json.marks {
            steps.append((take(to: mark.range.lowerBound), mark.value))
            position = mark.range.upperBound
        }
        end = take(to: json.bytes.count)
        self.text = text
        self.steps = steps
        json.wipe()
    }
}

/// The outlines of one day's answers.
struct AnswerOutlines {
    private var day: Day?
    private var known: [RecordTraits: AnswerOutline] = [:]
    /// There are some hundreds.
    private static let limit = 4096

    /// Forgets those of another day.
    mutating func begin(_ day: Day) {
        guard day != self.day else { return }
        self.day = day
        known.removeAll()
    }

    subscript(traits: RecordTraits) -> AnswerOutline? { known[traits] }

    /// Keeps a decision's outline.
    mutating func learn(_ traits: RecordTraits, _ decision: EligibilityDecision) {
        if known.count >= Self.limit { known.removeAll() }
        known[traits] = AnswerOutline(decision)
    }
}

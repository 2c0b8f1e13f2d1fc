/// Why a record could not be read at all, or not be kept.
public enum RejectionReason: Hashable, Sendable {
    /// A quoted field is not closed within `RecordLimits.byteCount` bytes, or at all.
    case quoteNotClosed
    /// A quote stands inside a field that does not begin with one.
    case quoteInsideField
    /// Something other than a separator follows a closing quote.
    case textAfterQuote
    /// A carriage return stands without its line feed.
    case loneCarriageReturn
    /// The record is longer than any record of this kind can be.
    case tooLong
    /// The record has another number of fields than the header.
    case fieldCount(found: Int, expected: Int)
    /// The line is not one JSON object with plain values.
    case notAnObject
    /// The field is required and empty.
    case missing
    /// The text is not UTF-8, or holds control characters.
    case notText
    /// The field is longer than `limit` bytes.
    case longerThan(limit: Int)
    /// The value has another form; `expected` says which is right.
    case form(expected: String)
    /// The period ends before it begins.
    case endsBeforeItBegins
    /// An earlier line of this load has the same person and first day.
    case repeated(line: Int?)
    /// The person has that many records already.
    case moreRecordsThan(limit: Int)
    /// A change takes away a record that the registry does not have.
    case nothingToDelete
}

extension RejectionReason: CustomStringConvertible {
    /// A few English words, without the value.
    public var description: String {
        switch self {
        case .quoteNotClosed: "quote not closed"
        case .quoteInsideField: "quote inside an unquoted field"
        case .textAfterQuote: "text after the closing quote"
        case .loneCarriageReturn: "carriage return without line feed"
        case .tooLong: "record longer than \(RecordLimits.byteCount) bytes"
        case .fieldCount(let found, let expected): "\(found) fields where the header names \(expected)"
        case .notAnObject: "not one JSON object with plain values"
        case .missing: "missing"
        case .notText: "not UTF-8 text"
        case .longerThan(let limit): "longer than \(limit) bytes"
        case .form(let expected): "not \(expected)"
        case .endsBeforeItBegins: "before the first day"
        case .repeated(let line?): "same person and first day as line \(line)"
        case .repeated(nil): "same person and first day as an earlier line"
        case .moreRecordsThan(let limit): "the person has \(limit) records already"
        case .nothingToDelete: "no such record to delete"
        }
    }
}

/// Bounds on what one record may take.
enum RecordLimits {
    static let byteCount = 65_536
    static let fieldCount = 256
    static let pieceByteCount = 262_144
}

/// What a reader met next.
enum RecordOutcome: Equatable {
    case record
    case malformed(RejectionReason)
    case end
}

/// Reads records one after the other, each as ranges of a buffer that the next record reuses.
protocol RecordReader: ~Copyable {
    /// The columns' names.
    var header: [String] { get }
    /// Names met behind the header that no column has.
    var unknownNames: Set<String> { get }
    /// The number of the line where the record begins, from 1.
    var line: Int { get }
    /// The buffer that `fields` refers to.
    var bytes: [UInt8] { get }
    /// Where each field of the record stands, in the header's order.
    var fields: [Range<Int>] { get }
    /// How many bytes were taken from the input.
    var consumedByteCount: Int { get }

    mutating func next() throws(RegistryError) -> RecordOutcome
}

/// A window on the input that a reader moves over; never holds more than one record and one piece.
struct InputWindow: ~Copyable {
    private(set) var bytes: [UInt8]
    /// Offset in `bytes` of the first byte not yet consumed.
    private(set) var start = 0
    private(set) var isAtEnd: Bool
    private(set) var consumedByteCount = 0
    private let file: InputFile?

    /// All of `bytes`.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isAtEnd = true
        file = nil
    }

    /// A file, piece by piece.
    init(_ file: consuming InputFile) {
        bytes = []
        bytes.reserveCapacity(RecordLimits.pieceByteCount + 2 * RecordLimits.byteCount)
        isAtEnd = false
        self.file = Optional(consume file)
    }

    /// Takes in the next piece. What was consumed is dropped, so that offsets into `bytes` no longer hold.
    mutating func refill() throws(RegistryError) {
        guard !isAtEnd else { return }
        bytes.removeFirst(start)
        start = 0
        let target = bytes.count + RecordLimits.pieceByteCount
        // A pipe may give little at a time; a reader that starts its record over at each refill wants a whole piece.
        while bytes.count < target, !isAtEnd {
            let before = bytes.count
            try file?.read(target - before, appendingTo: &bytes)
            isAtEnd = bytes.count == before
        }
    }

    /// Consumes everything before `offset`.
    mutating func consume(to offset: Int) {
        let target = min(max(offset, start), bytes.count)
        consumedByteCount += target - start
        start = target
    }

    /// Consumes a byte order mark; must be called before anything else.
    /// - Returns: false when the input is UTF-16.
    mutating func skipByteOrderMark() throws(RegistryError) -> Bool {
        while bytes.count < 3, !isAtEnd { try refill() }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { consume(to: 3) }
        return !(bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]))
    }

    /// Consumes up to and with the next line feed, however far away it is.
    mutating func skipLine() throws(RegistryError) {
        while true {
            if let feed = bytes[start...].firstIndex(of: lineFeed) { return consume(to: feed + 1) }
            consume(to: bytes.count)
            if isAtEnd { return }
            try refill()
        }
    }

    /// Takes the quotes' doubling out of a field.
    mutating func unescape(_ field: Range<Int>) -> Range<Int> {
        var target = field.lowerBound
        var source = field.lowerBound
        while source < field.upperBound {
            let byte = bytes[source]
            bytes[target] = byte
            target += 1
            source += byte == quote ? 2 : 1
        }
        return field.lowerBound..<target
    }
}

let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
let quote = UInt8(ascii: "\"")

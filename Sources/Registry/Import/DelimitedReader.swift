/// Reads comma-separated values (RFC 4180) and the same with another separator, from UTF-8 with or without a byte order
/// mark, with LF or CRLF. The first record is the header. Empty lines are passed over.
///
/// A record that breaks the rules is told as malformed, and reading goes on with the next line: one quote too many costs
/// one line, not the rest of the file.
struct DelimitedReader: RecordReader, ~Copyable {
    private(set) var header: [String] = []
    let unknownNames: Set<String> = []
    private(set) var line = 1
    private(set) var fields: [Range<Int>] = []
    private var window: InputWindow
    private var separator: UInt8
    private var nextLine = 1

    var bytes: [UInt8] { window.bytes }
    var consumedByteCount: Int { window.consumedByteCount }

    /// - Parameter separator: nil takes a comma or, where the header has none, a semicolon as office programs with a
    ///   Vietnamese locale write it.
    /// - Throws: `invalidHeader` when there is no readable first line.
    init(_ window: consuming InputWindow, separator: UInt8?) throws(RegistryError) {
        self.window = window
        self.separator = separator ?? UInt8(ascii: ",")
        guard try self.window.skipByteOrderMark() else {
            throw .invalidHeader(reason: "the file is UTF-16; save it as UTF-8")
        }
        if separator == nil { try chooseSeparator() }
        switch try next() {
        case .record:
            header = fields.map { String(decoding: self.window.bytes[$0], as: UTF8.self) }
        case .malformed(let reason): throw .invalidHeader(reason: reason.description)
        case .end: throw .invalidHeader(reason: "the file is empty")
        }
    }

    mutating func next() throws(RegistryError) -> RecordOutcome {
        while true {
            line = nextLine
            switch parse() {
            case .needsMore:
                guard window.bytes.count - window.start <= RecordLimits.byteCount else {
                    return try skip(.tooLong)
                }
                try window.refill()
            case .record(let end, let lineFeeds):
                for field in escapedFields { fields[field] = window.unescape(fields[field]) }
                let isEmpty = fields.count == 1 && fields[0].isEmpty && !isQuotedRecord
                let isComplete = isEmpty || header.isEmpty || fields.count == header.count
                if !isComplete, lineFeeds > 1 { return try skip(.quoteNotClosed) }
                let isTooLong = end - window.start > RecordLimits.byteCount
                window.consume(to: end)
                nextLine += lineFeeds
                if isEmpty { continue }
                if isTooLong { return .malformed(.tooLong) }
                return isComplete ? .record : .malformed(.fieldCount(found: fields.count, expected: header.count))
            case .malformed(let reason, let offset):
                window.consume(to: offset)
                return try skip(reason)
            case .end:
                return .end
            }
        }
    }

    /// Goes on behind the line feed that comes next.
    private mutating func skip(_ reason: RejectionReason) throws(RegistryError) -> RecordOutcome {
        try window.skipLine()
        nextLine += 1
        return .malformed(reason)
    }

    private enum Parsed {
        case record(end: Int, lineFeeds: Int)
        case malformed(RejectionReason, resumeAt: Int)
        case needsMore
        case end
    }

    private enum State { case fieldStart, unquoted, quoted, afterQuote, afterCarriageReturn }

    private var isQuotedRecord = false
    /// Indices of the fields that hold doubled quotes.
    private var escapedFields: [Int] = []

    /// Finds the fields of the record at the window's start.
    private mutating func parse() -> Parsed {
        fields.removeAll(keepingCapacity: true)
        isQuotedRecord = false
        escapedFields.removeAll(keepingCapacity: true)
        let separator = separator
        let count = window.bytes.count
        let begin = window.start
        var index = begin
        var fieldStart = begin
        var fieldEnd = begin
        var state = State.fieldStart
        var lineFeeds = 0
        var hasEscape = false

        func malformed(_ reason: RejectionReason) -> Parsed {
            // A quote that swallowed lines is given up where it was opened: the lines behind it may be good.
            lineFeeds > 0
                ? .malformed(.quoteNotClosed, resumeAt: begin)
                : .malformed(reason, resumeAt: index)
        }

        scan: while index < count {
            let byte = window.bytes[index]
            switch state {
            case .fieldStart, .unquoted:
                if byte == separator || byte == lineFeed || byte == carriageReturn {
                    fields.append(fieldStart..<index)
                    if byte == lineFeed {
                        index += 1
                        return .record(end: index, lineFeeds: lineFeeds + 1)
                    }
                    fieldStart = index + 1
                    state = byte == separator ? .fieldStart : .afterCarriageReturn
                } else if byte == quote {
                    guard state == .fieldStart else { return malformed(.quoteInsideField) }
                    fieldStart = index + 1
                    state = .quoted
                    isQuotedRecord = true
                    hasEscape = false
                } else {
                    state = .unquoted
                }
            case .quoted:
                if byte == quote {
                    fieldEnd = index
                    state = .afterQuote
                } else if byte == lineFeed {
                    lineFeeds += 1
                }
                if index - begin > RecordLimits.byteCount { return malformed(.quoteNotClosed) }
            case .afterQuote:
                if byte == quote {
                    hasEscape = true
                    state = .quoted
                } else if byte == separator || byte == lineFeed || byte == carriageReturn {
                    if hasEscape { escapedFields.append(fields.count) }
                    fields.append(fieldStart..<fieldEnd)
                    if byte == lineFeed {
                        index += 1
                        return .record(end: index, lineFeeds: lineFeeds + 1)
                    }
                    fieldStart = index + 1
                    state = byte == separator ? .fieldStart : .afterCarriageReturn
                } else {
                    return malformed(.textAfterQuote)
                }
            case .afterCarriageReturn:
                guard byte == lineFeed else { return malformed(.loneCarriageReturn) }
                index += 1
                return .record(end: index, lineFeeds: lineFeeds + 1)
            }
            if fields.count > RecordLimits.fieldCount { return malformed(.tooLong) }
            index += 1
        }
        guard window.isAtEnd else { return .needsMore }
        guard index > begin else { return .end }
        switch state {
        case .fieldStart, .unquoted: fields.append(fieldStart..<index)
        case .quoted: return malformed(.quoteNotClosed)
        case .afterQuote:
            if hasEscape { escapedFields.append(fields.count) }
            fields.append(fieldStart..<fieldEnd)
        case .afterCarriageReturn: break
        }
        return .record(end: index, lineFeeds: lineFeeds + 1)
    }

    private mutating func chooseSeparator() throws(RegistryError) {
        if window.bytes.count == window.start { try window.refill() }
        let firstLine = window.bytes[window.start...].prefix { $0 != lineFeed }
        if !firstLine.contains(UInt8(ascii: ",")), firstLine.contains(UInt8(ascii: ";")) {
            separator = UInt8(ascii: ";")
        }
    }
}

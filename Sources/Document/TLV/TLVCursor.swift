/// How strictly lengths are read.
public enum EncodingRules: Sendable {
    /// X.690, 10.1: definite lengths in the fewest bytes.
    case der
    /// X.690, 8.1.3, definite form only: a length may take more bytes than it needs.
    case ber
}

/// Where one element stands in the bytes it was read from. Offsets count from the start of those bytes.
public struct TLVElement: Hashable, Sendable {
    /// The tag that was read.
    public let tag: Tag
    /// Offset of the first byte of the tag.
    public let start: Int
    /// Offsets of the value.
    public let content: Range<Int>

    /// Offsets of the whole element: tag, length and value.
    public var range: Range<Int> { start..<content.upperBound }
}

/// Walks BER-TLV in place; borrows the bytes and copies none.
///
/// A cursor sees one level: `inside(_:)` gives another for the children of an element. There is no recursion, so
/// nesting costs nothing that the structure being read does not ask for.
public struct TLVCursor: ~Escapable {
    /// The bytes that offsets refer to: the whole input, also in a cursor over the children of an element.
    public let bytes: Span<UInt8>
    /// Offset of the next element.
    public private(set) var position: Int
    /// Offset behind the last element of this level.
    public let end: Int
    /// How strictly lengths are read.
    public let rules: EncodingRules

    /// Starts at the first of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, rules: EncodingRules = .ber) {
        self.bytes = bytes
        self.position = 0
        self.end = bytes.count
        self.rules = rules
    }

    @_lifetime(copy parent)
    private init(_ parent: borrowing TLVCursor, over range: Range<Int>, rules: EncodingRules) {
        bytes = parent.bytes
        position = range.lowerBound
        end = range.upperBound
        self.rules = rules
    }

    /// Whether every element of this level was read.
    public var isAtEnd: Bool { position >= end }

    /// A cursor over the children of `element`, which must have been read from the same bytes.
    @_lifetime(copy self)
    public func inside(_ element: TLVElement) -> TLVCursor {
        TLVCursor(self, over: element.content, rules: rules)
    }

    /// A cursor over elements that stand inside a string at `range`, which was read from the same bytes.
    @_lifetime(copy self)
    public func within(_ range: Range<Int>) -> TLVCursor {
        TLVCursor(self, over: range.clamped(to: 0..<bytes.count), rules: rules)
    }

    /// The same cursor, which from here on accepts DER alone.
    @_lifetime(copy self)
    public func strict() -> TLVCursor { TLVCursor(self, over: position..<end, rules: .der) }

    /// The next element, whatever its tag.
    ///
    /// - Throws: `truncated`, `invalidTag`, `invalidLength`, `indefiniteLength`, and under DER `nonMinimalLength`.
    public mutating func next() throws(DocumentError) -> TLVElement {
        let start = position
        let (tag, afterTag) = try readTag(at: start)
        let (length, afterLength) = try readLength(at: afterTag)
        guard length <= end - afterLength else { throw .truncated(offset: start) }
        position = afterLength + length
        return TLVElement(tag: tag, start: start, content: afterLength..<position)
    }

    /// The next element, which must have `tag`; the cursor stays where it is when it does not.
    public mutating func next(_ tag: Tag) throws(DocumentError) -> TLVElement {
        let start = position
        let element = try next()
        guard element.tag == tag else {
            position = start
            throw .unexpectedTag(element.tag, expected: tag, offset: start)
        }
        return element
    }

    /// The next element if it has `tag`, otherwise nil and the cursor stays where it is.
    public mutating func nextIfPresent(_ tag: Tag) throws(DocumentError) -> TLVElement? {
        guard !isAtEnd else { return nil }
        let start = position
        let element = try next()
        if element.tag == tag { return element }
        position = start
        return nil
    }

    /// - Throws: `trailingBytes` unless every element of this level was read.
    public func expectEnd() throws(DocumentError) {
        guard isAtEnd else { throw .trailingBytes(count: end - position, offset: position) }
    }

    /// The bytes at `range`, copied.
    public func copy(_ range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for index in range { copy.append(bytes[index]) }
        return copy
    }

    /// Tag, place of the value and its length, nil when indefinite, of the element at `start`, which ends by `end`.
    func header(at start: Int, end limit: Int) throws(DocumentError) -> (tag: Tag, content: Int, length: Int?) {
        let scope = TLVCursor(self, over: (start..<max(start, limit)).clamped(to: 0..<bytes.count), rules: rules)
        let (tag, afterTag) = try scope.readTag(at: start)
        if afterTag < scope.end, bytes[afterTag] == 0x80 { return (tag, afterTag + 1, nil) }
        let (length, content) = try scope.readLength(at: afterTag)
        guard length <= scope.end - content else { throw .truncated(offset: start) }
        return (tag, content, length)
    }

    private func readTag(at offset: Int) throws(DocumentError) -> (Tag, next: Int) {
        guard offset < end else { throw .truncated(offset: offset) }
        let first = bytes[offset]
        guard first & 0x1F == 0x1F else { return (Tag(rawValue: UInt32(first)), offset + 1) }
        guard offset + 1 < end else { throw .truncated(offset: offset) }
        let second = bytes[offset + 1]
        guard second != 0x80 else { throw .invalidTag(offset: offset) }
        guard second & 0x80 != 0 else {
            return (Tag(rawValue: UInt32(first) << 8 | UInt32(second)), offset + 2)
        }
        guard offset + 2 < end else { throw .truncated(offset: offset) }
        let third = bytes[offset + 2]
        guard third & 0x80 == 0 else { throw .invalidTag(offset: offset) }
        return (Tag(rawValue: UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)), offset + 3)
    }

    private func readLength(at offset: Int) throws(DocumentError) -> (Int, next: Int) {
        guard offset < end else { throw .truncated(offset: offset) }
        let first = bytes[offset]
        guard first & 0x80 != 0 else { return (Int(first), offset + 1) }
        let count = Int(first & 0x7F)
        guard count > 0 else { throw .indefiniteLength(offset: offset) }
        guard count <= 4 else { throw .invalidLength(offset: offset) }
        guard count <= end - (offset + 1) else { throw .truncated(offset: offset) }
        var length = 0
        for index in offset + 1..<offset + 1 + count { length = length << 8 | Int(bytes[index]) }
        if rules == .der, length < 0x80 || length >> (8 * (count - 1)) == 0 { throw .nonMinimalLength(offset: offset) }
        return (length, offset + 1 + count)
    }
}

/// Reading DER where it stands, for structures of which every part has a known tag of one byte. No error tells more than
/// that the bytes are not plain: whoever needs to know reads them with `TLVCursor`.
struct DERWalk: ~Escapable {
    let bytes: Span<UInt8>
    private(set) var position: Int
    let end: Int

    @_lifetime(copy bytes)
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = min(range.upperBound, bytes.count)
    }

    var isAtEnd: Bool {
        @inline(__always) get { position == end }
    }

    /// The content of the next element, which must have `tag` and a length in DER's form.
    @inline(__always)
    mutating func next(_ tag: UInt8) -> Range<Int>? {
        guard end - position >= 2, bytes[position] == tag else { return nil }
        return content()
    }

    /// Whether the next element has `tag`.
    @inline(__always)
    func isNext(_ tag: UInt8) -> Bool { position < end && bytes[position] == tag }

    /// Passes the next element, which must be exactly these bytes.
    @inline(__always)
    mutating func skip(_ expected: [UInt8]) -> Bool {
        guard end - position >= expected.count else { return false }
        for index in 0..<expected.count where bytes[position + index] != expected[index] { return false }
        position += expected.count
        return true
    }

    @inline(__always)
    private mutating func content() -> Range<Int>? {
        let first = Int(bytes[position + 1])
        var start = position + 2
        var length = first
        if first >= 0x80 {
            let count = first & 0x7F
            guard (1...3).contains(count), end - start >= count else { return nil }
            length = 0
            for index in 0..<count { length = length << 8 | Int(bytes[start + index]) }
            guard length >= 0x80, length >> (8 * (count - 1)) != 0 else { return nil }
            start += count
        }
        guard length <= end - start else { return nil }
        position = start + length
        return start..<position
    }
}

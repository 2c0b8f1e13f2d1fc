import Document

/// Where the files of one record of a card archive stand in it, found in one pass and without copying.
struct RecordFiles {
    /// The files by their places in this order: EF.COM, EF.SOD, DG1 … DG16, EF.CardAccess, EF.CardSecurity.
    static let com = 0
    static let sod = 1
    static let cardAccess = 18
    static let cardSecurity = 19
    static let count = 20

    /// The place of a data group's file.
    @inline(__always)
    static func dataGroup(_ number: Int) -> Int { number + 1 }

    // Small, since a record's places are handed on by value.
    private var starts = InlineArray<20, UInt32>(repeating: 0)
    private var ends = InlineArray<20, UInt32>(repeating: 0)
    /// Bit by bit, which files there are.
    private(set) var present: UInt32 = 0

    /// Nil for a record that is not plain: `CardImage` then says what is wrong with it, if anything is.
    @inline(__always)
    init?(_ record: Span<UInt8>) {
        guard record.count <= CardImage.maximumByteCount else { return nil }
        var position = 0
        while position < record.count {
            guard let file = Self.file(tag: record[position]), let end = Self.end(of: position, in: record),
                present & (1 << UInt32(file)) == 0
            else { return nil }
            starts[file] = UInt32(truncatingIfNeeded: position)
            ends[file] = UInt32(truncatingIfNeeded: end)
            present |= 1 << UInt32(file)
            position = end
        }
    }

    /// The bytes of a file from its outer tag on; nil when it is not there.
    @inline(__always)
    func range(_ file: Int) -> Range<Int>? {
        present & (1 << UInt32(file)) == 0 ? nil : Int(starts[file])..<Int(ends[file])
    }

    /// The data groups that are there, with DG1 as bit 1.
    var dataGroups: UInt32 { (present >> 1) & 0x1_FFFE }

    @inline(__always)
    private static func file(tag: UInt8) -> Int? {
        switch tag {
        case 0x60: com
        case 0x77: sod
        case 0x61: dataGroup(1)
        case 0x75: dataGroup(2)
        case 0x63: dataGroup(3)
        case 0x76: dataGroup(4)
        case 0x65...0x70: dataGroup(Int(tag) - 0x60)
        case 0x31: cardAccess
        case 0x30: cardSecurity
        default: nil
        }
    }

    /// The end of the element at `start`.
    @inline(__always)
    private static func end(of start: Int, in record: Span<UInt8>) -> Int? {
        guard record.count - start >= 2 else { return nil }
        let first = Int(record[start + 1])
        guard first >= 0x80 else {
            return first <= record.count - start - 2 ? start + 2 + first : nil
        }
        let count = first & 0x7F
        guard (1...4).contains(count), record.count - start - 2 >= count else { return nil }
        var length = 0
        for index in 0..<count { length = length << 8 | Int(record[start + 2 + index]) }
        let content = start + 2 + count
        return length <= record.count - content ? content + length : nil
    }
}

import Crypto

/// Where the texts stand in a DG13 of the usual form: the container with version and text encoding, lengths in DER, known
/// fields, each at most once. Of the fields that are compared each must be one string.
struct HolderFields {
    private(set) var personalNumber: Range<Int>?
    private(set) var fullName: Range<Int>?
    private(set) var birthDate: Range<Int>?
    private(set) var sex: Range<Int>?
    private(set) var issueDate: Range<Int>?
    private(set) var expiryDate: Range<Int>?

    /// Version 1, then the identifier of the text encoding.
    private static let header: [UInt8] = [0x02, 0x01, 0x01, 0x06, 0x06, 0x28, 0xD3, 0x16, 0x01, 0x00, 0x08]
    private static let maximumTextCount = 8

    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var walk = DERWalk(bytes, range)
        guard let outer = walk.next(0x6D), walk.isAtEnd else { return nil }
        walk = DERWalk(bytes, outer)
        guard let container = walk.next(0x30), walk.isAtEnd else { return nil }
        walk = DERWalk(bytes, container)
        guard walk.skip(Self.header), let set = walk.next(0x31), walk.isAtEnd else { return nil }
        var fields = DERWalk(bytes, set)
        var seen: UInt32 = 0
        while !fields.isAtEnd {
            guard let field = fields.next(0x30) else { return nil }
            walk = DERWalk(bytes, field)
            guard let numberRange = walk.next(0x02), numberRange.count == 1 else { return nil }
            let number = Int(bytes[numberRange.lowerBound])
            guard (1...16).contains(number), seen & (1 << UInt32(number)) == 0 else { return nil }
            seen |= 1 << UInt32(number)
            guard let (first, isSingle) = Self.texts(bytes, walk.position..<field.upperBound) else { return nil }
            switch number {
            case 1, 2, 3, 4, 11, 12:
                guard isSingle, let text = first else { return nil }
                remember(text, as: number)
            default: break
            }
        }
    }

    private mutating func remember(_ text: Range<Int>, as number: Int) {
        switch number {
        case 1: personalNumber = text
        case 2: fullName = text
        case 3: birthDate = text
        case 4: sex = text
        case 11: issueDate = text
        default: expiryDate = text
        }
    }

    /// The first string of a field, and whether it is the only one and stands by itself; nil when something else stands
    /// there or a string is not UTF-8.
    @inline(__always)
    private static func texts(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (Range<Int>?, isSingle: Bool)? {
        var walk = DERWalk(bytes, range)
        var first: Range<Int>?
        var count = 0
        var isSingle = true
        while !walk.isAtEnd {
            if let sequence = walk.next(0x30) {
                isSingle = false
                var strings = DERWalk(bytes, sequence)
                while !strings.isAtEnd {
                    guard let text = string(&strings) else { return nil }
                    first = first ?? text
                    count += 1
                }
            } else {
                guard let text = string(&walk) else { return nil }
                first = first ?? text
                count += 1
            }
            guard count <= maximumTextCount else { return nil }
        }
        return (first, isSingle && count == 1)
    }

    @inline(__always)
    private static func string(_ walk: inout DERWalk) -> Range<Int>? {
        guard let text = walk.next(0x0C) ?? walk.next(0x13) ?? walk.next(0x16),
            BatchBytes.areUTF8(walk.bytes.extracting(text))
        else {
            return nil
        }
        return text
    }
}

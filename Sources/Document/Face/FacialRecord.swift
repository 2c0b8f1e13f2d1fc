/// A facial record: portraits with what describes them (ISO/IEC 19794-5:2005, 5), the data block of DG2.
public struct FacialRecord: Hashable, Sendable {
    /// More portraits than this are refused; a data group has one as a rule.
    public static let maximumImageCount = 16

    /// The portraits in order.
    public let images: [FaceImage]

    /// - Parameter bytes: The record, and nothing behind it.
    /// - Throws: `DocumentError` when the record is malformed or holds an image that is neither JPEG nor JPEG 2000.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        try self.init(bytes, at: 0..<bytes.count)
    }

    /// Reads the record at `range` of `bytes`; offsets count from the first of `bytes`.
    init(_ bytes: Span<UInt8>, at range: Range<Int>) throws(DocumentError) {
        var header = FixedFields(bytes, range)
        let formatIdentifier = try header.number(4)
        let version = try header.number(4)
        guard formatIdentifier == 0x4641_4300 else {
            throw .invalidValue(field: "facial record", reason: "it does not begin with FAC")
        }
        guard version == 0x3031_3000 else {
            throw .unsupported(field: "facial record version", value: Hexadecimal.text(UInt32(version).bytes))
        }
        let length = try header.number(4)
        guard length == range.count else {
            throw .invalidValue(
                field: "facial record", reason: "its length says \(length), it has \(range.count) bytes")
        }
        let count = try header.number(2)
        guard (1...Self.maximumImageCount).contains(count) else {
            throw .invalidValue(field: "facial record", reason: "it says that it has \(count) images")
        }
        var images: [FaceImage] = []
        for _ in 0..<count {
            let start = header.position
            let length = try header.number(4)
            guard length >= 4, let end = header.end(ofLength: length, from: start) else {
                throw .truncated(offset: start)
            }
            var fields = FixedFields(bytes, start + 4..<end)
            images.append(try FaceImage(&fields))
            header.position = end
        }
        guard header.isAtEnd else {
            throw .trailingBytes(count: range.upperBound - header.position, offset: header.position)
        }
        self.images = images
    }
}

extension FaceImage {
    /// Reads facial information, feature points, image information and image (ISO/IEC 19794-5:2005, 5.5 to 5.8), from
    /// behind the length to the end of `fields`.
    fileprivate init(_ fields: inout FixedFields) throws(DocumentError) {
        let featurePointCount = try fields.number(2)
        // Gender, eye colour, hair colour, property mask, expression, pose angle and its uncertainty.
        try fields.skip(14)
        try fields.skip(featurePointCount * 8)
        try fields.skip(1)
        declaredType = UInt8(truncatingIfNeeded: try fields.number(1))
        declaredWidth = try fields.number(2)
        declaredHeight = try fields.number(2)
        // Colour space, source type, device type and quality.
        try fields.skip(6)
        range = fields.position..<fields.end
        let bytes = fields.rest()
        self.bytes = bytes
        kind = try Kind(of: bytes)
    }
}

/// Walks big-endian numbers of fixed width in place.
private struct FixedFields: ~Escapable {
    let bytes: Span<UInt8>
    var position: Int
    let end: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position >= end }

    /// The next `width` bytes, at most four, as a number.
    mutating func number(_ width: Int) throws(DocumentError) -> Int {
        guard width <= end - position else { throw .truncated(offset: position) }
        var number = 0
        for index in position..<position + width { number = number << 8 | Int(bytes[index]) }
        position += width
        return number
    }

    mutating func skip(_ count: Int) throws(DocumentError) {
        guard count <= end - position else { throw .truncated(offset: position) }
        position += count
    }

    /// The offset `length` bytes behind `start`; nil when that is behind the end.
    func end(ofLength length: Int, from start: Int) -> Int? { length <= end - start ? start + length : nil }

    mutating func rest() -> [UInt8] {
        var rest: [UInt8] = []
        rest.reserveCapacity(end - position)
        for index in position..<end { rest.append(bytes[index]) }
        position = end
        return rest
    }
}

extension UInt32 {
    fileprivate var bytes: [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}

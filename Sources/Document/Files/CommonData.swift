/// EF.COM: which data groups the chip has (Doc 9303-10, 4.6.1). It is not signed.
public struct CommonData: Hashable, Sendable {
    /// Version of the logical data structure, four digits: `0107` is 1.7.
    public let ldsVersion: String
    /// Version of Unicode, six digits: `040000` is 4.0.0.
    public let unicodeVersion: String
    /// The numbers of the data groups listed, in the order of the list.
    public let dataGroups: [Int]
    /// Bytes of the list that are the tag of no data group.
    public let unknownTags: [UInt8]

    /// - Parameter bytes: The file from its outer tag 60 on, and nothing behind it.
    /// - Throws: `DocumentError` when the file is malformed or lists a data group twice.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        var file = TLVCursor(bytes)
        var content = file.inside(try file.next(0x60))
        try file.expectEnd()
        ldsVersion = try content.nextDigits(0x5F01, count: 4, field: "LDS version")
        unicodeVersion = try content.nextDigits(0x5F36, count: 6, field: "Unicode version")
        let list = try content.next(0x5C).content
        try content.expectEnd()

        guard list.count <= 32 else {
            throw .invalidValue(field: "EF.COM tag list", reason: "it has \(list.count) tags, there are 16 data groups")
        }
        var dataGroups: [Int] = []
        var unknownTags: [UInt8] = []
        for index in list {
            let byte = content.bytes[index]
            guard let number = ElementaryFile(tag: Tag(rawValue: UInt32(byte)))?.dataGroupNumber else {
                unknownTags.append(byte)
                continue
            }
            guard !dataGroups.contains(number) else {
                throw .invalidValue(field: "EF.COM tag list", reason: "DG\(number) is listed twice")
            }
            dataGroups.append(number)
        }
        self.dataGroups = dataGroups
        self.unknownTags = unknownTags
    }
}

extension TLVCursor {
    /// The value of the next element, which must have `tag` and be `count` ASCII digits.
    fileprivate mutating func nextDigits(_ tag: Tag, count: Int, field: String) throws(DocumentError) -> String {
        let digits = copy(try next(tag).content)
        guard digits.count == count, digits.allSatisfy(Digits.isDigit) else {
            throw .invalidValue(field: field, reason: "it must be \(count) digits")
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

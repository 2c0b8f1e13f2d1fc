/// A face image data block (ISO/IEC 39794-5:2019, as Doc 9303-10, 4.7.2 profiles it): what follows the facial record of
/// ISO/IEC 19794-5 as the data block of DG2.
///
/// Of the schema only the way to the images is walked; what describes them is left unread, so that a document with more or
/// newer blocks is no less readable.
public struct FaceImageDataBlock: Hashable, Sendable {
    /// More portraits than this are refused; a data group has one as a rule.
    public static let maximumImageCount = FacialRecord.maximumImageCount

    /// The portraits in order, at least one.
    public let images: [FaceImage]

    /// - Parameter bytes: The content of the biometric data block 7F2E: tag A1 with the block in it, or the block alone, and
    ///   nothing behind it.
    /// - Throws: `DocumentError` when the block is malformed, or holds an image that is not in two dimensions, or neither JPEG
    ///   nor JPEG 2000.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        try self.init(TLVCursor(bytes))
    }

    /// Reads the block that `outer` is over.
    init(_ outer: consuming TLVCursor) throws(DocumentError) {
        var outer = outer
        var element = try outer.next()
        try outer.expectEnd()
        if element.tag == 0xA1 {
            var wrapped = outer.inside(element)
            element = try wrapped.next()
            try wrapped.expectEnd()
        }
        guard element.tag == 0x65 else {
            throw .unexpectedTag(element.tag, expected: 0x65, offset: element.start)
        }
        var block = outer.inside(element)
        // The version block: later generations only add to the way walked here.
        _ = try block.next(0xA0)
        var representations = block.inside(try block.next(0xA1))
        try block.skipRest()
        var images: [FaceImage] = []
        while !representations.isAtEnd {
            guard images.count < Self.maximumImageCount else {
                throw .invalidValue(
                    field: "face image data block", reason: "it has more than \(Self.maximumImageCount) images")
            }
            var representation = representations.inside(try representations.next(.sequence))
            images.append(try FaceImage(representation: &representation))
        }
        guard !images.isEmpty else { throw .missing(field: "face image data block's representation") }
        self.images = images
    }
}

extension FaceImage {
    /// Reads a representation block: identifier, image representation, and optional blocks behind them. A choice is tagged
    /// explicitly, since it has no tag of its own (ITU-T X.680, 31.2.7): [1] representation, [0] base, [0] 2D block.
    fileprivate init(representation: inout TLVCursor) throws(DocumentError) {
        _ = try representation.number(0x80, field: "representation identifier")
        var choice = representation.inside(try representation.next(0xA1))
        try representation.skipRest()
        var base = choice.inside(try choice.next(0xA0))
        try choice.expectEnd()
        var image = base.inside(try base.next(0xA0))
        try base.expectEnd()
        let data = try image.next(0x80).content
        var information = image.inside(try image.next(0xA1))
        try image.skipRest()

        var format = information.inside(try information.next(0xA0))
        let code = try format.next()
        // ImageDataFormatCode; an extension block instead of a code says nothing that is known here.
        switch code.tag == 0x80 && code.content.count == 1 ? format.bytes[code.content.lowerBound] : nil {
        case 2: declaredType = 0
        case 3, 4: declaredType = 1
        default: declaredType = nil
        }
        try format.expectEnd()
        var size: (width: Int, height: Int)?
        while !information.isAtEnd {
            let element = try information.next()
            guard element.tag == 0xA7 else { continue }
            var block = information.inside(element)
            size = (try block.number(0x80, field: "image width"), try block.number(0x81, field: "image height"))
            try block.expectEnd()
        }
        declaredWidth = size?.width
        declaredHeight = size?.height
        range = data
        bytes = image.copy(data)
        kind = try Kind(of: bytes)
    }
}

extension TLVCursor {
    /// The next element as an INTEGER of 0 to 2³¹ − 1, tagged implicitly.
    fileprivate mutating func number(_ tag: Tag, field: String) throws(DocumentError) -> Int {
        let content = try next(tag).content
        var number = 0
        guard (1...4).contains(content.count), bytes[content.lowerBound] & 0x80 == 0 else {
            throw .invalidValue(field: field, reason: "it must be a number of one to four bytes, not negative")
        }
        for index in content { number = number << 8 | Int(bytes[index]) }
        return number
    }

    /// Passes over elements that are of no interest, which still must be whole.
    fileprivate mutating func skipRest() throws(DocumentError) {
        while !isAtEnd { _ = try next() }
    }
}

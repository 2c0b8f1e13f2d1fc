/// DG2: the holder's portrait (Doc 9303-10, 4.7.2): CBEFF templates (ISO/IEC 7816-11) with facial records (ISO/IEC 19794-5)
/// or face image data blocks (ISO/IEC 39794-5) in them.
public struct DataGroup2: Hashable, Sendable {
    /// More templates than this are refused (Doc 9303-10, 4.7.2.1: one to nine).
    public static let maximumTemplateCount = 9

    /// The portraits in order, at least one.
    public let images: [FaceImage]

    /// - Parameter bytes: The file from its outer tag 75 on, and nothing behind it.
    /// - Throws: `DocumentError` when the file is malformed, a data block is neither in the form of ISO/IEC 19794-5 nor in
    ///   that of ISO/IEC 39794-5, or an image is neither JPEG nor JPEG 2000.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        var file = TLVCursor(bytes)
        var content = file.inside(try file.next(0x75))
        try file.expectEnd()
        var group = content.inside(try content.next(0x7F61))
        try content.expectEnd()

        let countElement = try group.next(.integer).content
        guard countElement.count == 1, case let count = Int(group.bytes[countElement.lowerBound]),
            (1...Self.maximumTemplateCount).contains(count)
        else {
            throw .invalidValue(
                field: "DG2 number of instances", reason: "it must be 1 to \(Self.maximumTemplateCount)")
        }
        var images: [FaceImage] = []
        for _ in 0..<count {
            var template = group.inside(try group.next(0x7F60))
            _ = try template.next(0xA1)
            let block = try template.next()
            guard block.tag == 0x5F2E || block.tag == 0x7F2E else {
                throw .unexpectedTag(block.tag, expected: 0x5F2E, offset: block.start)
            }
            try template.expectEnd()
            // The template around them is the same; what the block begins with tells the formats apart.
            let first = block.content.isEmpty ? nil : bytes[block.content.lowerBound]
            images +=
                first == 0xA1 || first == 0x65
                ? try FaceImageDataBlock(template.inside(block)).images
                : try FacialRecord(bytes, at: block.content).images
            guard images.count <= FacialRecord.maximumImageCount else {
                throw .invalidValue(field: "DG2", reason: "it has more than \(FacialRecord.maximumImageCount) images")
            }
        }
        try group.expectEnd()
        self.images = images
    }
}

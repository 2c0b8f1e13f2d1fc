/// One portrait of DG2.
public struct FaceImage: Hashable, Sendable {
    /// How an image is encoded, told by its first bytes.
    public enum Kind: Hashable, Sendable, CaseIterable {
        /// JPEG (ISO/IEC 10918-1).
        case jpeg
        /// JPEG 2000 in a JP2 file (ISO/IEC 15444-1, annex I).
        case jpeg2000
        /// A JPEG 2000 codestream without a file around it (ISO/IEC 15444-1, annex A).
        case jpeg2000Codestream

        /// The media type (RFC 2046, RFC 3745, RFC 9828).
        public var mediaType: String {
            switch self {
            case .jpeg: "image/jpeg"
            case .jpeg2000: "image/jp2"
            case .jpeg2000Codestream: "image/j2c"
            }
        }

        /// - Throws: `invalidValue` when the bytes begin like no image of a known kind.
        public init(of image: [UInt8]) throws(DocumentError) {
            guard let kind = Self.allCases.first(where: { image.starts(with: $0.signature) }) else {
                throw .invalidValue(field: "portrait", reason: "it is neither JPEG nor JPEG 2000")
            }
            self = kind
        }

        /// The bytes that such an image starts with.
        var signature: [UInt8] {
            switch self {
            case .jpeg: [0xFF, 0xD8, 0xFF]
            case .jpeg2000: [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]
            case .jpeg2000Codestream: [0xFF, 0x4F, 0xFF, 0x51]
            }
        }
    }

    /// How the image is encoded.
    public let kind: Kind
    /// What the record says about the encoding: 0 JPEG, 1 JPEG 2000, in the numbers of ISO/IEC 19794-5; nil when it names
    /// another. It may contradict `kind`.
    public let declaredType: UInt8?
    /// The width in pixels that the record states, if it does; the image's own header has the last word.
    public let declaredWidth: Int?
    /// The height in pixels that the record states, if it does; the image's own header has the last word.
    public let declaredHeight: Int?
    /// Where the image stands in the bytes that were parsed.
    public let range: Range<Int>
    /// The encoded image.
    public let bytes: [UInt8]
}

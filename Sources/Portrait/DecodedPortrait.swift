/// A portrait that any browser shows, and nothing but a picture: its structure was walked from end to end.
public struct DecodedPortrait: Hashable, Sendable {
    /// How a picture is encoded.
    public enum Kind: Hashable, Sendable {
        /// PNG (ISO/IEC 15948), eight bits, grey or RGB.
        case png
        /// JPEG (ISO/IEC 10918-1), grey or colour.
        case jpeg

        /// The media type (RFC 2045, ISO/IEC 15948).
        public var mediaType: String {
            switch self {
            case .png: "image/png"
            case .jpeg: "image/jpeg"
            }
        }

        /// What names of such files end in.
        public var fileExtension: String {
            switch self {
            case .png: "png"
            case .jpeg: "jpg"
            }
        }
    }

    /// How it is encoded.
    public let kind: Kind
    /// The encoded picture.
    public let bytes: [UInt8]
    /// In pixels, at most `PortraitLimits.side`.
    public let width: Int
    /// In pixels, at most `PortraitLimits.side`.
    public let height: Int

    init(kind: Kind, bytes: [UInt8], width: Int, height: Int) {
        self.kind = kind
        self.bytes = bytes
        self.width = width
        self.height = height
    }

    /// Takes what a decoder gave, trusting nothing of it.
    ///
    /// - Throws: `invalidAnswer` unless it is one PNG or one JPEG, within `PortraitLimits`, with no metadata in it.
    init(untrusted bytes: [UInt8]) throws(PortraitError) {
        if let png = PNGFile(bytes) {
            self.init(kind: .png, bytes: bytes, width: png.width, height: png.height)
        } else if let jpeg = try? JPEGFile(bytes), jpeg.plain == bytes {
            self.init(kind: .jpeg, bytes: bytes, width: jpeg.width, height: jpeg.height)
        } else {
            throw .invalidAnswer
        }
    }
}

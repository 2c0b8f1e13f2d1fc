import Document
import FoundationEssentials

/// The picture of the holder as the chip has it.
struct ChipPortrait: Encodable {
    /// `image/jp2`, `image/j2c` or `image/jpeg`.
    var mediaType: String
    /// The image in base64.
    var data: String
}

extension ChipPortrait {
    /// Nil when DG2 was not read or has no image.
    init?(_ image: CardImage) {
        guard let bytes = image[.dg2], let face = try? DataGroup2(bytes.span).images.first else { return nil }
        mediaType = face.kind.mediaType
        data = Data(face.bytes).base64EncodedString()
    }
}

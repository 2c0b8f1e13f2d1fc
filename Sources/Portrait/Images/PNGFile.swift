/// A PNG image (ISO/IEC 15948, 5), walked chunk by chunk without decoding it: to know that what a decoder gave is a picture
/// and nothing else.
struct PNGFile {
    let width: Int
    let height: Int

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Nil unless the bytes are the chunks that libpng writes for a picture in sRGB, in order, and no byte more, with a header
    /// that says eight bits, grey or RGB, within `PortraitLimits`.
    init?(_ image: [UInt8]) {
        guard image.starts(with: Self.signature), let size = try? Self.size(image) else { return nil }
        (width, height) = size
    }

    private static func size(_ image: [UInt8]) throws(PortraitError) -> (width: Int, height: Int) {
        var bytes = ImageBytes(image)
        try bytes.skip(signature.count)
        var header = try chunk(&bytes, "IHDR")
        let width = try header.number(4)
        let height = try header.number(4)
        let depth = try header.number(1)
        let colour = try header.number(1)
        let compressionFilterInterlace = try header.number(3)
        guard header.remaining == 0, depth == 8, colour == 0 || colour == 2, compressionFilterInterlace == 0,
            (1...PortraitLimits.side).contains(width), (1...PortraitLimits.side).contains(height)
        else { throw .invalidAnswer }
        for name in ["gAMA", "cHRM", "sRGB"] where isNext(bytes, name) { _ = try chunk(&bytes, name) }
        repeat { _ = try chunk(&bytes, "IDAT") } while isNext(bytes, "IDAT")
        let last = try chunk(&bytes, "IEND")
        guard last.remaining == 0, bytes.remaining == 0 else { throw .invalidAnswer }
        return (width, height)
    }

    private static func isNext(_ bytes: ImageBytes, _ name: String) -> Bool {
        var ahead = bytes
        return (try? ahead.skip(4)) != nil && ahead.starts(with: Array(name.utf8))
    }

    /// The data of the next chunk, which must be of that name: length, name, data, CRC (5.3).
    private static func chunk(_ bytes: inout ImageBytes, _ name: String) throws(PortraitError) -> ImageBytes {
        guard isNext(bytes, name) else { throw .invalidAnswer }
        let length = try bytes.number(4)
        try bytes.skip(4)
        let data = try bytes.part(length)
        try bytes.skip(4)
        return data
    }
}

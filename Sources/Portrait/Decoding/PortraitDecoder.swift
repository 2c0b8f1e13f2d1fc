/// Makes of a portrait's image one that any browser shows.
///
/// What decodes runs C code on bytes of strangers. Programs that live longer than one portrait call `PortraitProcess`, which
/// does it in a process of its own.
public enum PortraitDecoder {
    /// A JPEG stays JPEG, without metadata; a JPEG 2000 image, in a JP2 file or as a codestream, becomes a PNG.
    ///
    /// - Throws: `unknownFormat`, `tooLarge`, `damaged`, `unsupported`, `outOfMemory`.
    public static func decode(_ image: [UInt8]) throws(PortraitError) -> DecodedPortrait {
        guard image.count <= PortraitLimits.imageBytes else { throw .tooLarge }
        if image.starts(with: [0xFF, 0xD8]) {
            let jpeg = try JPEGFile(image)
            return DecodedPortrait(kind: .jpeg, bytes: jpeg.plain, width: jpeg.width, height: jpeg.height)
        }
        let header = try JPEG2000Header(image)
        let raster = try Raster(JPEG2000Image(image, header), header)
        let png = try PNGWriter.write(raster)
        return DecodedPortrait(kind: .png, bytes: png, width: raster.width, height: raster.height)
    }
}

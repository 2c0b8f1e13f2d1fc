import CPNG

/// Writes PNG by libpng's simplified interface, whose errors come back as values.
enum PNGWriter {
    /// - Throws: `outOfMemory` when libpng refuses.
    static func write(_ raster: Raster) throws(PortraitError) -> [UInt8] {
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        unsafe image.width = UInt32(raster.width)
        unsafe image.height = UInt32(raster.height)
        unsafe image.format = raster.channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)
        unsafe image.flags = UInt32(PNG_IMAGE_FLAG_FAST)
        defer { unsafe png_image_free(&image) }
        // What does not compress takes a filter byte a row, five bytes a block of zlib, and twelve a chunk of 8 kB.
        let room = raster.pixels.count + raster.height + raster.pixels.count / 256 + 4096
        var size = room
        var isWritten = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            unsafe raster.pixels.withUnsafeBytes { pixels in
                isWritten =
                    unsafe png_image_write_to_memory(&image, buffer.baseAddress, &size, 0, pixels.baseAddress, 0, nil)
                    != 0
            }
            count = isWritten ? min(size, room) : 0
        }
        guard isWritten else { throw .outOfMemory }
        return bytes
    }
}

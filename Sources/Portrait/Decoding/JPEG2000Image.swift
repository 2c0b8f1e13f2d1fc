import COpenJPEG

/// A decoded JPEG 2000 image, held by OpenJPEG.
@safe struct JPEG2000Image: ~Copyable {
    /// The samples of one component.
    @safe struct Plane {
        let width: Int
        let height: Int
        /// Where its first sample stands, in its own samples from the origin of the reference grid.
        let left: Int
        let top: Int
        let header: JPEG2000Header.Component
        /// `width` × `height` samples in rows, from the top left; valid as long as the image.
        fileprivate let samples: UnsafeBufferPointer<Int32>

        /// The sample at a place inside the plane.
        subscript(_ row: Int, _ column: Int) -> Int32 { unsafe samples[row * width + column] }
    }

    let width: Int
    let height: Int
    /// Where the picture stands on the reference grid.
    let left: Int
    let top: Int
    private let image: UnsafeMutablePointer<opj_image_t>

    /// - Parameters:
    ///   - bytes: The image.
    ///   - header: What it says about itself, which is within limits; what OpenJPEG understands must be the same.
    /// - Throws: `damaged`, `outOfMemory`.
    init(_ bytes: [UInt8], _ header: JPEG2000Header) throws(PortraitError) {
        let format = bytes.first == 0 ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K
        guard let codec = unsafe opj_create_decompress(format) else { throw .outOfMemory }
        defer { unsafe opj_destroy_codec(codec) }
        let source = MemorySource(bytes)
        guard let stream = unsafe source.stream() else { throw .outOfMemory }
        defer {
            unsafe opj_stream_destroy(stream)
            withExtendedLifetime(source) {}
        }
        guard unsafe cccd_opj_setup_decoder(codec) != 0 else { throw .outOfMemory }
        // A codestream that ends early is refused, not filled up with grey.
        guard unsafe opj_decoder_set_strict_mode(codec, 1) != 0 else { throw .damaged }
        var decoded: UnsafeMutablePointer<opj_image_t>?
        let isRead = unsafe opj_read_header(stream, codec, &decoded)
        guard let image = unsafe decoded else { throw .damaged }
        guard isRead != 0, unsafe Self.agrees(image, header), unsafe opj_decode(codec, stream, image) != 0,
            unsafe opj_end_decompress(codec, stream) != 0, unsafe Self.agrees(image, header)
        else {
            unsafe opj_image_destroy(image)
            throw .damaged
        }
        width = header.width
        height = header.height
        unsafe left = Int(image.pointee.x0)
        unsafe top = Int(image.pointee.y0)
        unsafe self.image = unsafe image
    }

    deinit { unsafe opj_image_destroy(image) }

    /// The components, each with all its samples.
    ///
    /// - Throws: `damaged` when the decoder left one without samples.
    func planes(_ header: JPEG2000Header) throws(PortraitError) -> [Plane] {
        var planes: [Plane] = []
        for (index, component) in header.components.enumerated() {
            let decoded = unsafe image.pointee.comps[index]
            guard let samples = unsafe decoded.data else { throw .damaged }
            let (width, height) = unsafe (Int(decoded.w), Int(decoded.h))
            unsafe planes.append(
                Plane(
                    width: width, height: height, left: Int(decoded.x0), top: Int(decoded.y0), header: component,
                    samples: UnsafeBufferPointer(start: samples, count: width * height)))
        }
        return planes
    }

    /// Whether OpenJPEG's view of the image is that of the header that was checked.
    private static func agrees(_ image: UnsafeMutablePointer<opj_image_t>, _ header: JPEG2000Header) -> Bool {
        let image = unsafe image.pointee
        guard unsafe Int(image.x1) - Int(image.x0) == header.width,
            unsafe Int(image.y1) - Int(image.y0) == header.height,
            unsafe Int(image.numcomps) == header.components.count, let components = unsafe image.comps
        else { return false }
        for (index, component) in header.components.enumerated() {
            let decoded = unsafe components[index]
            guard unsafe Int(decoded.prec) == component.precision, unsafe (decoded.sgnd != 0) == component.isSigned,
                unsafe Int(decoded.dx) == component.horizontalStep, unsafe Int(decoded.dy) == component.verticalStep,
                unsafe (1...header.width).contains(Int(decoded.w)), unsafe (1...header.height).contains(Int(decoded.h))
            else { return false }
        }
        return true
    }
}

/// An image in memory, as OpenJPEG reads it.
private final class MemorySource {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A stream over the bytes, valid as long as this source.
    @unsafe func stream() -> UnsafeMutablePointer<UnsafeMutableRawPointer?>? {
        guard let stream = unsafe opj_stream_create(max(bytes.count, 1), 1) else { return nil }
        unsafe opj_stream_set_user_data(stream, Unmanaged.passUnretained(self).toOpaque(), nil)
        unsafe opj_stream_set_user_data_length(stream, UInt64(bytes.count))
        unsafe opj_stream_set_read_function(stream) { buffer, count, source in
            guard let buffer = unsafe buffer, let source = unsafe MemorySource.from(source) else { return .max }
            return unsafe source.read(UnsafeMutableRawBufferPointer(start: buffer, count: count))
        }
        unsafe opj_stream_set_skip_function(stream) { count, source in
            guard let source = unsafe MemorySource.from(source) else { return -1 }
            return source.skip(Int(count))
        }
        unsafe opj_stream_set_seek_function(stream) { offset, source in
            guard let source = unsafe MemorySource.from(source) else { return 0 }
            return source.seek(Int(offset)) ? 1 : 0
        }
        return unsafe stream
    }

    @unsafe private static func from(_ pointer: UnsafeMutableRawPointer?) -> MemorySource? {
        unsafe pointer.map { unsafe Unmanaged<MemorySource>.fromOpaque($0).takeUnretainedValue() }
    }

    /// How many bytes were copied; the greatest number says that there are no more.
    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        guard count > 0 else { return -1 }
        unsafe buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }

    private func skip(_ count: Int) -> Int64 {
        guard count >= 0, count <= bytes.count - position else { return -1 }
        position += count
        return Int64(count)
    }

    private func seek(_ offset: Int) -> Bool {
        guard offset >= 0, offset <= bytes.count else { return false }
        position = offset
        return true
    }
}

/// A picture in rows of pixels from the top left, eight bits a sample, grey or RGB.
struct Raster {
    let width: Int
    let height: Int
    /// 1 grey, 3 RGB.
    let channels: Int
    let pixels: [UInt8]

    /// The picture of a decoded image. Transparency is left away; coarser components are spread; colours are taken as sRGB,
    /// or made RGB when they are sYCC.
    ///
    /// - Throws: `damaged` when a component has no samples.
    init(_ image: borrowing JPEG2000Image, _ header: JPEG2000Header) throws(PortraitError) {
        let planes = try image.planes(header)
        let channels = planes.count < 3 ? 1 : 3
        let (width, height) = (image.width, image.height)
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        for (channel, plane) in planes.prefix(channels).enumerated() {
            let columns = (0..<width).map { column in
                min(max((image.left + column) / plane.header.horizontalStep - plane.left, 0), plane.width - 1)
            }
            let scale = SampleScale(plane.header)
            var next = channel
            for row in 0..<height {
                let line = min(max((image.top + row) / plane.header.verticalStep - plane.top, 0), plane.height - 1)
                for column in columns {
                    pixels[next] = scale.byte(plane[line, column])
                    next += channels
                }
            }
        }
        // Colour coarser than brightness is colour difference, whatever the file says or does not say.
        if channels == 3, header.isYCC || planes[1].header.horizontalStep > 1 { Self.convertFromYCC(&pixels) }
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// sYCC to sRGB (IEC 61966-2-1, amendment 1, annex F), in 65 536ths.
    private static func convertFromYCC(_ pixels: inout [UInt8]) {
        for start in stride(from: 0, to: pixels.count - 2, by: 3) {
            let y = Int(pixels[start]) << 16
            let (blue, red) = (Int(pixels[start + 1]) - 128, Int(pixels[start + 2]) - 128)
            pixels[start] = byte(y + 91881 * red)
            pixels[start + 1] = byte(y - 22554 * blue - 46802 * red)
            pixels[start + 2] = byte(y + 116130 * blue)
        }
    }

    private static func byte(_ value: Int) -> UInt8 { UInt8(min(max((value + 32768) >> 16, 0), 255)) }
}

/// Makes samples of any precision ones of eight bits.
private struct SampleScale {
    private let offset: Int
    private let greatest: Int
    private let precision: Int

    init(_ component: JPEG2000Header.Component) {
        precision = component.precision
        greatest = (1 << precision) - 1
        offset = component.isSigned ? 1 << (precision - 1) : 0
    }

    func byte(_ sample: Int32) -> UInt8 {
        let value = min(max(Int(sample) + offset, 0), greatest)
        if precision == 8 { return UInt8(value) }
        return UInt8(precision > 8 ? value >> (precision - 8) : value * 255 / greatest)
    }
}

/// Walks big-endian numbers of an image, never past its end.
struct ImageBytes {
    private let bytes: [UInt8]
    private(set) var position: Int
    let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - position }

    /// The byte at `offset`, which counts from the first of the image.
    func byte(at offset: Int) -> UInt8? { offset >= 0 && offset < end ? bytes[offset] : nil }

    /// The next `width` bytes, at most four, as a number.
    mutating func number(_ width: Int) throws(PortraitError) -> Int {
        guard width <= remaining else { throw .damaged }
        var number = 0
        for index in position..<position + width { number = number << 8 | Int(bytes[index]) }
        position += width
        return number
    }

    mutating func skip(_ count: Int) throws(PortraitError) {
        guard count >= 0, count <= remaining else { throw .damaged }
        position += count
    }

    /// The next `count` bytes, to be walked by themselves.
    mutating func part(_ count: Int) throws(PortraitError) -> ImageBytes {
        let start = position
        try skip(count)
        return ImageBytes(bytes, start..<position)
    }

    /// Whether `pattern` comes next.
    func starts(with pattern: [UInt8]) -> Bool { bytes[position..<end].starts(with: pattern) }

    subscript(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range.clamped(to: 0..<bytes.count)] }
}

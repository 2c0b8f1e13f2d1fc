import Testing

@testable import Portrait

@Suite("hostile images")
struct HostileImageTests {
    /// Decodes, or says why not; what is decoded is a picture of a size within limits.
    private func outcome(_ image: [UInt8]) -> Result<DecodedPortrait, PortraitError> {
        Result { () throws(PortraitError) in
            let portrait = try PortraitDecoder.decode(image)
            return try DecodedPortrait(untrusted: portrait.bytes)
        }
    }

    @Test(
        "an image that ends early is refused wherever it ends", arguments: [SampleImages.jp2, SampleImages.codestream])
    func truncated(image: [UInt8]) {
        // Every length in the headers, and steps of a prime behind them.
        let lengths = Array(0..<260) + Array(stride(from: 260, to: image.count - 2, by: 211))
        for length in lengths {
            guard case .failure = outcome(Array(image.prefix(length))) else {
                Issue.record("it was decoded from \(length) of \(image.count) bytes")
                continue
            }
        }
    }

    @Test("a JPEG that ends early is refused wherever it ends")
    func truncatedJPEG() {
        let image = SampleImages.jpeg()
        for length in 0..<image.count {
            guard case .failure = outcome(Array(image.prefix(length))) else {
                Issue.record("it was passed from \(length) of \(image.count) bytes")
                continue
            }
        }
    }

    @Test(
        "flipped bits give a picture within limits or an error", arguments: [SampleImages.jp2, SampleImages.codestream])
    func flipped(image: [UInt8]) {
        var generator = SeededGenerator(state: 20_240_229)
        for round in 0..<120 {
            var image = image
            // Half of them in the headers, where most can go wrong.
            let end = round % 2 == 0 ? 220 : image.count
            for _ in 0..<(1 + round % 3) {
                image[Int.random(in: 0..<end, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            if case .success(let portrait) = outcome(image) {
                #expect((1...PortraitLimits.side).contains(portrait.width))
                #expect((1...PortraitLimits.side).contains(portrait.height))
            }
        }
    }

    @Test("flipped bits of a JPEG give a JPEG or an error")
    func flippedJPEG() {
        let image = SampleImages.jpeg(with: SampleImages.segment(0xE1, Array("Exif\0\0".utf8)))
        for bit in 0..<image.count * 8 {
            var image = image
            image[bit / 8] ^= 1 << (bit % 8)
            if case .success(let portrait) = outcome(image) { #expect(portrait.kind == .jpeg) }
        }
    }
}

/// The same numbers in every run (xorshift64*).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

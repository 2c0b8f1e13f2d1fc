import Foundation
import TestSupport
import Testing

@testable import Portrait

@Suite("the decoder of portraits")
struct PortraitDecoderTests {
    @Test("a JPEG 2000 portrait becomes a PNG of its size, from a JP2 file and from a codestream alike")
    func placeholder() throws {
        let fromFile = try PortraitDecoder.decode(SampleImages.jp2)
        #expect(fromFile.kind == .png)
        #expect(fromFile.width == 360 && fromFile.height == 480)
        #expect(fromFile.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(try PortraitDecoder.decode(SampleImages.codestream) == fromFile)
        #expect(try DecodedPortrait(untrusted: fromFile.bytes) == fromFile)
    }

    @Test("the pixels are those that OpenJPEG's own program gives", .enabled(if: Programs.has("opj_decompress")))
    func openJPEG() throws {
        let expected = try Programs.pixels(ofJPEG2000: SampleImages.jp2)
        let header = try JPEG2000Header(SampleImages.jp2)
        let raster = try Raster(JPEG2000Image(SampleImages.jp2, header), header)
        #expect(raster.channels == 3)
        #expect(raster.pixels == expected)
    }

    @Test(
        "grey, many tiles, offsets, lossy coding and colours apart come out as OpenJPEG's own program gives them",
        .enabled(if: Programs.has("opj_decompress") && Programs.has("opj_compress")),
        arguments: [
            ("P5\n40 30\n255\n", 1, ["-n", "2"]), ("P6\n40 30\n255\n", 3, ["-n", "3", "-t", "16,16"]),
            ("P6\n61 47\n255\n", 3, ["-n", "3", "-I", "-r", "4"]), ("P6\n40 30\n255\n", 3, ["-n", "3", "-d", "5,7"]),
            ("P6\n40 30\n255\n", 3, ["-n", "1", "-t", "40,3"]), ("P6\n41 30\n255\n", 3, ["-n", "2", "-mct", "0"]),
        ])
    func variants(_ variant: (header: String, channels: Int, options: [String])) throws {
        let size = variant.header.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
        let count = size[0] * size[1] * variant.channels
        let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 91 * 13) }
        let name = variant.channels == 1 ? "in.pgm" : "in.ppm"
        let image = try Programs.compressed(Array(variant.header.utf8) + pixels, named: name, variant.options)
        let header = try JPEG2000Header(image)
        let raster = try Raster(JPEG2000Image(image, header), header)
        #expect(raster.channels == variant.channels)
        #expect(raster.width == size[0] && raster.height == size[1])
        #expect(raster.pixels == (try Programs.pixels(ofJPEG2000: image)))
    }

    @Test("the PNG holds the pixels that were decoded", .enabled(if: Programs.has("python3")))
    func png() throws {
        let header = try JPEG2000Header(SampleImages.jp2)
        let expected = try Raster(JPEG2000Image(SampleImages.jp2, header), header).pixels
        let portrait = try PortraitDecoder.decode(SampleImages.jp2)
        #expect(try Programs.pixels(ofPNG: portrait.bytes) == expected)
    }

    @Test("of a JPEG only the picture is left: no comment, no metadata, nothing behind its end")
    func jpeg() throws {
        let plain = SampleImages.jpeg()
        let script = Array("<script>alert(1)</script>".utf8)
        for segment in [
            SampleImages.segment(0xFE, script), SampleImages.segment(0xE1, Array("Exif\0\0".utf8) + script),
            SampleImages.segment(0xE2, script), SampleImages.segment(0xE0, Array("JFXX\0".utf8) + script),
            SampleImages.segment(0xE0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 1, 1] + script),
        ] {
            let portrait = try PortraitDecoder.decode(SampleImages.jpeg(with: segment))
            #expect(portrait.bytes == plain)
            #expect(portrait.kind == .jpeg && portrait.width == 8 && portrait.height == 8)
        }
        #expect(try PortraitDecoder.decode(plain + script).bytes == plain)
    }

    @Test("what the colours of a JPEG depend on is left in it")
    func colours() throws {
        for segment in [
            SampleImages.segment(0xE0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0]),
            SampleImages.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1]),
        ] {
            let image = SampleImages.jpeg(with: segment)
            #expect(try PortraitDecoder.decode(image).bytes == image)
        }
    }

    @Test(
        "a JPEG that is too large, of another process, or out of order is refused",
        arguments: [
            (SampleImages.jpeg(width: 4097), PortraitError.tooLarge), (SampleImages.jpeg(height: 4097), .tooLarge),
            (SampleImages.jpeg(width: 60000, height: 60000), .tooLarge), (SampleImages.jpeg(width: 0), .damaged),
            (SampleImages.jpeg(height: 0), .unsupported), (SampleImages.jpeg(components: 4), .unsupported),
            (SampleImages.jpeg(frame: 0xC3), .unsupported), (SampleImages.jpeg(frame: 0xC9), .unsupported),
            ([0xFF, 0xD8, 0xFF, 0xD9], .damaged), ([0xFF, 0xD8], .damaged),
            (Array(SampleImages.jpeg().dropLast(2)), .damaged),
            (SampleImages.jpeg(with: [0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]), .damaged),
            (SampleImages.jpeg(with: [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F]), .damaged),
            (SampleImages.jpeg(with: [0xFF, 0xFE, 0, 1]), .damaged),
            (SampleImages.jpeg(with: [0xFF, 0xDC, 0, 4, 0, 8]), .unsupported),
        ])
    func refusedJPEG(image: [UInt8], error: PortraitError) {
        #expect(throws: error) { try PortraitDecoder.decode(image) }
    }

    @Test(
        "a JPEG 2000 image whose header asks for too much is refused before anything is decoded",
        arguments: [
            // 60 000 × 60 000 pixels in one tile; one pixel too wide; 172 800 tiles of a pixel; a grid of 2³² points.
            (SampleImages.codestream(with: [0: 60000, 1: 60000, 4: 60000, 5: 60000]), PortraitError.tooLarge),
            (SampleImages.codestream(with: [0: 4097, 4: 4097]), .tooLarge),
            (SampleImages.codestream(with: [4: 1, 5: 1]), .tooLarge),
            (SampleImages.codestream(with: [0: .max, 1: .max]), .tooLarge),
            (SampleImages.codestream(with: [0: .max, 1: .max, 2: .max - 10, 3: .max - 10, 4: 1, 5: 1]), .damaged),
            (SampleImages.codestream(with: [0: 0]), .damaged), (SampleImages.codestream(with: [2: 360]), .damaged),
            (SampleImages.codestream(with: [4: 0]), .damaged), (SampleImages.codestream(with: [6: 1]), .damaged),
        ])
    func bombs(image: [UInt8], error: PortraitError) {
        #expect(throws: error) { try JPEG2000Header(image) }
    }

    @Test("four inks, a palette, steps and depths that no portrait has are refused")
    func unsupported() throws {
        let end = SampleImages.sizeFields + 32
        var many = SampleImages.codestream
        many[end + 1] = 5
        #expect(throws: PortraitError.damaged) { try JPEG2000Header(many) }
        var deep = SampleImages.codestream
        deep[end + 2] = 37
        #expect(throws: PortraitError.unsupported) { try JPEG2000Header(deep) }
        var coarse = SampleImages.codestream
        coarse[end + 3] = 2
        #expect(throws: PortraitError.unsupported) { try JPEG2000Header(coarse) }
        coarse[end + 3] = 0
        #expect(throws: PortraitError.damaged) { try JPEG2000Header(coarse) }
        let colour = try #require(SampleImages.jp2.firstRange(of: Array("colr".utf8)))
        var inks = SampleImages.jp2
        inks[colour.upperBound + 6] = 12
        #expect(throws: PortraitError.unsupported) { try JPEG2000Header(inks) }
        var palette = SampleImages.jp2
        palette.replaceSubrange(colour, with: Array("pclr".utf8))
        #expect(throws: PortraitError.unsupported) { try JPEG2000Header(palette) }
    }

    @Test("what is no image, or is too long, is refused", arguments: [[], [0], Array("<svg onload=alert(1)>".utf8)])
    func noImage(bytes: [UInt8]) {
        #expect(throws: PortraitError.unknownFormat) { try PortraitDecoder.decode(bytes) }
        let long = SampleImages.jpeg() + [UInt8](repeating: 0, count: PortraitLimits.imageBytes)
        #expect(throws: PortraitError.tooLarge) { try PortraitDecoder.decode(long) }
    }

    @Test("an answer that is more or less than one picture is not taken")
    func untrustedAnswer() throws {
        let png = try PortraitDecoder.decode(SampleImages.jp2).bytes
        let jpeg = SampleImages.jpeg()
        #expect(try DecodedPortrait(untrusted: jpeg).kind == .jpeg)
        var wide = png
        wide[16] = 1
        var deep = png
        deep[24] = 16
        let text = [0, 0, 0, 1] + Array("tEXt".utf8) + [65, 1, 2, 3, 4]
        for answer in [
            [], Array(png.dropLast()), png + [0], png + jpeg, jpeg + [0], wide, deep,
            Array(png.prefix(33)) + text + png.dropFirst(33), Array("GIF89a".utf8), SampleImages.jp2,
            SampleImages.jpeg(with: SampleImages.segment(0xFE, [1])),
        ] {
            #expect(throws: PortraitError.invalidAnswer) { try DecodedPortrait(untrusted: answer) }
        }
    }

    @Test("the portrait of BSI's specimen is decoded", .enabled(if: SharedVectors.arePresent))
    func specimen() throws {
        let file = try SharedVectors.bytes("specimen/bsi2008/Datagroup2.bin")
        let start = try #require(file.firstRange(of: [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]))
        let portrait = try PortraitDecoder.decode(Array(file[start.lowerBound...]))
        #expect(portrait.kind == .png)
    }

    @Test("the JPEG of an ISO 19794-5 record stays a JPEG", .enabled(if: SharedVectors.arePresent))
    func vector() throws {
        let portrait = try PortraitDecoder.decode(SharedVectors.bytes("dg2/ISO19794_Test1_Face.jpg"))
        #expect(portrait.kind == .jpeg)
        #expect(try DecodedPortrait(untrusted: portrait.bytes) == portrait)
    }
}

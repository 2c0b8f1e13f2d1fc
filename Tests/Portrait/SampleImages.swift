import Foundation
import TestSupport

/// Images for tests of the decoder.
enum SampleImages {
    /// The drawn face of nobody in JPEG 2000, 360 × 480 pixels: `Fixtures/Portrait`.
    static let jp2: [UInt8] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/Portrait/placeholder.jp2")
        return (try? Data(contentsOf: file)).map(Array.init) ?? []
    }()

    /// The codestream in it, without the file around it.
    static let codestream: [UInt8] = {
        let start = jp2.indices.first { jp2[$0...].starts(with: [0xFF, 0x4F, 0xFF, 0x51]) }
        return start.map { Array(jp2[$0...]) } ?? []
    }()

    /// Where SIZ's fields begin in `codestream`: behind two markers, length and capabilities.
    static let sizeFields = 8

    /// `codestream` with other numbers of four bytes in SIZ, by index: 0 grid width, 1 height, 2 left, 3 top, 4 tile width,
    /// 5 tile height, 6 tile left, 7 tile top.
    static func codestream(with numbers: [Int: UInt32]) -> [UInt8] {
        var bytes = codestream
        for (index, number) in numbers {
            for byte in 0..<4 {
                bytes[sizeFields + index * 4 + byte] = UInt8(truncatingIfNeeded: number >> (24 - byte * 8))
            }
        }
        return bytes
    }

    /// A JPEG of 8 × 8 grey pixels: the shortest scan there is.
    static func jpeg(width: Int = 8, height: Int = 8, frame: UInt8 = 0xC0, components: UInt8 = 1) -> [UInt8] {
        let size = [UInt8(height >> 8), UInt8(height & 0xFF), UInt8(width >> 8), UInt8(width & 0xFF)]
        let table: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
        let parts = (1...max(components, 1)).flatMap { [$0, 0x11, 0] as [UInt8] }
        let header: [UInt8] =
            [0xFF, frame, 0, 8 + 3 * components, 8] + size + [components] + parts.prefix(3 * Int(components))
        // One code of one bit, for the value 0, for direct and alternating coefficients.
        let codes = [0x00, 0x10].flatMap {
            [0xFF, 0xC4, 0, 20, $0, 1] + [UInt8](repeating: 0, count: 15) + [0] as [UInt8]
        }
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F]
        return [0xFF, 0xD8] + table + header + codes + scan + [0xFF, 0xD9]
    }

    /// A segment of a JPEG.
    static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xFF)] + content
    }

    /// `jpeg` with a segment right behind its start.
    static func jpeg(with segment: [UInt8]) -> [UInt8] { [0xFF, 0xD8] + segment + jpeg().dropFirst(2) }
}

/// A JPEG image (ISO/IEC 10918-1, annex B), walked marker by marker from its start to its end without decoding it.
struct JPEGFile {
    let width: Int
    let height: Int
    /// The image without what a picture does not need: comments, metadata of applications, and bytes behind its end. Of these
    /// JFIF's header without a thumbnail and Adobe's colour transform stay, since colours depend on them.
    let plain: [UInt8]

    /// - Throws: `damaged`, `tooLarge`, or `unsupported` for a process other than baseline, extended and progressive Huffman
    ///   coding with eight bits, and for other than one or three components.
    init(_ image: [UInt8]) throws(PortraitError) {
        var bytes = ImageBytes(image)
        guard try bytes.number(2) == 0xFFD8 else { throw .unknownFormat }
        var plain: [UInt8] = [0xFF, 0xD8]
        var size: (width: Int, height: Int)?
        var hasScan = false
        while true {
            let marker = try Self.marker(&bytes)
            if marker == 0xD9 { break }
            let start = bytes.position
            let length = try bytes.number(2)
            guard length >= 2 else { throw .damaged }
            var segment = try bytes.part(length - 2)
            var isKept = true
            switch marker {
            case 0xC0, 0xC1, 0xC2:
                guard size == nil else { throw .damaged }
                size = try Self.frame(&segment)
            case 0xC4, 0xDB, 0xDD: break
            case 0xDA:
                guard size != nil else { throw .damaged }
                hasScan = true
                try Self.skipScan(&bytes)
            // With a thumbnail behind it it is longer.
            case 0xE0: isKept = segment.starts(with: Array("JFIF\0".utf8)) && segment.remaining == 14
            case 0xEE: isKept = segment.starts(with: Array("Adobe".utf8)) && segment.remaining == 12
            case 0xE1...0xED, 0xEF, 0xFE: isKept = false
            // Lossless, hierarchical and arithmetic coding, and a number of lines that comes later.
            case 0xC3, 0xC5...0xCF, 0xDC, 0xDE, 0xDF: throw .unsupported
            default: throw .damaged
            }
            guard isKept else { continue }
            plain += [0xFF, marker]
            plain += bytes[start..<bytes.position]
        }
        guard let size, hasScan else { throw .damaged }
        (width, height) = size
        self.plain = plain + [0xFF, 0xD9]
    }

    /// The next marker; bytes FF may stand before it as padding (B.1.1.2).
    private static func marker(_ bytes: inout ImageBytes) throws(PortraitError) -> UInt8 {
        guard try bytes.number(1) == 0xFF else { throw .damaged }
        var code = 0xFF
        while code == 0xFF { code = try bytes.number(1) }
        return UInt8(truncatingIfNeeded: code)
    }

    /// The size in a frame header (B.2.2).
    private static func frame(_ segment: inout ImageBytes) throws(PortraitError) -> (width: Int, height: Int) {
        guard try segment.number(1) == 8 else { throw .unsupported }
        let height = try segment.number(2)
        let width = try segment.number(2)
        let components = try segment.number(1)
        guard components == 1 || components == 3, height > 0 else { throw .unsupported }
        guard width > 0, segment.remaining == components * 3 else { throw .damaged }
        guard width <= PortraitLimits.side, height <= PortraitLimits.side else { throw .tooLarge }
        return (width, height)
    }

    /// Passes over entropy-coded data, in which FF is followed by 00 or by a restart marker (B.1.1.5, E.1.4).
    private static func skipScan(_ bytes: inout ImageBytes) throws(PortraitError) {
        while let byte = bytes.byte(at: bytes.position) {
            if byte == 0xFF {
                guard let next = bytes.byte(at: bytes.position + 1) else { throw .damaged }
                if next == 0xFF {
                    try bytes.skip(1)
                    continue
                }
                guard next == 0 || (0xD0...0xD7).contains(next) else { return }
                try bytes.skip(1)
            }
            try bytes.skip(1)
        }
        throw .damaged
    }
}

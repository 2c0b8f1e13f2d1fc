/// What a JPEG 2000 image says about itself (ISO/IEC 15444-1), read before a decoder sees it: everything that a decoder would
/// take memory for is bounded here.
struct JPEG2000Header {
    /// One colour or the transparency of the picture (SIZ, A.5.1).
    struct Component: Equatable {
        let precision: Int
        let isSigned: Bool
        /// How many points of the reference grid a sample stands for, in each direction.
        let horizontalStep: Int
        let verticalStep: Int
    }

    /// In pixels.
    let width: Int
    let height: Int
    let components: [Component]
    /// Whether a JP2 file says that the colours are sYCC (I.5.3.3).
    let isYCC: Bool

    private static let startOfCodestream = 0xFF4F
    private static let size = 0xFF51

    /// - Throws: `unknownFormat`, `damaged`, `tooLarge`, `unsupported`.
    init(_ image: [UInt8]) throws(PortraitError) {
        var bytes = ImageBytes(image)
        var isYCC = false
        if !bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) {
            guard bytes.starts(with: [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]) else {
                throw .unknownFormat
            }
            bytes = try Self.codestream(&bytes, isYCC: &isYCC)
        }
        self.isYCC = isYCC
        (width, height, components) = try Self.size(&bytes)
    }

    /// Walks the boxes of a JP2 file (I.4) to the codestream.
    private static func codestream(_ file: inout ImageBytes, isYCC: inout Bool) throws(PortraitError) -> ImageBytes {
        var hasHeader = false
        while file.remaining > 0 {
            var (type, content) = try box(&file)
            switch type {
            case "jp2h":
                guard !hasHeader else { throw .damaged }
                hasHeader = true
                try header(&content, isYCC: &isYCC)
            case "jp2c":
                guard hasHeader else { throw .damaged }
                return content
            default: break
            }
        }
        throw .damaged
    }

    /// The boxes inside the JP2 header (I.5.3).
    private static func header(_ content: inout ImageBytes, isYCC: inout Bool) throws(PortraitError) {
        var hasColour = false
        while content.remaining > 0 {
            var (type, box) = try box(&content)
            switch type {
            case "pclr", "cmap": throw .unsupported
            case "colr":
                let method = try box.number(1)
                try box.skip(2)
                guard !hasColour, method == 1 else { break }
                // The first that a reader understands counts.
                hasColour = true
                let space = try box.number(4)
                guard [16, 17, 18].contains(space) else { throw .unsupported }
                isYCC = space == 18
            default: break
            }
        }
    }

    private static func box(_ bytes: inout ImageBytes) throws(PortraitError) -> (type: String, content: ImageBytes) {
        let length = try bytes.number(4)
        let type = try bytes.number(4)
        let name = String(decoding: (0..<4).map { UInt8(truncatingIfNeeded: type >> (24 - $0 * 8)) }, as: UTF8.self)
        switch length {
        // To the end of the file.
        case 0: return (name, try bytes.part(bytes.remaining))
        // A length of eight bytes, which no portrait needs.
        case 1: throw .unsupported
        case 8...: return (name, try bytes.part(length - 8))
        default: throw .damaged
        }
    }

    /// The SIZ marker segment (A.5.1), which follows the start of the codestream at once.
    private static func size(
        _ bytes: inout ImageBytes
    ) throws(PortraitError) -> (width: Int, height: Int, components: [Component]) {
        guard try bytes.number(2) == startOfCodestream, try bytes.number(2) == size else { throw .damaged }
        let length = try bytes.number(2)
        try bytes.skip(2)
        let (gridWidth, gridHeight) = (try bytes.number(4), try bytes.number(4))
        let (left, top) = (try bytes.number(4), try bytes.number(4))
        let (tileWidth, tileHeight) = (try bytes.number(4), try bytes.number(4))
        let (tileLeft, tileTop) = (try bytes.number(4), try bytes.number(4))
        let count = try bytes.number(2)
        guard left < gridWidth, top < gridHeight, tileWidth > 0, tileHeight > 0, tileLeft <= left, tileTop <= top,
            tileLeft + tileWidth > left, tileTop + tileHeight > top, count > 0, length == 38 + 3 * count
        else { throw .damaged }
        guard gridWidth - left <= PortraitLimits.side, gridHeight - top <= PortraitLimits.side else { throw .tooLarge }
        guard count <= PortraitLimits.components else { throw .unsupported }
        let tiles = ((gridWidth - tileLeft - 1) / tileWidth + 1) * ((gridHeight - tileTop - 1) / tileHeight + 1)
        guard tiles <= PortraitLimits.tiles else { throw .tooLarge }

        var components: [Component] = []
        for index in 0..<count {
            let depth = try bytes.number(1)
            let component = Component(
                precision: (depth & 0x7F) + 1, isSigned: depth & 0x80 != 0, horizontalStep: try bytes.number(1),
                verticalStep: try bytes.number(1))
            guard component.horizontalStep > 0, component.verticalStep > 0 else { throw .damaged }
            // The first is as fine as the picture; others may be coarser, as colour often is.
            let steps = index == 0 ? 1...1 : 1...4
            guard component.precision <= 16, steps.contains(component.horizontalStep),
                steps.contains(component.verticalStep)
            else { throw .unsupported }
            components.append(component)
        }
        return (gridWidth - left, gridHeight - top, components)
    }
}

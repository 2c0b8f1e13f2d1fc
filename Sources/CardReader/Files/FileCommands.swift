import Document

/// The commands that files are read with (Doc 9303-10, 3.6.3; ISO/IEC 7816-4, 11.2 and 11.3).
extension CommandAPDU {
    /// The highest offset that the two parameter bytes of READ BINARY hold.
    static let offsetLimit = 0x7FFF

    /// SELECT by file identifier, under the current directory, without file control information.
    static func select(_ file: ElementaryFile) -> CommandAPDU {
        let identifier = file.fileIdentifier
        return CommandAPDU(
            instruction: 0xA4, parameter1: 0x02, parameter2: 0x0C,
            data: [UInt8(identifier >> 8), UInt8(identifier & 0xFF)])
    }

    /// READ BINARY of a file that it selects by its short identifier, from the start.
    static func readBinary(_ file: ElementaryFile, count: Int) -> CommandAPDU {
        CommandAPDU(
            instruction: 0xB0, parameter1: 0x80 | file.shortFileIdentifier, parameter2: 0, expectedCount: count)
    }

    /// READ BINARY of the current file. From 32 768 on it has an odd instruction and gives the offset in DO'54'; the
    /// answer is then in DO'53'.
    static func readBinary(offset: Int, count: Int) -> CommandAPDU {
        let bytes = [16, 8, 0].map { UInt8(truncatingIfNeeded: offset >> $0) }
        guard offset > offsetLimit else {
            return CommandAPDU(instruction: 0xB0, parameter1: bytes[1], parameter2: bytes[2], expectedCount: count)
        }
        return CommandAPDU(
            instruction: 0xB1, parameter1: 0, parameter2: 0,
            data: TLVEncoder.element(0x54, Array(bytes.drop { $0 == 0 })),
            expectedCount: min(count + discretionaryOverhead, extendedExpectedLimit))
    }

    /// Tag and length of DO'53' around the most data there is.
    static let discretionaryOverhead = 4
}

extension ResponseAPDU {
    /// Whether this answers READ BINARY with data, all of it or as far as the file goes.
    var isReading: Bool { status == .success || status == .endOfFile && !data.isEmpty }
}

/// What the first bytes of a file tell of its length.
enum FileHeader: Equatable {
    /// Header and content are so many bytes.
    case complete(Int)
    /// More bytes are needed to tell.
    case incomplete
    /// This is no file with the expected outer tag.
    case malformed

    /// A length of more bytes than this is none of a file.
    private static let lengthByteLimit = 3

    /// - Parameters:
    ///   - bytes: The first bytes of the file.
    ///   - tag: The outer tag that the file must have; of one byte, like all of Doc 9303-10.
    init(_ bytes: [UInt8], tag: Tag) {
        self = Self.parse(bytes, tag: tag)
    }

    private static func parse(_ bytes: [UInt8], tag: Tag) -> FileHeader {
        guard let first = bytes.first else { return .incomplete }
        guard [first] == tag.encoded else { return .malformed }
        guard let length = bytes.dropFirst().first else { return .incomplete }
        guard length >= 0x80 else { return .complete(2 + Int(length)) }
        let count = Int(length & 0x7F)
        guard (1...lengthByteLimit).contains(count) else { return .malformed }
        let lengthBytes = bytes.dropFirst(2).prefix(count)
        guard lengthBytes.count == count else { return .incomplete }
        return .complete(2 + count + lengthBytes.reduce(0) { $0 << 8 | Int($1) })
    }
}

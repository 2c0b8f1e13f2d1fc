import Document

/// Records that one thread judges together, and what they stand in.
struct RecordBlock: Sendable {
    /// One record in the form in which it came.
    enum Entry: Sendable {
        /// A record of a card archive.
        case record(Range<Int>)
        /// A JSON object.
        case json(Range<Int>)
        /// An image that is no record, such as one with a file under a foreign tag.
        case image(CardImage)
        /// It is no card image; the sentence says why.
        case unreadable(String)
    }

    /// What ranges refer to.
    enum Storage: Sendable {
        case mapped(MappedFile, Range<Int>)
        case bytes([UInt8])
    }

    /// The number of the block, from 0.
    let number: Int
    /// The number of its first record, from 0.
    let firstRecord: Int
    let storage: Storage
    let entries: [Entry]
    /// The records' names, one for each entry, or none at all.
    let names: [String]
    /// From where to go on when this block is done.
    let next: InputPosition
}

/// How far the inputs are read.
struct InputPosition: Codable, Equatable, Sendable {
    /// Which input.
    var input = 0
    /// How far in it: bytes, or images of a folder.
    var offset = 0
    /// Records read so far, of all inputs.
    var record = 0
}

/// Cuts bytes into records.
protocol RecordCutter {
    /// Cuts what is whole in `bytes` from `start` on, up to the limits of a block.
    ///
    /// - Parameter isEnd: Whether nothing will follow behind `bytes`.
    mutating func cut(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> CutRecords
}

/// What a cutter found.
struct CutRecords {
    var entries: [RecordBlock.Entry] = []
    var names: [String] = []
    /// Up to where the bytes are used up.
    var end: Int
    /// The same records brought into another form, to which the entries' ranges refer instead.
    var converted: [UInt8]?
    /// Whether nothing can be read behind this.
    var isBroken = false

    /// Records in a block, and about how many bytes.
    static let maximumCount = 256
    static let maximumByteCount = 8 << 20
}

import Document

/// A card image among many, as it was found in an archive, a folder, a tar stream or a file of JSON lines.
public struct StoredImage: Sendable {
    /// Its number among all, from 0.
    public let number: Int
    /// Its path; nil where records have no names.
    public let name: String?
    /// The image, or why it is none in one sentence.
    public let image: Result

    /// An image, or why it is none.
    public enum Result: Sendable {
        /// The image.
        case readable(CardImage)
        /// Why it is none, in one sentence.
        case unreadable(String)
    }
}

/// Card images one after the other, in whatever form they are stored.
public enum StoredImages {
    /// Calls `body` for each image of `inputs` until it returns false.
    ///
    /// - Parameters:
    ///   - inputs: As for `BatchRun.run`.
    ///   - format: The form of files and of standard input.
    ///   - body: Returns whether to go on.
    /// - Throws: `BatchError.unreadable` for an input that is not there, and what `body` throws.
    public static func forEach(
        in inputs: [String], format: InputFormat = .automatic, _ body: (StoredImage) throws -> Bool
    ) throws {
        let reader = RecordReader(inputs, format: format, from: InputPosition())
        while let block = try reader.next() {
            for (index, entry) in block.entries.enumerated() {
                let image =
                    switch block.storage {
                    case .mapped(let file, _): image(entry, file.bytes)
                    case .bytes(let bytes): image(entry, bytes.span)
                    }
                let name = block.names.isEmpty ? nil : block.names[index]
                guard try body(StoredImage(number: block.firstRecord + index, name: name, image: image)) else { return }
            }
            if case .mapped(let file, let range) = block.storage { file.letGo(range) }
        }
    }

    private static func image(_ entry: RecordBlock.Entry, _ bytes: Span<UInt8>) -> StoredImage.Result {
        do throws(DocumentError) {
            switch entry {
            case .image(let image): return .readable(image)
            case .unreadable(let reason): return .unreadable(reason)
            case .record(let range): return .readable(try CardImage(record: bytes.extracting(range)))
            case .json(let range):
                var json: [UInt8] = []
                for index in range { json.append(bytes[index]) }
                return .readable(try CardImage(json: json))
            }
        } catch {
            return .unreadable("\(error)")
        }
    }
}

/// Writes a card archive: each record behind its length in four bytes, big-endian.
public final class CardArchiveWriter {
    private let file: ResultFile
    private var buffer: [UInt8] = []
    private static let bufferByteCount = 1 << 20

    /// - Parameter path: The archive, which is overwritten; only its owner may read it.
    /// - Throws: `BatchError.unwritable`.
    public init(_ path: String) throws(BatchError) { file = try ResultFile(path, keeping: 0) }

    /// Appends an image.
    ///
    /// - Throws: `DocumentError` for an image that has no record, `BatchError.unwritable`.
    public func append(_ image: CardImage) throws {
        let record = try image.record
        buffer += (0..<4).map { UInt8(truncatingIfNeeded: record.count >> (24 - 8 * $0)) }
        buffer += record
        if buffer.count >= Self.bufferByteCount { try flush() }
    }

    /// Writes what is still held back. To be called at the end.
    public func finish() throws(BatchError) {
        try flush()
        try file.synchronize()
    }

    private func flush() throws(BatchError) {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

import Document
import Testing

extension CardImage {
    /// The bytes of a file that must be there.
    func bytes(_ file: ElementaryFile) throws -> [UInt8] { try #require(self[file]) }
}

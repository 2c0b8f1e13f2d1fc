/// What is wrong with bytes or text that claim to be part of a document.
///
/// Offsets count from the first byte of the file that was parsed.
public enum DocumentError: Error, Equatable, Sendable {
    /// The input ends inside the element that starts at `offset`.
    case truncated(offset: Int)
    /// The tag at `offset` is longer than three bytes, or not encoded in the fewest bytes.
    case invalidTag(offset: Int)
    /// The length at `offset` is longer than four bytes, or too large for any file of a card.
    case invalidLength(offset: Int)
    /// The length at `offset` is indefinite, which DER does not allow.
    case indefiniteLength(offset: Int)
    /// The length at `offset` takes more bytes than it needs, which DER does not allow.
    case nonMinimalLength(offset: Int)
    /// At `offset` stands another element than the structure asks for.
    case unexpectedTag(Tag, expected: Tag, offset: Int)
    /// `count` bytes follow at `offset` where the structure is over.
    case trailingBytes(count: Int, offset: Int)
    /// The element named `field` is required and absent.
    case missing(field: String)
    /// The element named `field` is present and its value breaks the rules of its type.
    case invalidValue(field: String, reason: String)
    /// The structure says it is of a version or kind that this parser does not know.
    case unsupported(field: String, value: String)
}

extension DocumentError: CustomStringConvertible {
    /// One sentence in English: what is wrong, and where.
    public var description: String {
        switch self {
        case .truncated(let offset): "the data ends inside the element at byte \(offset)"
        case .invalidTag(let offset): "no valid tag at byte \(offset)"
        case .invalidLength(let offset): "no valid length at byte \(offset)"
        case .indefiniteLength(let offset): "indefinite length at byte \(offset)"
        case .nonMinimalLength(let offset): "length at byte \(offset) is longer than it needs to be"
        case .unexpectedTag(let found, let expected, let offset):
            "tag \(found) at byte \(offset) where \(expected) must be"
        case .trailingBytes(let count, let offset): "\(count) bytes too many at byte \(offset)"
        case .missing(let field): "\(field) is missing"
        case .invalidValue(let field, let reason): "\(field): \(reason)"
        case .unsupported(let field, let value): "\(field) \(value) is not supported"
        }
    }
}

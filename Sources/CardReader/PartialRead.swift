import Document

/// What a read had come to when it broke, for going on with once the same card is back.
///
/// It holds personal data, and shows none of it when it is printed.
public struct PartialRead: Equatable, Sendable {
    /// The files that were read whole; EF.SOD, by which the card is known again, is one of them.
    let image: CardImage
    /// The start of the file at which the read broke.
    let unfinished: UnfinishedFile?

    /// The files that were read whole.
    public var files: Set<ElementaryFile> { Set(image.files.keys) }
    /// How many bytes of files were read.
    public var byteCount: Int { image.files.values.reduce(unfinished?.bytes.count ?? 0) { $0 + $1.count } }
}

/// The start of a file that was not read to its end.
struct UnfinishedFile: Equatable, Sendable {
    let file: ElementaryFile
    let bytes: [UInt8]
}

extension PartialRead: CustomStringConvertible, CustomReflectable {
    /// How much there is: `4 files and 12288 bytes`.
    public var description: String { "\(files.count) files and \(byteCount) bytes" }

    /// Nothing: a dump of the value would show what was read.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

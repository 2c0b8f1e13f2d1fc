import FoundationEssentials

/// The elementary files read from one chip, each whole and as the chip sent it.
public struct CardImage: Equatable, Sendable {
    /// No record of a card archive, and no file in it, is larger: 1 MiB.
    public static let maximumByteCount = 1 << 20

    /// The files that were read, with their bytes from the outer tag on.
    public var files: [ElementaryFile: [UInt8]]

    /// - Parameter files: The files with their bytes from the outer tag on.
    public init(files: [ElementaryFile: [UInt8]] = [:]) { self.files = files }

    /// The bytes of `file`; nil when it was not read.
    public subscript(file: ElementaryFile) -> [UInt8]? {
        get { files[file] }
        set { files[file] = newValue }
    }

    /// Reads one record of a card archive: files one after the other, each told by its outer tag, in any order.
    ///
    /// EF.CardAccess and EF.CardSecurity have no tags of their own in Doc 9303; in a record the universal tags that
    /// they start with (31 and 30) stand for them.
    /// - Parameter record: The record without the length that precedes it in an archive.
    /// - Throws: `invalidValue` for a record over `maximumByteCount` or a file that stands in it twice, `unsupported` for
    ///   the tag of no file, or what `TLVCursor.next` throws.
    public init(record: Span<UInt8>) throws(DocumentError) {
        guard record.count <= Self.maximumByteCount else { throw Self.tooLarge }
        files = [:]
        var cursor = TLVCursor(record)
        while !cursor.isAtEnd {
            let element = try cursor.next()
            guard let file = Self.file(recordTag: element.tag) else {
                throw .unsupported(field: "card image record: tag", value: element.tag.description)
            }
            guard files[file] == nil else {
                throw .invalidValue(field: "card image record", reason: "\(file) stands in it twice")
            }
            files[file] = cursor.copy(element.range)
        }
    }

    /// The record of a card archive, without the length that precedes it there: EF.COM, EF.SOD, the data groups in
    /// order, EF.CardAccess, EF.CardSecurity.
    ///
    /// - Throws: `invalidValue` when a file is not one element with the outer tag that tells it, or when the record
    ///   is over `maximumByteCount`: such an image has no record, only a directory or JSON.
    public var record: [UInt8] {
        get throws(DocumentError) {
            var record: [UInt8] = []
            for file in ElementaryFile.allCases {
                guard let bytes = files[file] else { continue }
                guard Self.isOneElement(bytes, of: file) else {
                    throw .invalidValue(field: file.description, reason: "it is not one element with the file's tag")
                }
                record += bytes
            }
            guard record.count <= Self.maximumByteCount else { throw Self.tooLarge }
            return record
        }
    }

    private static var tooLarge: DocumentError {
        .invalidValue(field: "card image record", reason: "it is over \(maximumByteCount) bytes")
    }

    private static func file(recordTag tag: Tag) -> ElementaryFile? {
        switch tag {
        case .set: .cardAccess
        case .sequence: .cardSecurity
        default: ElementaryFile(tag: tag)
        }
    }

    private static func isOneElement(_ bytes: [UInt8], of file: ElementaryFile) -> Bool {
        var cursor = TLVCursor(bytes.span)
        guard let element = try? cursor.next() else { return false }
        return cursor.isAtEnd && Self.file(recordTag: element.tag) == file
    }
}

extension CardImage {
    /// Reads the JSON form: one object, names such as `EF_DG1`, values in base64.
    ///
    /// The files' content is not looked at: what a damaged file means is for the one who judges it.
    /// - Parameter json: UTF-8 text.
    /// - Throws: `invalidValue` when the text is something else, names a file twice, or is larger than an image of
    ///   `maximumByteCount` can be; `unsupported` for the name of no file.
    public init(json: [UInt8]) throws(DocumentError) {
        guard json.count <= Self.maximumByteCount * 2 else { throw Self.tooLarge }
        let values: [String: String]
        do {
            values = try JSONDecoder().decode([String: String].self, from: Data(json))
        } catch {
            throw .invalidValue(field: "card image", reason: "it is no JSON object of file names and base64 text")
        }
        try self.init(base64Files: values)
        // The decoder keeps one of two equal names. No name and no base64 text has a colon, so each stands for a pair.
        guard json.count(where: { $0 == UInt8(ascii: ":") }) == values.count else {
            throw .invalidValue(field: "card image", reason: "a file stands in it twice")
        }
    }

    /// The JSON form in UTF-8, on one line without a line break: names such as `EF_DG1`, values in base64.
    public var json: [UInt8] {
        // Nothing in a name or in base64 needs an escape.
        let members = ElementaryFile.allCases.compactMap { file in
            files[file].map { "\"\(file.name)\":\"\(Data($0).base64EncodedString())\"" }
        }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    private init(base64Files values: [String: String]) throws(DocumentError) {
        files = [:]
        for (name, text) in values {
            guard let file = ElementaryFile(name: name) else {
                throw .unsupported(field: "card image: file", value: String(name.prefix(32)))
            }
            guard let bytes = Data(base64Encoded: text) else {
                throw .invalidValue(field: file.description, reason: "it is not base64")
            }
            files[file] = Array(bytes)
        }
        guard files.values.reduce(0, { $0 + $1.count }) <= Self.maximumByteCount else { throw Self.tooLarge }
    }
}

extension CardImage: Codable {
    /// The JSON form inside another JSON document. A file named twice is not noticed here: the decoder keeps one.
    ///
    /// - Throws: `DocumentError` as `init(json:)` does, or what the decoder throws.
    public init(from decoder: any Decoder) throws {
        try self.init(base64Files: decoder.singleValueContainer().decode([String: String].self))
    }

    /// The JSON form inside another JSON document.
    public func encode(to encoder: any Encoder) throws {
        var values: [String: String] = [:]
        for (file, bytes) in files { values[file.name] = Data(bytes).base64EncodedString() }
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }
}

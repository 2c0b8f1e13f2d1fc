extension DataGroup13 {
    /// More fields than this are refused.
    public static let maximumFieldCount = 64
    /// More texts in one field than this are refused.
    public static let maximumTextCount = 8

    /// The identifier of the text encoding that the container names: ISO 10646, UTF-8.
    private static let utf8Encoding = ObjectIdentifier([1, 0, 10646, 1, 0, 8])

    /// Reads either container: a SEQUENCE of version, text encoding and the SET of fields, or a SEQUENCE of the fields alone.
    ///
    /// - Parameter bytes: The file from its outer tag 6D on, and nothing behind it.
    /// - Throws: `DocumentError` when the file is malformed, of another version or encoding, or has a field twice. A
    ///   field whose text is not of its type is not thrown but told in `malformedFields`.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        var file = TLVCursor(bytes)
        var content = file.inside(try file.next(0x6D))
        try file.expectEnd()
        let container = try content.next(.sequence)
        try content.expectEnd()

        var fields = content.inside(container)
        if let version = try fields.nextIfPresent(.integer) {
            guard fields.copy(version.content) == [1] else {
                throw .unsupported(
                    field: "DG13 version", value: Hexadecimal.text(fields.copy(version.content.prefix(8))))
            }
            let encoding = try fields.nextObjectIdentifier()
            guard encoding == Self.utf8Encoding else {
                throw .unsupported(field: "DG13 text encoding", value: encoding.description)
            }
            let set = try fields.next(.set)
            try fields.expectEnd()
            fields = content.inside(set)
        }

        var texts: [Field: [String]] = [:]
        var unknownFields: [UnknownField] = []
        var numbers: Set<Int> = []
        while !fields.isAtEnd {
            let element = try fields.next(.sequence)
            var field = fields.inside(element)
            let number = try field.nextFieldNumber()
            guard numbers.insert(number).inserted else {
                throw .invalidValue(field: "DG13", reason: "field \(number) stands in it twice")
            }
            guard numbers.count <= Self.maximumFieldCount else {
                throw .invalidValue(field: "DG13", reason: "it has more than \(Self.maximumFieldCount) fields")
            }
            if let known = Field(rawValue: number) {
                texts[known] = try field.texts(ofField: number)
            } else {
                unknownFields.append(UnknownField(number: number, encoded: fields.copy(element.range)))
            }
        }
        self.texts = texts
        self.unknownFields = unknownFields
    }
}

extension TLVCursor {
    fileprivate mutating func nextFieldNumber() throws(DocumentError) -> Int {
        let content = try next(.integer).content
        guard (1...2).contains(content.count), bytes[content.lowerBound] & 0x80 == 0 else {
            throw .invalidValue(field: "DG13 field number", reason: "it must be 0 to 32767")
        }
        return content.reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }

    /// The strings up to the end, or those in the SEQUENCEs that stand there.
    fileprivate mutating func texts(ofField number: Int) throws(DocumentError) -> [String] {
        var texts: [String] = []
        while !isAtEnd {
            let element = try next()
            if element.tag == .sequence {
                var strings = inside(element)
                while !strings.isAtEnd {
                    texts.append(try strings.text(strings.next(), ofField: number))
                    try Self.check(count: texts.count, ofField: number)
                }
            } else {
                texts.append(try text(element, ofField: number))
            }
            try Self.check(count: texts.count, ofField: number)
        }
        return texts
    }

    private func text(_ element: TLVElement, ofField number: Int) throws(DocumentError) -> String {
        guard element.tag == .utf8String || element.tag == .printableString || element.tag == .ia5String else {
            throw .unexpectedTag(element.tag, expected: .utf8String, offset: element.start)
        }
        guard let text = String(validating: copy(element.content), as: UTF8.self) else {
            throw .invalidValue(field: "DG13 field \(number)", reason: "it is not UTF-8")
        }
        return text
    }

    private static func check(count: Int, ofField number: Int) throws(DocumentError) {
        guard count <= DataGroup13.maximumTextCount else {
            throw .invalidValue(
                field: "DG13 field \(number)", reason: "it has more than \(DataGroup13.maximumTextCount) texts")
        }
    }
}

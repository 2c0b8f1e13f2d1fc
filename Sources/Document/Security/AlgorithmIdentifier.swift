/// An AlgorithmIdentifier (RFC 5280, 4.1.1.2): what is used, with parameters that are not interpreted here.
public struct AlgorithmIdentifier: Hashable, Sendable {
    /// The algorithm.
    public let algorithm: ObjectIdentifier
    /// The DER element of the parameters, or nil when there are none.
    public let parameters: [UInt8]?

    /// - Parameters:
    ///   - algorithm: The algorithm.
    ///   - parameters: The DER element of the parameters, or nil.
    public init(algorithm: ObjectIdentifier, parameters: [UInt8]?) {
        self.algorithm = algorithm
        self.parameters = parameters
    }

    /// Whether the parameters are absent or NULL, as most hash and signature algorithms want them.
    public var hasNoParameters: Bool { parameters == nil || parameters == [0x05, 0x00] }

    /// Reads the next element of `cursor`, which must be an AlgorithmIdentifier.
    public init(from cursor: inout TLVCursor) throws(DocumentError) {
        var fields = cursor.inside(try cursor.next(.sequence))
        algorithm = try fields.nextObjectIdentifier()
        parameters = fields.isAtEnd ? nil : fields.copy(try fields.next().range)
        try fields.expectEnd()
    }
}

extension TLVCursor {
    /// The next element, which must be an OBJECT IDENTIFIER.
    public mutating func nextObjectIdentifier() throws(DocumentError) -> ObjectIdentifier {
        try ObjectIdentifier(content: copy(try next(.objectIdentifier).content))
    }

    /// The next element, which must be an INTEGER from 0 to 65 535.
    public mutating func nextSmallInteger(_ field: String) throws(DocumentError) -> Int {
        let content = try next(.integer).content
        guard (1...3).contains(content.count), bytes[content.lowerBound] & 0x80 == 0 else {
            throw .invalidValue(field: field, reason: "no number from 0 to 65535")
        }
        var value = 0
        for index in content { value = value << 8 | Int(bytes[index]) }
        guard value <= 0xFFFF else { throw .invalidValue(field: field, reason: "no number from 0 to 65535") }
        return value
    }
}

/// One signer of a SignedData (RFC 5652, 5.3).
public struct SignerInfo: Hashable, Sendable {
    /// How the signer's certificate is named.
    public enum Identifier: Hashable, Sendable {
        /// The issuer's name, a DER element, and the content bytes of the serial number.
        case issuerAndSerialNumber(issuer: [UInt8], serialNumber: [UInt8])
        /// The subject key identifier.
        case subjectKeyIdentifier([UInt8])

        /// The version that a SignerInfo with this identifier has (RFC 5652, 5.3).
        var syntaxVersion: Int {
            switch self {
            case .issuerAndSerialNumber: 1
            case .subjectKeyIdentifier: 3
            }
        }
    }

    /// The syntax version.
    public let version: Int
    /// Whose signature it is.
    public let identifier: Identifier
    /// The hash of the content.
    public let digestAlgorithm: AlgorithmIdentifier
    /// What is signed beside the content, or nil when the content alone is.
    public let signedAttributes: SignedAttributes?
    /// How the signature is made.
    public let signatureAlgorithm: AlgorithmIdentifier
    /// The place of the signature value.
    public let signature: Range<Int>

    /// Reads the next element of `cursor`, which must be a SignerInfo.
    public init(from cursor: inout TLVCursor) throws(DocumentError) {
        var fields = cursor.inside(try cursor.next(.sequence))
        version = try fields.nextSmallInteger("SignerInfo version")
        identifier = try Self.identifier(in: &fields)
        digestAlgorithm = try AlgorithmIdentifier(from: &fields)
        if let attributes = try fields.nextIfPresent(0xA0) {
            signedAttributes = try SignedAttributes(attributes, in: fields)
        } else {
            signedAttributes = nil
        }
        signatureAlgorithm = try AlgorithmIdentifier(from: &fields)
        signature = try fields.next(.octetString).content
        _ = try fields.nextIfPresent(0xA1)
        try fields.expectEnd()
    }

    private static func identifier(in fields: inout TLVCursor) throws(DocumentError) -> Identifier {
        if let key = try fields.nextIfPresent(0x80) { return .subjectKeyIdentifier(fields.copy(key.content)) }
        var names = fields.inside(try fields.next(.sequence))
        let issuer = names.copy(try names.next(.sequence).range)
        let serialNumber = names.copy(try names.next(.integer).content)
        try names.expectEnd()
        return .issuerAndSerialNumber(issuer: issuer, serialNumber: serialNumber)
    }
}

/// The signed attributes of a signer (RFC 5652, 5.3 and 11).
public struct SignedAttributes: Hashable, Sendable {
    /// The place of the attributes. What is signed is the DER encoding of a SET with this content (RFC 5652, 5.4).
    public let content: Range<Int>
    /// The type of the content that is signed; nil when the attribute is absent.
    public let contentType: ObjectIdentifier?
    /// The place of the content's hash; nil when the attribute is absent.
    public let messageDigest: Range<Int>?
    /// The time of signing as it is written, `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`; nil when the attribute is absent.
    public let signingTime: String?
    /// Whether the attributes stand in DER's order of a SET OF (X.690, 11.6).
    public let isSorted: Bool

    static let contentTypeAttribute = ObjectIdentifier([1, 2, 840, 113549, 1, 9, 3])
    static let messageDigestAttribute = ObjectIdentifier([1, 2, 840, 113549, 1, 9, 4])
    static let signingTimeAttribute = ObjectIdentifier([1, 2, 840, 113549, 1, 9, 5])

    /// Reads `element`, whose lengths must be DER's: what is signed is the DER encoding, and only that is hashed.
    init(_ element: TLVElement, in parent: borrowing TLVCursor) throws(DocumentError) {
        var contentType: ObjectIdentifier?
        var messageDigest: Range<Int>?
        var signingTime: String?
        var previous: [UInt8] = []
        var isSorted = true
        var seen: Set<ObjectIdentifier> = []
        var attributes = parent.inside(element).strict()
        while !attributes.isAtEnd {
            let attribute = try attributes.next(.sequence)
            let encoding = attributes.copy(attribute.range)
            isSorted = isSorted && previous.lexicographicallyPrecedes(encoding)
            previous = encoding
            var fields = attributes.inside(attribute)
            let type = try fields.nextObjectIdentifier()
            guard seen.insert(type).inserted, seen.count <= 32 else {
                throw .invalidValue(field: "signedAttrs", reason: "\(type) stands twice, or there are more than 32")
            }
            var values = fields.inside(try fields.next(.set))
            try fields.expectEnd()
            switch type {
            case Self.contentTypeAttribute:
                contentType = try values.nextObjectIdentifier()
                try values.expectEnd()
            case Self.messageDigestAttribute:
                messageDigest = try values.next(.octetString).content
                try values.expectEnd()
            case Self.signingTimeAttribute:
                signingTime = try Self.time(&values)
            default: break
            }
        }
        content = element.content
        self.contentType = contentType
        self.messageDigest = messageDigest
        self.signingTime = signingTime
        self.isSorted = isSorted
    }

    private static func time(_ values: inout TLVCursor) throws(DocumentError) -> String {
        let element = try values.next()
        guard element.tag == .utcTime || element.tag == .generalizedTime, element.content.count <= 24 else {
            throw .invalidValue(field: "signingTime", reason: "neither UTCTime nor GeneralizedTime")
        }
        return String(decoding: values.copy(element.content), as: UTF8.self)
    }
}

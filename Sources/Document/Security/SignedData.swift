/// A CMS SignedData within its ContentInfo (RFC 5652, 3 and 5), as the places of its parts in the bytes it was read from.
///
/// Says where things are and decides nothing: neither that a signature is right nor that the parts fit each other.
public struct SignedData: Hashable, Sendable {
    /// The syntax version.
    public let version: Int
    /// The hash algorithms announced for the signers.
    public let digestAlgorithms: [AlgorithmIdentifier]
    /// The type of the content that is signed.
    public let contentType: ObjectIdentifier
    /// The signed content: the value of the OCTET STRING. Nil when it is detached.
    public let content: Range<Int>?
    /// The certificates that came along, each a whole DER element.
    public let certificates: [Range<Int>]
    /// The revocation lists that came along, each a whole DER element.
    public let revocationLists: [Range<Int>]
    /// The signers, at least one.
    public let signers: [SignerInfo]

    /// id-signedData (RFC 5652, 5.1).
    static let contentInfoType = ObjectIdentifier([1, 2, 840, 113549, 1, 7, 2])
    /// More signers than any document has; each costs a signature verification.
    static let maximumSigners = 4

    /// Reads the next element of `cursor`, which must be a ContentInfo that holds a SignedData.
    public init(from cursor: inout TLVCursor) throws(DocumentError) {
        var info = cursor.inside(try cursor.next(.sequence))
        let type = try info.nextObjectIdentifier()
        guard type == Self.contentInfoType else { throw .unsupported(field: "ContentInfo type", value: "\(type)") }
        var explicit = info.inside(try info.next(0xA0))
        try info.expectEnd()
        var fields = explicit.inside(try explicit.next(.sequence))
        try explicit.expectEnd()

        version = try fields.nextSmallInteger("SignedData version")
        digestAlgorithms = try Self.digestAlgorithms(in: &fields)
        (contentType, content) = try Self.encapsulatedContent(in: &fields)
        certificates = try Self.elements(of: 0xA0, in: &fields)
        revocationLists = try Self.elements(of: 0xA1, in: &fields)
        signers = try Self.signers(in: &fields)
        try fields.expectEnd()
    }

    private static func digestAlgorithms(
        in fields: inout TLVCursor
    ) throws(DocumentError) -> [AlgorithmIdentifier] {
        var set = fields.inside(try fields.next(.set))
        var algorithms: [AlgorithmIdentifier] = []
        while !set.isAtEnd {
            guard algorithms.count < maximumSigners else {
                throw .invalidValue(field: "digestAlgorithms", reason: "more than \(maximumSigners)")
            }
            algorithms.append(try AlgorithmIdentifier(from: &set))
        }
        return algorithms
    }

    private static func encapsulatedContent(
        in fields: inout TLVCursor
    ) throws(DocumentError) -> (ObjectIdentifier, Range<Int>?) {
        var encapsulated = fields.inside(try fields.next(.sequence))
        let type = try encapsulated.nextObjectIdentifier()
        guard let explicit = try encapsulated.nextIfPresent(0xA0) else {
            try encapsulated.expectEnd()
            return (type, nil)
        }
        try encapsulated.expectEnd()
        var octets = encapsulated.inside(explicit)
        let content = try octets.next(.octetString).content
        try octets.expectEnd()
        return (type, content)
    }

    private static func elements(of tag: Tag, in fields: inout TLVCursor) throws(DocumentError) -> [Range<Int>] {
        guard let element = try fields.nextIfPresent(tag) else { return [] }
        var set = fields.inside(element)
        var ranges: [Range<Int>] = []
        while !set.isAtEnd {
            guard ranges.count < 64 else { throw .invalidValue(field: "certificates", reason: "more than 64") }
            ranges.append(try set.next().range)
        }
        return ranges
    }

    private static func signers(in fields: inout TLVCursor) throws(DocumentError) -> [SignerInfo] {
        var set = fields.inside(try fields.next(.set))
        var signers: [SignerInfo] = []
        while !set.isAtEnd {
            guard signers.count < maximumSigners else {
                throw .invalidValue(field: "signerInfos", reason: "more than \(maximumSigners)")
            }
            signers.append(try SignerInfo(from: &set))
        }
        guard !signers.isEmpty else { throw .missing(field: "SignerInfo") }
        return signers
    }
}

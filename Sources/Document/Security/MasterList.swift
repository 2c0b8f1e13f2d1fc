/// A CSCA master list (Doc 9303-12, 9): the CSCA certificates that one State or organisation has seen, signed by it.
public struct MasterList: Sendable {
    /// id-icao-cscaMasterList.
    public static let contentType = ObjectIdentifier([2, 23, 136, 1, 1, 2])
    /// id-icao-cscaMasterListSigningKey, an extended key usage.
    public static let signingKeyUsage = ObjectIdentifier([2, 23, 136, 1, 1, 3])
    /// More certificates than all States together have issued.
    private static let maximumCertificates = 16_384

    /// The file as it was read.
    public let bytes: [UInt8]
    /// The signed data.
    public let signedData: SignedData
    /// The places of the certificates, each a whole DER element.
    public let certificates: [Range<Int>]

    /// - Parameter file: A master list in DER or BER, without anything around it.
    /// - Throws: `unsupported` when the signed content is of another type; `DocumentError` with the place of the first fault.
    public init(_ file: [UInt8]) throws(DocumentError) {
        var cursor = TLVCursor(file.span)
        signedData = try SignedData(from: &cursor)
        try cursor.expectEnd()
        guard signedData.contentType == Self.contentType else {
            throw .unsupported(field: "content type", value: "\(signedData.contentType)")
        }
        guard let content = signedData.content else { throw .missing(field: "encapsulated content") }
        var outer = cursor.within(content)
        var list = outer.inside(try outer.next(.sequence))
        try outer.expectEnd()
        guard try list.nextSmallInteger("master list version") == 0 else {
            throw .unsupported(field: "master list version", value: "other than 0")
        }
        var set = list.inside(try list.next(.set))
        try list.expectEnd()
        var certificates: [Range<Int>] = []
        while !set.isAtEnd {
            guard certificates.count < Self.maximumCertificates else {
                throw .invalidValue(field: "certList", reason: "more than \(Self.maximumCertificates) certificates")
            }
            certificates.append(try set.next(.sequence).range)
        }
        bytes = file
        self.certificates = certificates
    }
}

/// EF.CardSecurity (Doc 9303-11, 9.2.11): a SignedData around SecurityInfos, which holds the public key of PACE with chip
/// authentication mapping and repeats what EF.CardAccess offers in the clear.
///
/// Says where things are and decides nothing: whether the signature is right is a verifier's to judge.
public struct CardSecurity: Sendable {
    /// id-SecurityObject.
    public static let contentType = ObjectIdentifier([0, 4, 0, 127, 0, 7, 3, 2, 1])
    /// The largest file that is read, in bytes.
    public static let maximumByteCount = SecurityObject.maximumByteCount

    /// The file that places refer to.
    public let bytes: [UInt8]
    /// The signed data.
    public let signedData: SignedData
    /// What is signed: protocols and keys.
    public let securityInfos: SecurityInfos

    /// - Parameter file: EF.CardSecurity; what stands behind its end is not looked at.
    /// - Throws: `DocumentError` with the place of the first fault. Lengths outside the signed parts may take more bytes
    ///   than they need; all else must be DER.
    public init(_ file: [UInt8]) throws(DocumentError) {
        guard file.count <= Self.maximumByteCount else {
            throw .invalidValue(field: "EF.CardSecurity", reason: "\(file.count) bytes are too many")
        }
        bytes = file
        var cursor = TLVCursor(file.span, rules: .ber)
        signedData = try SignedData(from: &cursor)
        guard signedData.contentType == Self.contentType else {
            throw .unsupported(field: "EF.CardSecurity's content type", value: "\(signedData.contentType)")
        }
        guard let content = signedData.content else { throw .missing(field: "encapsulated content") }
        var contentCursor = cursor.within(content).strict()
        securityInfos = try SecurityInfos(next: &contentCursor)
        try contentCursor.expectEnd()
    }
}

/// A card verifiable certificate, by which a terminal shows a chip the State's rights it holds (Doc 9303-12, 7.2;
/// BSI TR-03110-3, C.1). Its signature is for the chip to check.
public struct CardVerifiableCertificate: Hashable, Sendable {
    /// Whose signature it bears: the Certification Authority Reference, as on the wire.
    public let authorityReference: [UInt8]
    /// Whom it is issued to: the Certificate Holder Reference, as on the wire.
    public let holderReference: [UInt8]
    /// What the holder's key signs with, below `id-TA`.
    public let algorithm: ObjectIdentifier
    /// The holder's public key: the point of an elliptic curve, or the modulus of RSA, without leading zeros.
    public let publicKey: [UInt8]
    /// The kind of terminal that the rights are those of, such as `id-IS`.
    public let terminalType: ObjectIdentifier
    /// Role and rights, the first byte's two upper bits being the role (Doc 9303-12, 7.2.2.5).
    public let authorization: [UInt8]
    /// The first day on which it is valid.
    public let effectiveDate: CalendarDate
    /// The last day on which it is valid.
    public let expirationDate: CalendarDate
    /// DO'7F4E', the body that is signed, encoded.
    public let body: [UInt8]
    /// DO'5F37', the signature, encoded.
    public let signature: [UInt8]

    /// Longer ones than these are none: 16 characters by the standard, and the longest keys there are.
    private static let referenceLimit = 16
    private static let byteLimit = 8192

    /// Reads certificates one after the other.
    ///
    /// - Throws: What the initialiser throws, for the first that is none.
    public static func chain(_ bytes: [UInt8]) throws(DocumentError) -> [CardVerifiableCertificate] {
        var cursor = TLVCursor(bytes.span)
        var certificates: [CardVerifiableCertificate] = []
        while !cursor.isAtEnd { certificates.append(try CardVerifiableCertificate(next: &cursor)) }
        return certificates
    }

    /// - Parameter bytes: DO'7F21', with nothing behind it.
    /// - Throws: `missing`, `invalidValue`, `unsupported`, or what `TLVCursor.next` throws.
    public init(_ bytes: [UInt8]) throws(DocumentError) {
        var cursor = TLVCursor(bytes.span)
        try self.init(next: &cursor)
        try cursor.expectEnd()
    }

    private init(next cursor: inout TLVCursor) throws(DocumentError) {
        let certificate = try cursor.next(0x7F21)
        guard certificate.content.count <= Self.byteLimit else {
            throw .invalidValue(field: "certificate", reason: "it has \(certificate.content.count) bytes")
        }
        var parts = cursor.inside(certificate)
        let body = try parts.next(0x7F4E)
        let signature = try parts.next(0x5F37)
        try parts.expectEnd()
        self.body = cursor.copy(body.range)
        self.signature = cursor.copy(signature.range)

        var fields = cursor.inside(body)
        let profile = try fields.next(0x5F29).content
        guard cursor.copy(profile) == [0] else {
            throw .unsupported(field: "certificate profile", value: Hexadecimal.text(cursor.copy(profile)))
        }
        authorityReference = try Self.reference(fields.copy(try fields.next(0x42).content))
        var key = fields.inside(try fields.next(0x7F49))
        algorithm = try key.nextObjectIdentifier()
        publicKey = try Self.publicKey(&key)
        holderReference = try Self.reference(fields.copy(try fields.next(0x5F20).content))
        var rights = fields.inside(try fields.next(0x7F4C))
        terminalType = try rights.nextObjectIdentifier()
        authorization = rights.copy(try rights.next(0x53).content)
        try rights.expectEnd()
        effectiveDate = try Self.date(fields.copy(try fields.next(0x5F25).content), "effective date")
        expirationDate = try Self.date(fields.copy(try fields.next(0x5F24).content), "expiration date")
        // Certificate extensions.
        _ = try fields.nextIfPresent(0x65)
        try fields.expectEnd()
    }

    /// The point (86) of an elliptic curve, or the modulus (81) that an exponent (82) follows (Doc 9303-11, 9.4;
    /// BSI TR-03110-3, D.3). An elliptic curve's prime has the modulus' tag: where there is a point it is the key.
    private static func publicKey(_ key: inout TLVCursor) throws(DocumentError) -> [UInt8] {
        var modulus: [UInt8]?
        var point: [UInt8]?
        while !key.isAtEnd {
            let element = try key.next()
            switch element.tag {
            case 0x81: modulus = Array(key.copy(element.content).drop { $0 == 0 })
            case 0x86: point = key.copy(element.content)
            default: continue
            }
        }
        guard let value = point ?? modulus, !value.isEmpty else { throw .missing(field: "certificate public key") }
        return value
    }

    private static func reference(_ bytes: [UInt8]) throws(DocumentError) -> [UInt8] {
        guard (1...referenceLimit).contains(bytes.count) else {
            throw .invalidValue(field: "certificate reference", reason: "it has \(bytes.count) bytes")
        }
        return bytes
    }

    /// Six bytes of one digit each: YYMMDD, of this century.
    private static func date(_ bytes: [UInt8], _ field: String) throws(DocumentError) -> CalendarDate {
        guard bytes.count == 6, bytes.allSatisfy({ $0 <= 9 }),
            let date = CalendarDate(
                year: 2000 + 10 * Int(bytes[0]) + Int(bytes[1]), month: 10 * Int(bytes[2]) + Int(bytes[3]),
                day: 10 * Int(bytes[4]) + Int(bytes[5]))
        else { throw .invalidValue(field: field, reason: "it is no date of six digits") }
        return date
    }
}

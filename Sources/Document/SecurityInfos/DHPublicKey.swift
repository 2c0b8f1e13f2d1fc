/// A Diffie-Hellman public key from a SubjectPublicKeyInfo (Doc 9303-11, 9.5.2 and 9.6; RFC 3279, 2.3.3; PKCS #3, 9).
///
/// Numbers are big-endian without leading zeros. Nothing is checked of them but that they are positive.
public struct DHPublicKey: Hashable, Sendable {
    /// The group of the key.
    public enum Parameters: Hashable, Sendable {
        /// Standardised domain parameters by their number (Doc 9303-11, 9.5.1).
        case standardized(id: Int)
        /// The prime p, the generator g and the order q, which PKCS #3 leaves out.
        case explicit(prime: [UInt8], generator: [UInt8], order: [UInt8]?)
    }

    /// The group of the key.
    public let parameters: Parameters
    /// y, the generator to the power of the private key.
    public let publicValue: [UInt8]

    /// dhpublicnumber (ANSI X9.42): DomainParameters with p, g and q.
    static let publicNumber = ObjectIdentifier([1, 2, 840, 10046, 2, 1])
    /// dhKeyAgreement (PKCS #3): DHParameter with p and g.
    static let keyAgreement = ObjectIdentifier([1, 2, 840, 113549, 1, 3, 1])
    /// standardizedDomainParameters of `bsi-de algorithms`.
    static let standardizedDomainParameters = ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 2])

    /// 8192 bits and the zero before them.
    private static let numberByteLimit = 1025

    /// - Parameter subjectPublicKeyInfo: DER, with nothing behind it.
    /// - Throws: `unsupported` for the algorithms of other keys, `invalidValue`, or what `TLVCursor.next` throws.
    public init(_ subjectPublicKeyInfo: [UInt8]) throws(DocumentError) {
        var cursor = TLVCursor(subjectPublicKeyInfo.span)
        let sequence = try cursor.next(.sequence)
        try cursor.expectEnd()
        var fields = cursor.inside(sequence)
        var algorithm = fields.inside(try fields.next(.sequence))
        let identifier = try algorithm.nextObjectIdentifier()
        let string = fields.copy(try fields.next(.bitString).content)
        try fields.expectEnd()
        switch identifier {
        case Self.standardizedDomainParameters:
            let number = try Self.number(&algorithm, "domain parameters")
            guard number.count <= 1 else {
                throw .unsupported(field: "domain parameters", value: "a number above 255")
            }
            parameters = .standardized(id: Int(number.first ?? 0))
        case Self.publicNumber, Self.keyAgreement:
            // What X9.42 has behind q, and PKCS #3 behind g, is of no use here.
            var numbers = algorithm.inside(try algorithm.next(.sequence))
            let prime = try Self.number(&numbers, "prime")
            let generator = try Self.number(&numbers, "generator")
            let order = identifier == Self.publicNumber ? try Self.number(&numbers, "order") : nil
            parameters = .explicit(prime: prime, generator: generator, order: order)
        default: throw .unsupported(field: "key algorithm", value: "\(identifier)")
        }
        try algorithm.expectEnd()
        guard string.first == 0 else { throw .invalidValue(field: "public key", reason: "it is not whole bytes") }
        let content = Array(string.dropFirst())
        var value = TLVCursor(content.span)
        publicValue = try Self.number(&value, "public key")
        try value.expectEnd()
    }

    private static func number(_ cursor: inout TLVCursor, _ field: String) throws(DocumentError) -> [UInt8] {
        let content = cursor.copy(try cursor.next(.integer).content)
        guard let first = content.first, first & 0x80 == 0, content.count <= numberByteLimit else {
            throw .invalidValue(field: field, reason: "it must be a number from 0, of at most 8192 bits")
        }
        return Array(content.drop { $0 == 0 })
    }
}

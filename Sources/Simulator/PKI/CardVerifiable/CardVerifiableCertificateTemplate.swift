import Crypto
import Document

/// Everything a card verifiable certificate states (Doc 9303-12, 7.2; BSI TR-03110-3, C.1), each part free to be set,
/// right or wrong.
public struct CardVerifiableCertificateTemplate: Sendable {
    /// Whose key signs: the Certification Authority Reference.
    public var authorityReference: String
    /// To whom it is issued: the Certificate Holder Reference.
    public var holderReference: String
    /// The holder's key, of which the certificate carries the public half.
    public var key: SigningKey
    /// Whether a key on a curve comes with its domain parameters, as those of a CVCA must.
    public var includesDomainParameters = false
    /// The holder's role.
    public var role: TerminalRole
    /// What the holder, and whom it certifies, may read.
    public var rights: TerminalRights
    /// The first day of validity.
    public var effectiveDate: CalendarDate
    /// The last day of validity.
    public var expirationDate: CalendarDate

    /// - Parameters:
    ///   - authorityReference: Whose key signs.
    ///   - holderReference: To whom it is issued.
    ///   - key: The holder's key.
    ///   - role: The holder's role.
    ///   - rights: What the holder, and whom it certifies, may read.
    ///   - effectiveDate: The first day of validity.
    ///   - expirationDate: The last day of validity.
    public init(
        authorityReference: String, holderReference: String, key: SigningKey, role: TerminalRole,
        rights: TerminalRights, effectiveDate: CalendarDate, expirationDate: CalendarDate
    ) {
        self.authorityReference = authorityReference
        self.holderReference = holderReference
        self.key = key
        self.role = role
        self.rights = rights
        self.effectiveDate = effectiveDate
        self.expirationDate = expirationDate
    }

    /// DO'7F21', signed by `issuer`.
    ///
    /// - Throws: `unsupported` for a scheme that terminals do not sign by, `crypto` when the key cannot sign.
    public func signed(by issuer: SigningKey) throws(SimulatorError) -> [UInt8] {
        let rights =
            ObjectIdentifier([0, 4, 0, 127, 0, 7, 3, 1, 2, 1]).encoded
            + TLVEncoder.element(0x53, [role.rawValue | self.rights.rawValue])
        let body = TLVEncoder.element(
            0x7F4E,
            [
                TLVEncoder.element(0x5F29, [0]), TLVEncoder.element(0x42, Array(authorityReference.utf8)),
                TLVEncoder.element(0x7F49, try publicKey), TLVEncoder.element(0x5F20, Array(holderReference.utf8)),
                TLVEncoder.element(0x7F4C, rights), TLVEncoder.element(0x5F25, Self.date(effectiveDate)),
                TLVEncoder.element(0x5F24, Self.date(expirationDate)),
            ])
        let signature = try issuer.plainSignature(over: body)
        return TLVEncoder.element(0x7F21, body + TLVEncoder.element(0x5F37, signature))
    }

    private var publicKey: [UInt8] {
        get throws(SimulatorError) {
            guard let identifier = TerminalSignatureAlgorithm.identifier(of: key.scheme) else {
                throw .unsupported(what: "a terminal's certificate with \(key.scheme.label)")
            }
            let info = try mapping { () throws(CryptoError) in try key.privateKey.subjectPublicKeyInfo }
            let value = try SigningKey.subjectPublicKey(info)
            guard case .ecdsa = key.scheme else { return identifier.encoded + (try Self.rsa(value)) }
            guard includesDomainParameters else { return identifier.encoded + TLVEncoder.element(0x86, value) }
            let curve = try CurveParameters(of: key.privateKey)
            let objects: [(Tag, [UInt8])] = [
                (0x81, curve.prime), (0x82, curve.a), (0x83, curve.b), (0x84, curve.generator), (0x85, curve.order),
                (0x86, value), (0x87, curve.cofactor ?? [1]),
            ]
            return objects.reduce(into: identifier.encoded) {
                $0 += TLVEncoder.element(
                    $1.0, [0x81, 0x85].contains($1.0) ? Array($1.1.drop { $0 == 0 }) : $1.1)
            }
        }
    }

    /// Modulus and exponent of an `RSAPublicKey`.
    private static func rsa(_ key: [UInt8]) throws(SimulatorError) -> [UInt8] {
        do throws(DocumentError) {
            var outer = TLVCursor(key.span, rules: .der)
            var numbers = outer.inside(try outer.next(.sequence))
            let modulus = key[try numbers.next(.integer).content].drop { $0 == 0 }
            let exponent = key[try numbers.next(.integer).content].drop { $0 == 0 }
            return TLVEncoder.element(0x81, Array(modulus)) + TLVEncoder.element(0x82, Array(exponent))
        } catch {
            throw .document(error)
        }
    }

    /// Six bytes of one digit each: YYMMDD.
    private static func date(_ date: CalendarDate) -> [UInt8] {
        [date.year % 100, date.month, date.day].flatMap { [UInt8($0 / 10), UInt8($0 % 10)] }
    }
}

/// The role that a card verifiable certificate gives (Doc 9303-12, 7.2.2.5): the two upper bits of the authorisation.
public enum TerminalRole: UInt8, Sendable, CaseIterable {
    /// A terminal that reads: an inspection system.
    case inspectionSystem = 0x00
    /// A document verifier of another State.
    case foreignVerifier = 0x40
    /// A document verifier of the State that issued the card.
    case domesticVerifier = 0x80
    /// The State's certification authority.
    case authority = 0xC0
}

/// What a terminal may read (Doc 9303-12, 7.2.2.5): the lower bits of the authorisation.
public struct TerminalRights: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// DG3.
    public static let fingerprints = TerminalRights(rawValue: 1)
    /// DG4.
    public static let irises = TerminalRights(rawValue: 2)
}

extension SigningKey {
    /// A signature as terminals and their authorities give it: plain for ECDSA.
    func plainSignature(over message: [UInt8]) throws(SimulatorError) -> [UInt8] {
        let signature = try sign(message)
        guard case .ecdsa = scheme else { return signature }
        return try mapping { () throws(CryptoError) in
            guard case .ec(let curve) = try PublicKey(subjectPublicKeyInfo: privateKey.subjectPublicKeyInfo).kind else {
                throw .invalidKey("no key on a curve")
            }
            return try PlainSignature.plain(signature, width: try ECGroup(curve).orderByteCount)
        }
    }
}

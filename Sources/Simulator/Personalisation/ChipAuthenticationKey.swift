import Crypto
import Document

/// A static key of the chip for chip authentication (Doc 9303-11, 6.2), over a curve or over integers.
public struct ChipAuthenticationKey: Sendable {
    private enum Material: Sendable {
        case curve(PrivateKey, NamedCurve)
        case integers(SecretBytes, DHGroup)
    }

    private let material: Material
    // Stored beside it: the optimiser of Swift 6.3.1 fails on properties that look into its payloads.
    /// The curve that the key is on; nil for a key over integers.
    public let curve: NamedCurve?
    /// The private key on the curve; nil for a key over integers.
    public let privateKey: PrivateKey?
    /// The cipher of the session that it opens.
    public var cipher: CipherAlgorithm
    /// The key's identifier; nil when the chip has but one.
    public var keyID: UInt64?
    /// How DG14 tells the curve. Integers are always told in full.
    public var curveEncoding: CurveEncoding

    /// Makes a new key on a curve.
    ///
    /// - Parameters:
    ///   - curve: The curve that it is on.
    ///   - cipher: The cipher of the session that it opens.
    ///   - keyID: Its identifier; nil when the chip has but one.
    ///   - curveEncoding: How DG14 tells the curve.
    /// - Throws: `crypto` when OpenSSL does not offer the curve.
    public init(
        newOn curve: NamedCurve, cipher: CipherAlgorithm = .aes128, keyID: UInt64? = nil,
        curveEncoding: CurveEncoding = .explicit
    ) throws(SimulatorError) {
        let key = try mapping { () throws(CryptoError) in try PrivateKey.generateEC(curve) }
        self.init(key, on: curve, cipher: cipher, keyID: keyID, curveEncoding: curveEncoding)
    }

    /// - Parameters:
    ///   - privateKey: A key on `curve`.
    ///   - curve: The curve that it is on.
    ///   - cipher: The cipher of the session that it opens.
    ///   - keyID: Its identifier; nil when the chip has but one.
    ///   - curveEncoding: How DG14 tells the curve.
    public init(
        _ privateKey: PrivateKey, on curve: NamedCurve, cipher: CipherAlgorithm = .aes128, keyID: UInt64? = nil,
        curveEncoding: CurveEncoding = .explicit
    ) {
        material = .curve(privateKey, curve)
        (self.privateKey, self.curve) = (privateKey, curve)
        (self.cipher, self.keyID, self.curveEncoding) = (cipher, keyID, curveEncoding)
    }

    /// Makes a new key in a standardised group, over integers (0 to 2) or on a curve (8 to 18).
    ///
    /// - Parameters:
    ///   - id: The standardised domain parameters (Doc 9303-11, 9.5.1).
    ///   - cipher: The cipher of the session that it opens.
    ///   - keyID: Its identifier; nil when the chip has but one.
    /// - Throws: `crypto` when there is no such group.
    public init(
        newWithParameters id: Int, cipher: CipherAlgorithm = .aes128, keyID: UInt64? = nil
    ) throws(SimulatorError) {
        if let curve = NamedCurve(standardizedDomainParameterID: id) {
            try self.init(newOn: curve, cipher: cipher, keyID: keyID)
            return
        }
        let (exponent, group) = try mapping { () throws(CryptoError) in
            let group = try DHGroup(standardizedDomainParameterID: id)
            return (try group.randomExponent(), group)
        }
        self.init(exponent: exponent, in: group, cipher: cipher, keyID: keyID)
    }

    /// - Parameters:
    ///   - exponent: The private exponent.
    ///   - group: The group of integers.
    ///   - cipher: The cipher of the session that it opens.
    ///   - keyID: Its identifier; nil when the chip has but one.
    public init(
        exponent: SecretBytes, in group: DHGroup, cipher: CipherAlgorithm = .aes128, keyID: UInt64? = nil
    ) {
        material = .integers(exponent, group)
        (privateKey, curve) = (nil, nil)
        (self.cipher, self.keyID, curveEncoding) = (cipher, keyID, .explicit)
    }

    /// Another key of the same kind, identifier and cipher: what a clone has in the place of this one.
    ///
    /// - Throws: `crypto` when none can be made.
    func replaced() throws(SimulatorError) -> ChipAuthenticationKey {
        switch material {
        case .curve(_, let curve):
            return try ChipAuthenticationKey(newOn: curve, cipher: cipher, keyID: keyID, curveEncoding: curveEncoding)
        case .integers(_, let group):
            let exponent = try mapping { () throws(CryptoError) in try group.randomExponent() }
            return ChipAuthenticationKey(exponent: exponent, in: group, cipher: cipher, keyID: keyID)
        }
    }

    // MARK: Computing

    /// The group that is agreed in.
    var group: ChipGroup {
        get throws(CryptoError) {
            switch material {
            case .curve(_, let curve): .curve(try ECGroup(curve))
            case .integers(_, let group): .integers(group)
            }
        }
    }

    /// The private value.
    var secret: SecretBytes {
        get throws(CryptoError) {
            switch material {
            case .curve(let key, let curve): try key.ecScalar(on: curve)
            case .integers(let exponent, _): exponent
            }
        }
    }

    /// CA_IC of chip authentication mapping (4.4.3.5.1): SK_IC⁻¹ · SK_Map,IC modulo the curve's order.
    func mappingProof(over mappingSecret: SecretBytes) throws(CryptoError) -> [UInt8] {
        guard case .curve(let key, _) = material, let parameters = try? CurveParameters(of: key) else {
            throw .invalidKey("chip authentication mapping needs a key on a curve")
        }
        let order = try Modulus(parameters.order)
        return try order.multiply(try order.inverse(try secret.bytes), mappingSecret.bytes)
    }

    // MARK: What DG14 holds

    private var keyAgreementArc: UInt64 { curve == nil ? 1 : 2 }

    /// The protocol's object identifier.
    var identifier: ObjectIdentifier {
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 3, keyAgreementArc, cipher.protocolArc])
    }

    /// `ChipAuthenticationInfo` (Doc 9303-11, 9.2.5).
    var securityInfo: [UInt8] { DER.sequence([identifier.encoded, DER.integer(1)] + encodedKeyID) }

    /// `ChipAuthenticationPublicKeyInfo` (Doc 9303-11, 9.2.6).
    var publicKeyInfo: [UInt8] {
        get throws(SimulatorError) {
            let identifier = ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 1, keyAgreementArc])
            return DER.sequence([identifier.encoded, try subjectPublicKeyInfo] + encodedKeyID)
        }
    }

    /// `SubjectPublicKeyInfo`; integers as a `dhpublicnumber` (RFC 3279, 2.3.3).
    private var subjectPublicKeyInfo: [UInt8] {
        get throws(SimulatorError) {
            switch material {
            case .curve(let key, _):
                return try SigningKey(key, scheme: .ecdsa(.sha256), curveEncoding: curveEncoding).subjectPublicKeyInfo
            case .integers(let exponent, let group):
                let publicKey = try mapping { () throws(CryptoError) in try group.power(group.generator, exponent) }
                let parameters = DER.sequence([
                    DER.integer(unsigned: group.prime.bytes), DER.integer(unsigned: group.generator),
                    DER.integer(unsigned: group.order.bytes),
                ])
                return DER.sequence([
                    DER.algorithm(ObjectIdentifier([1, 2, 840, 10046, 2, 1]), parameters: parameters),
                    DER.bitString(DER.integer(unsigned: publicKey)),
                ])
            }
        }
    }

    private var encodedKeyID: [[UInt8]] { keyID.map { [DER.integer($0)] } ?? [] }
}

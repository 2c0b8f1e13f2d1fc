import Crypto
import Document

/// One way of PACE that a chip offers (Doc 9303-11, 4.4).
public struct PACEOffer: Hashable, Sendable {
    /// How the nonce is mapped.
    public enum Mapping: UInt64, Hashable, Sendable {
        /// Generic mapping over an elliptic curve; the value is the arc under id-PACE.
        case genericECDH = 2
    }

    /// How the nonce is mapped.
    public var mapping: Mapping
    /// The cipher of nonce, token and session.
    public var cipher: CipherAlgorithm
    /// The standardised domain parameters (Doc 9303-11, table 12).
    public var parameterID: Int

    /// - Parameters:
    ///   - mapping: How the nonce is mapped.
    ///   - cipher: The cipher of nonce, token and session.
    ///   - parameterID: The standardised domain parameters, 8 to 18.
    public init(mapping: Mapping = .genericECDH, cipher: CipherAlgorithm = .aes128, parameterID: Int = 13) {
        self.mapping = mapping
        self.cipher = cipher
        self.parameterID = parameterID
    }

    /// The card's: generic mapping, AES-128, brainpoolP256r1.
    public static let card = PACEOffer()

    /// The protocol's object identifier.
    var identifier: ObjectIdentifier {
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 4, mapping.rawValue, cipher.protocolArc])
    }

    /// `PACEInfo` (Doc 9303-11, 9.2.1).
    var securityInfo: [UInt8] {
        DER.sequence([identifier.encoded, DER.integer(2), DER.integer(UInt64(max(0, parameterID)))])
    }
}

/// A key of the chip for chip authentication over an elliptic curve (Doc 9303-11, 6.2).
public struct ChipAuthenticationKey: Sendable {
    /// The static private key.
    public var privateKey: PrivateKey
    /// The curve that it is on.
    public var curve: NamedCurve
    /// The cipher of the session that it opens.
    public var cipher: CipherAlgorithm
    /// The key's identifier; nil when the chip has but one.
    public var keyID: UInt64?
    /// How DG14 tells the curve.
    public var curveEncoding: CurveEncoding

    /// Makes a new key.
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
        privateKey = try mapping { () throws(CryptoError) in try PrivateKey.generateEC(curve) }
        self.curve = curve
        self.cipher = cipher
        self.keyID = keyID
        self.curveEncoding = curveEncoding
    }

    /// The protocol's object identifier.
    var identifier: ObjectIdentifier { ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 3, 2, cipher.protocolArc]) }

    /// `ChipAuthenticationInfo` (Doc 9303-11, 9.2.5).
    var securityInfo: [UInt8] { DER.sequence([identifier.encoded, DER.integer(1)] + encodedKeyID) }

    /// `ChipAuthenticationPublicKeyInfo` (Doc 9303-11, 9.2.6).
    var publicKeyInfo: [UInt8] {
        get throws(SimulatorError) {
            let key = SigningKey(privateKey, scheme: .ecdsa(.sha256), curveEncoding: curveEncoding)
            return DER.sequence(
                [ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 1, 2]).encoded, try key.subjectPublicKeyInfo]
                    + encodedKeyID)
        }
    }

    private var encodedKeyID: [[UInt8]] { keyID.map { [DER.integer($0)] } ?? [] }
}

extension CipherAlgorithm {
    /// The last arc of the object identifiers of PACE and chip authentication.
    var protocolArc: UInt64 {
        switch self {
        case .tripleDES: 1
        case .aes128: 2
        case .aes192: 3
        case .aes256: 4
        }
    }
}

/// Writes EF.CardAccess and DG14 (Doc 9303-11, 9.2).
enum SecurityInfosWriter {
    /// `TerminalAuthenticationInfo`, version 1.
    static let terminalAuthentication = DER.sequence([
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 2]).encoded, DER.integer(1),
    ])

    /// `ActiveAuthenticationInfo`, which tells the hash of ECDSA signatures in the plain format of TR-03111.
    static func activeAuthentication(_ digest: DigestAlgorithm) -> [UInt8] {
        let arc: UInt64 =
            switch digest {
            case .sha1: 1
            case .sha224: 2
            case .sha256: 3
            case .sha384: 4
            case .sha512: 5
            }
        return DER.sequence([
            ObjectIdentifier([2, 23, 136, 1, 1, 5]).encoded, DER.integer(1),
            ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, arc]).encoded,
        ])
    }

    /// `SecurityInfos`.
    static func securityInfos(_ infos: [[UInt8]]) -> [UInt8] { DER.setOf(infos) }

    /// DG14 around them.
    static func dataGroup14(_ infos: [[UInt8]]) -> [UInt8] { TLVEncoder.element(0x6E, securityInfos(infos)) }
}

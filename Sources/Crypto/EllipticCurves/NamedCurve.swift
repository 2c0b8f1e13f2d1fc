import COpenSSL

/// The curves over prime fields that Doc 9303-12 and BSI TR-03110-3 allow, all of cofactor 1.
public enum NamedCurve: String, CaseIterable, Sendable {
    /// P-192 (FIPS 186-4, D.1.2; SEC 2, 2).
    case secp192r1
    /// P-224 (FIPS 186-4, D.1.2; SEC 2, 2).
    case secp224r1
    /// P-256 (FIPS 186-4, D.1.2; SEC 2, 2).
    case secp256r1
    /// P-384 (FIPS 186-4, D.1.2; SEC 2, 2).
    case secp384r1
    /// P-521 (FIPS 186-4, D.1.2; SEC 2, 2).
    case secp521r1
    /// brainpoolP160r1 (RFC 5639, 3).
    case brainpoolP160r1
    /// brainpoolP192r1 (RFC 5639, 3).
    case brainpoolP192r1
    /// brainpoolP224r1 (RFC 5639, 3).
    case brainpoolP224r1
    /// brainpoolP256r1 (RFC 5639, 3).
    case brainpoolP256r1
    /// brainpoolP320r1 (RFC 5639, 3).
    case brainpoolP320r1
    /// brainpoolP384r1 (RFC 5639, 3).
    case brainpoolP384r1
    /// brainpoolP512r1 (RFC 5639, 3).
    case brainpoolP512r1
    /// The twist of brainpoolP160r1 (RFC 5639, 3).
    case brainpoolP160t1
    /// The twist of brainpoolP192r1 (RFC 5639, 3).
    case brainpoolP192t1
    /// The twist of brainpoolP224r1 (RFC 5639, 3).
    case brainpoolP224t1
    /// The twist of brainpoolP256r1 (RFC 5639, 3).
    case brainpoolP256t1
    /// The twist of brainpoolP320r1 (RFC 5639, 3).
    case brainpoolP320t1
    /// The twist of brainpoolP384r1 (RFC 5639, 3).
    case brainpoolP384t1
    /// The twist of brainpoolP512r1 (RFC 5639, 3).
    case brainpoolP512t1

    /// The name engineers use: `P-256` for the NIST curves, otherwise the RFC 5639 name.
    public var name: String {
        switch self {
        case .secp192r1: "P-192"
        case .secp224r1: "P-224"
        case .secp256r1: "P-256"
        case .secp384r1: "P-384"
        case .secp521r1: "P-521"
        default: rawValue
        }
    }

    /// The size of the base field in bits.
    public var fieldBitCount: Int {
        switch self {
        case .brainpoolP160r1, .brainpoolP160t1: 160
        case .secp192r1, .brainpoolP192r1, .brainpoolP192t1: 192
        case .secp224r1, .brainpoolP224r1, .brainpoolP224t1: 224
        case .secp256r1, .brainpoolP256r1, .brainpoolP256t1: 256
        case .brainpoolP320r1, .brainpoolP320t1: 320
        case .secp384r1, .brainpoolP384r1, .brainpoolP384t1: 384
        case .brainpoolP512r1, .brainpoolP512t1: 512
        case .secp521r1: 521
        }
    }

    /// The curve of a standardised domain parameter identifier (Doc 9303-11, 9.5.1): 8 to 18, otherwise nil.
    public init?(standardizedDomainParameterID id: Int) {
        switch id {
        case 8: self = .secp192r1
        case 9: self = .brainpoolP192r1
        case 10: self = .secp224r1
        case 11: self = .brainpoolP224r1
        case 12: self = .secp256r1
        case 13: self = .brainpoolP256r1
        case 14: self = .brainpoolP320r1
        case 15: self = .secp384r1
        case 16: self = .brainpoolP384r1
        case 17: self = .brainpoolP512r1
        case 18: self = .secp521r1
        default: return nil
        }
    }

    /// The curve that an AlgorithmIdentifier (RFC 3279, 2.3.5; BSI TR-03110-3, A.2.1.1) names or, spelt out, equals.
    ///
    /// - Parameter der: DER of the whole SEQUENCE.
    /// - Throws: `unsupported` and `invalidKey` when it is no curve, or none that is known here.
    public init(algorithmIdentifier der: [UInt8]) throws(CryptoError) {
        // A key of nothing: what OpenSSL reads these from.
        let content = der + [0x03, 0x01, 0x00]
        guard content.count <= 0xFFFF else { throw .invalidKey("domain parameters of \(der.count) bytes") }
        let header: [UInt8] =
            switch content.count {
            case ..<0x80: [0x30, UInt8(content.count)]
            case ..<0x100: [0x30, 0x81, UInt8(content.count)]
            default: [0x30, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
            }
        self = try SubjectPublicKeyInfo(header + content).curve().0
    }

    init?(nid: Int32) {
        guard let curve = Self.allCases.first(where: { $0.nid == nid }) else { return nil }
        self = curve
    }

    var nid: Int32 {
        switch self {
        case .secp192r1: NID_X9_62_prime192v1
        case .secp224r1: NID_secp224r1
        case .secp256r1: NID_X9_62_prime256v1
        case .secp384r1: NID_secp384r1
        case .secp521r1: NID_secp521r1
        case .brainpoolP160r1: NID_brainpoolP160r1
        case .brainpoolP192r1: NID_brainpoolP192r1
        case .brainpoolP224r1: NID_brainpoolP224r1
        case .brainpoolP256r1: NID_brainpoolP256r1
        case .brainpoolP320r1: NID_brainpoolP320r1
        case .brainpoolP384r1: NID_brainpoolP384r1
        case .brainpoolP512r1: NID_brainpoolP512r1
        case .brainpoolP160t1: NID_brainpoolP160t1
        case .brainpoolP192t1: NID_brainpoolP192t1
        case .brainpoolP224t1: NID_brainpoolP224t1
        case .brainpoolP256t1: NID_brainpoolP256t1
        case .brainpoolP320t1: NID_brainpoolP320t1
        case .brainpoolP384t1: NID_brainpoolP384t1
        case .brainpoolP512t1: NID_brainpoolP512t1
        }
    }

    /// The short name under which OpenSSL's providers know the curve.
    var groupName: String { unsafe String(cString: OBJ_nid2sn(nid)) }
}

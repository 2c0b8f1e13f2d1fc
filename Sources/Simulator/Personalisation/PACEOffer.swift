import Crypto
import Document

/// One way of PACE that a chip offers (Doc 9303-11, 4.4).
public struct PACEOffer: Hashable, Sendable {
    /// How the nonce is mapped (4.4.3.3).
    public enum Mapping: Hashable, Sendable, CaseIterable {
        /// Generic mapping.
        case generic
        /// Integrated mapping.
        case integrated
        /// Chip authentication mapping, which proves the chip by the way.
        case chipAuthentication
    }

    /// How the nonce is mapped.
    public var mapping: Mapping
    /// The cipher of nonce, token and session.
    public var cipher: CipherAlgorithm
    /// The standardised domain parameters (Doc 9303-11, 9.5.1): 0 to 2 are integers, 8 to 18 curves.
    public var parameterID: Int

    /// - Parameters:
    ///   - mapping: How the nonce is mapped.
    ///   - cipher: The cipher of nonce, token and session.
    ///   - parameterID: The standardised domain parameters, 0 to 2 or 8 to 18.
    public init(mapping: Mapping = .generic, cipher: CipherAlgorithm = .aes128, parameterID: Int = 13) {
        self.mapping = mapping
        self.cipher = cipher
        self.parameterID = parameterID
    }

    /// The card's: generic mapping, AES-128, brainpoolP256r1.
    public static let card = PACEOffer()

    /// Every way that Doc 9303-11 defines: integrated mapping not on P-224, chip authentication mapping on curves and with
    /// AES alone (9.2.1, 9.5.1).
    public static let all: [PACEOffer] = Mapping.allCases.flatMap { mapping in
        (Array(0...2) + Array(8...18)).flatMap { id in
            CipherAlgorithm.allCases.map { PACEOffer(mapping: mapping, cipher: $0, parameterID: id) }
        }
    }.filter(\.isDefined)

    /// Whether the standard has this way.
    public var isDefined: Bool {
        guard (0...2).contains(parameterID) || (8...18).contains(parameterID) else { return false }
        switch mapping {
        case .generic: return true
        case .integrated: return parameterID != 10
        case .chipAuthentication: return !isOverIntegers && cipher != .tripleDES
        }
    }

    /// Whether the key agreement is over integers, not over a curve.
    public var isOverIntegers: Bool { parameterID < 8 }

    /// The protocol's object identifier.
    var identifier: ObjectIdentifier {
        let arc: UInt64 =
            switch mapping {
            case .generic: isOverIntegers ? 1 : 2
            case .integrated: isOverIntegers ? 3 : 4
            case .chipAuthentication: 6
            }
        return ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 4, arc, cipher.protocolArc])
    }

    /// `PACEInfo` (Doc 9303-11, 9.2.1).
    var securityInfo: [UInt8] {
        DER.sequence([identifier.encoded, DER.integer(2), DER.integer(UInt64(max(0, parameterID)))])
    }
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

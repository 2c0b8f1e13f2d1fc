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
    /// The number of its own, 32 and above, under which the chip spells these parameters out in `PACEDomainParameterInfo`
    /// (Doc 9303-11, 9.2.2); nil for the standard's number.
    public var ownParameterID: Int?

    /// - Parameters:
    ///   - mapping: How the nonce is mapped.
    ///   - cipher: The cipher of nonce, token and session.
    ///   - parameterID: The standardised domain parameters, 0 to 2 or 8 to 18.
    ///   - ownParameterID: The number under which the chip spells these out; nil for the standard's number.
    public init(
        mapping: Mapping = .generic, cipher: CipherAlgorithm = .aes128, parameterID: Int = 13,
        ownParameterID: Int? = nil
    ) {
        self.mapping = mapping
        self.cipher = cipher
        self.parameterID = parameterID
        self.ownParameterID = ownParameterID
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
    var identifier: ObjectIdentifier { ObjectIdentifier(Self.arcs + [mappingArc, cipher.protocolArc]) }

    /// The number by which EF.CardAccess and MSE:Set AT mean the domain parameters.
    var reference: UInt64 { UInt64(max(0, ownParameterID ?? parameterID)) }

    /// `PACEInfo` (Doc 9303-11, 9.2.1).
    var securityInfo: [UInt8] {
        DER.sequence([identifier.encoded, DER.integer(2), DER.integer(reference)])
    }

    /// `PACEDomainParameterInfo` (Doc 9303-11, 9.2.2); nil where the standard's number says enough.
    var domainParameterInfo: [UInt8]? {
        get throws(SimulatorError) {
            guard ownParameterID != nil else { return nil }
            let algorithm =
                if let curve = NamedCurve(standardizedDomainParameterID: parameterID) {
                    try DER.domainParameters(of: curve)
                } else {
                    DER.domainParameters(
                        of: try Simulator.mapping { () throws(CryptoError) in
                            try DHGroup(standardizedDomainParameterID: parameterID)
                        })
                }
            return DER.sequence([
                ObjectIdentifier(Self.arcs + [mappingArc]).encoded, algorithm, DER.integer(reference),
            ])
        }
    }

    private var mappingArc: UInt64 {
        switch mapping {
        case .generic: isOverIntegers ? 1 : 2
        case .integrated: isOverIntegers ? 3 : 4
        case .chipAuthentication: 6
        }
    }

    /// id-PACE.
    private static let arcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 4]
}

extension DER {
    /// An `AlgorithmIdentifier` with all the numbers of a curve (Doc 9303-11, 9.5.2).
    static func domainParameters(of curve: NamedCurve) throws(SimulatorError) -> [UInt8] {
        let anyKey = try mapping { () throws(CryptoError) in try PrivateKey.generateEC(curve) }
        return algorithm(
            ObjectIdentifier([1, 2, 840, 10045, 2, 1]), parameters: try CurveParameters(of: anyKey).encoded)
    }

    /// An `AlgorithmIdentifier` with all the numbers of a group of integers: `dhpublicnumber` (RFC 3279, 2.3.3).
    static func domainParameters(of group: DHGroup) -> [UInt8] {
        algorithm(
            ObjectIdentifier([1, 2, 840, 10046, 2, 1]),
            parameters: sequence([
                integer(unsigned: group.prime.bytes), integer(unsigned: group.generator),
                integer(unsigned: group.order.bytes),
            ]))
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

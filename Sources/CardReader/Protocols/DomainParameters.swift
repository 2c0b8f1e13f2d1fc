import Crypto
import Document

/// Domain parameters that Doc 9303-11, 9.5.1 numbers.
enum DomainParameters: Hashable, Sendable {
    /// 8 to 18.
    case curve(NamedCurve)
    /// 0 to 2.
    case integers(id: Int)

    /// The numbers that are not a State's own to give (Doc 9303-11, 9.5.1).
    static let assignedNumbers = 0...31

    /// Nil for a number that is not assigned.
    init?(id: Int) {
        if let curve = NamedCurve(standardizedDomainParameterID: id) {
            self = .curve(curve)
        } else if (0...2).contains(id) {
            self = .integers(id: id)
        } else {
            return nil
        }
    }

    /// Domain parameters that a chip spells out, where they are those of a number: of any others nobody knows whether the
    /// agreement in them is secure, and EF.CardAccess, which names them, is signed by nobody. Whoever chose them badly on
    /// purpose could find the password out from one run.
    ///
    /// - Parameter algorithmIdentifier: As `PACEDomainParameterInfo` has it, encoded.
    init?(algorithmIdentifier: [UInt8], _ agreement: KeyAgreement) {
        switch agreement {
        case .ecdh:
            guard let curve = try? NamedCurve(algorithmIdentifier: algorithmIdentifier) else { return nil }
            self = .curve(curve)
            guard number != nil else { return nil }
        case .dh:
            let anyKey = TLVEncoder.element(.bitString, [0, 0x02, 0x01, 0x02])
            guard let key = try? DHPublicKey(TLVEncoder.element(.sequence, algorithmIdentifier + anyKey)),
                let id = (0...2).first(where: { Self.isGroup($0, key.parameters) })
            else { return nil }
            self = .integers(id: id)
        }
    }

    private static func isGroup(_ id: Int, _ parameters: DHPublicKey.Parameters) -> Bool {
        guard case .explicit(let prime, let generator, let order) = parameters else {
            return parameters == .standardized(id: id)
        }
        guard let group = try? DHGroup(standardizedDomainParameterID: id) else { return false }
        let number = { (bytes: [UInt8]) in Array(bytes.drop { $0 == 0 }) }
        return prime == number(group.prime.bytes) && generator == number(group.generator)
            && (order ?? number(group.order.bytes)) == number(group.order.bytes)
    }

    /// The number that Doc 9303-11, 9.5.1 gives these.
    var number: Int? {
        switch self {
        case .curve(let curve):
            Self.assignedNumbers.first { NamedCurve(standardizedDomainParameterID: $0) == curve }
        case .integers(let id): id
        }
    }

    var keyAgreement: KeyAgreement {
        switch self {
        case .curve: .ecdh
        case .integers: .dh
        }
    }

    /// Whether a public key is too long for a short command.
    var needsExtendedLength: Bool { self == .integers(id: 1) || self == .integers(id: 2) }

    func group() throws(CryptoError) -> AgreementGroup {
        switch self {
        case .curve(let curve): .curve(try ECGroup(curve))
        case .integers(let id): .integers(try DHGroup(standardizedDomainParameterID: id))
        }
    }
}

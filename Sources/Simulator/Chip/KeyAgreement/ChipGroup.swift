import Crypto
import Document

/// The group that the chip agrees on keys in (Doc 9303-11, 9.6): points of a curve, or integers modulo a prime.
enum ChipGroup: Sendable {
    case curve(ECGroup)
    case integers(DHGroup)

    /// A private value and what is sent of it: an uncompressed point, or an unsigned integer (9.4.3, 9.4.4).
    struct KeyPair: Sendable {
        let secret: SecretBytes
        let publicKey: [UInt8]
    }

    /// - Throws: `unsupported` when `id` is none of Doc 9303-11, 9.5.1.
    init(standardizedDomainParameterID id: Int) throws(CryptoError) {
        if let curve = NamedCurve(standardizedDomainParameterID: id) {
            self = .curve(try ECGroup(curve))
        } else {
            self = .integers(try DHGroup(standardizedDomainParameterID: id))
        }
    }

    /// The tag of a public key in the public key data object (tables 10 and 11).
    var publicKeyTag: Tag {
        switch self {
        case .curve: 0x86
        case .integers: 0x84
        }
    }

    /// A fresh key pair.
    func keyPair(_ randomness: any ChipRandomness) throws(CryptoError) -> KeyPair {
        let secret: SecretBytes =
            switch self {
            case .curve(let group): try randomness.scalar(of: group)
            case .integers(let group): try randomness.exponent(of: group)
            }
        return KeyPair(secret: secret, publicKey: try publicKey(of: secret))
    }

    /// The public half of a private value.
    func publicKey(of secret: SecretBytes) throws(CryptoError) -> [UInt8] {
        switch self {
        case .curve(let group): try group.multiplyGenerator(by: secret).encoded
        case .integers(let group): Self.unsigned(try group.power(group.generator, secret))
        }
    }

    /// A public key from the other side, in the form in which it is compared and put under tokens.
    ///
    /// - Throws: `invalidPoint` when it is no element of the group.
    func accepted(_ publicKey: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch self {
        case .curve(let group): return try group.point(publicKey).encoded
        case .integers(let group):
            guard publicKey.count <= group.byteCount + 1, try group.isElement(publicKey) else {
                throw .invalidPoint("no element of the group")
            }
            return Self.unsigned(publicKey)
        }
    }

    /// K: the first coordinate of the product, or the power, in the field's length (9.7.1).
    func agree(_ publicKey: [UInt8], _ secret: SecretBytes) throws(CryptoError) -> [UInt8] {
        switch self {
        case .curve(let group): try group.multiply(try group.point(publicKey), by: secret).x
        case .integers(let group): try group.agree(publicKey, with: secret).bytes
        }
    }

    /// Comp(): by which terminal authentication refers to an ephemeral public key (7.1.1): the first coordinate, or SHA-1
    /// over the integer.
    func compressed(_ publicKey: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch self {
        case .curve(let group): try group.point(publicKey).x
        case .integers: try Digest.hash(publicKey, with: .sha1)
        }
    }

    /// An unsigned integer in the fewest bytes (9.4.3).
    private static func unsigned(_ number: [UInt8]) -> [UInt8] { Array(number.drop { $0 == 0 }) }
}

// MARK: Mappings

extension ChipGroup {
    /// Generic mapping (4.4.3.3.1): the generator s × G + H, or gˢ · h, where both sides have agreed on the second part.
    func mapped(by nonce: SecretBytes, _ secret: SecretBytes, _ publicKey: [UInt8]) throws(CryptoError) -> ChipGroup {
        switch self {
        case .curve(let group):
            let shared = try group.multiply(try group.point(publicKey), by: secret)
            return .curve(try group.withGenerator(try group.add(try group.multiplyGenerator(by: nonce), shared)))
        case .integers(let group):
            let shared = try group.agree(publicKey, with: secret).bytes
            let product = try group.prime.multiply(try group.power(group.generator, nonce), shared)
            return .integers(try group.withGenerator(product))
        }
    }

    /// Integrated mapping (4.4.3.3.2): the generator f(R(s, t)), which needs nothing from the other side but t.
    func mapped(
        by nonce: [UInt8], terminalNonce: [UInt8], cipher: CipherAlgorithm
    ) throws(CryptoError) -> ChipGroup {
        let function = PseudoRandomFunction(cipher)
        switch self {
        case .curve(let group):
            let equation = try group.equation
            let number = try function.number(nonce, terminalNonce, below: equation.field)
            return .curve(try group.withGenerator(try group.point(try equation.point(for: number))))
        case .integers(let group):
            let number = try function.number(nonce, terminalNonce, below: group.prime)
            return .integers(try group.withGenerator(try group.element(from: number)))
        }
    }
}

import Crypto
import Document

/// The group that a key agreement runs in (Doc 9303-11, 9.6): points of a curve, or integers modulo a prime.
enum AgreementGroup: Sendable {
    case curve(ECGroup)
    case integers(DHGroup)

    /// The group of a static key from DG14 or EF.CardSecurity, and the key as it would be sent.
    ///
    /// - Throws: `CryptoError.invalidKey`, `.invalidPoint` or `.unsupported` for keys that nothing is to be agreed on with.
    static func ofKey(
        _ info: ChipAuthenticationPublicKeyInfo
    ) throws(CryptoError) -> (group: AgreementGroup, publicKey: [UInt8]) {
        switch info.keyAgreement {
        case .ecdh:
            let key = try PublicKey(subjectPublicKeyInfo: info.subjectPublicKeyInfo)
            guard case .ec(let curve) = key.kind, let point = try key.ecPoint() else {
                throw .invalidKey("none of an elliptic curve")
            }
            return (.curve(try ECGroup(curve)), point.encoded)
        case .dh:
            let key: DHPublicKey
            do throws(DocumentError) { key = try DHPublicKey(info.subjectPublicKeyInfo) } catch {
                throw .invalidKey("\(error)")
            }
            let group: DHGroup
            switch key.parameters {
            case .standardized(let id): group = try DHGroup(standardizedDomainParameterID: id)
            case .explicit(let prime, let generator, let order?):
                group = try DHGroup(prime: prime, generator: generator, order: order)
            case .explicit(let prime, let generator, nil):
                group = try DHGroup.standardized(prime: prime, generator: generator)
            }
            guard try group.isElement(key.publicValue) else {
                throw .invalidPoint("the element is not of the group's order")
            }
            return (.integers(group), key.publicValue)
        }
    }

    /// Whether commands that carry a key, protected, are too long for their short form.
    var needsExtendedLength: Bool {
        switch self {
        case .curve: false
        case .integers(let group): group.byteCount > 160
        }
    }

    /// The tag of a public key in the public key data object (Doc 9303-11, tables 10 and 11).
    var publicKeyTag: Tag {
        switch self {
        case .curve: 0x86
        case .integers: 0x84
        }
    }

    /// A fresh key pair.
    func keyPair(_ randomness: Randomness) throws(CryptoError) -> AgreementKeyPair {
        switch self {
        case .curve(let group):
            let scalar = try randomness.scalar(group)
            return AgreementKeyPair(privateKey: scalar, publicKey: try group.multiplyGenerator(by: scalar).encoded)
        case .integers(let group):
            let exponent = try randomness.exponent(group)
            let element = try group.power(group.generator, exponent)
            return AgreementKeyPair(privateKey: exponent, publicKey: Self.unsigned(element))
        }
    }

    /// K: the first coordinate of the product, or the power, as long as the field's elements (Doc 9303-11, 9.7.1).
    ///
    /// - Throws: `CryptoError.invalidPoint` when `publicKey` is no element of the group, or leads to none.
    func sharedSecret(_ privateKey: SecretBytes, with publicKey: [UInt8]) throws(CryptoError) -> SecretBytes {
        switch self {
        case .curve(let group): try group.agree(try group.point(publicKey), with: privateKey)
        case .integers(let group): try group.agree(publicKey, with: privateKey)
        }
    }

    /// The group with the generator s·G + H or gˢ·h, H being what both sides agree on (Doc 9303-11, 4.4.3.3.1).
    ///
    /// - Throws: `CryptoError.invalidPoint` when `publicKey` is no element of the group, or leads to none.
    func mapped(
        by nonce: SecretBytes, _ privateKey: SecretBytes, with publicKey: [UInt8]
    ) throws(CryptoError) -> AgreementGroup {
        switch self {
        case .curve(let group):
            let shared = try group.multiply(try group.point(publicKey), by: privateKey)
            return .curve(try group.withGenerator(group.add(group.multiplyGenerator(by: nonce), shared)))
        case .integers(let group):
            guard try group.isElement(publicKey) else {
                throw .invalidPoint("the element is not of the group's order")
            }
            let shared = try group.power(publicKey, privateKey)
            return .integers(
                try group.withGenerator(group.prime.multiply(group.power(group.generator, nonce), shared)))
        }
    }

    /// Comp(): by which terminal authentication refers to an ephemeral public key (Doc 9303-11, 7.1.1): the first
    /// coordinate, or SHA-1 over the integer.
    func compressed(_ publicKey: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch self {
        case .curve(let group): try group.point(publicKey).x
        case .integers: try Digest.hash(publicKey, with: .sha1)
        }
    }

    /// Whether both are one key, integers with zeros before them or not.
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool { unsigned(a) == unsigned(b) }

    /// An unsigned integer in the fewest bytes (Doc 9303-11, 9.4.3).
    private static func unsigned(_ number: [UInt8]) -> [UInt8] { Array(number.drop { $0 == 0 }) }
}

/// A key pair for one agreement.
struct AgreementKeyPair {
    let privateKey: SecretBytes
    /// As it is sent: an uncompressed point, or an unsigned integer.
    let publicKey: [UInt8]
}

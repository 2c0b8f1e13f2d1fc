import Crypto
import Document

/// A public key as a card verifiable certificate carries it, in DO'7F49' (BSI TR-03110-3, D.3).
struct CardVerifiableKey: Sendable {
    /// How its signatures are made.
    let scheme: SignatureScheme
    /// The key.
    let publicKey: PublicKey

    /// - Parameters:
    ///   - content: The content of DO'7F49'.
    ///   - issuer: The issuer's key, from which a key on a curve takes the domain parameters where it leaves them out.
    /// - Throws: `wrongData` when it is no usable key.
    init(_ content: [UInt8], issuer: CardVerifiableKey?) throws(ChipRefusal) {
        do {
            var cursor = TLVCursor(content.span)
            let identifier = try ObjectIdentifier(content: cursor.copy(try cursor.next(.objectIdentifier).content))
            var objects: [Tag: [UInt8]] = [:]
            while !cursor.isAtEnd {
                let object = try cursor.next()
                objects[object.tag] = cursor.copy(object.content)
            }
            guard let scheme = TerminalSignatureAlgorithm.scheme(identifier) else {
                throw ChipRefusal(status: .wrongData)
            }
            self.scheme = scheme
            publicKey = try PublicKey(subjectPublicKeyInfo: Self.encoded(objects, scheme, issuer))
        } catch {
            throw ChipRefusal(status: .wrongData)
        }
    }

    /// Whether `signature` is this key's over `message`; ECDSA signatures are plain.
    func verify(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        var encoded = signature
        if case .ec(let curve) = publicKey.kind {
            guard let group = try? ECGroup(curve), signature.count == 2 * group.orderByteCount else { return false }
            encoded = PlainSignature.der(signature)
        }
        return (try? publicKey.verify(signature: encoded, message: message, scheme: scheme)) ?? false
    }

    /// `SubjectPublicKeyInfo` of the same key.
    private static func encoded(
        _ objects: [Tag: [UInt8]], _ scheme: SignatureScheme, _ issuer: CardVerifiableKey?
    ) throws -> [UInt8] {
        guard case .ecdsa = scheme else {
            let numbers = [objects[0x81] ?? [], objects[0x82] ?? []].map { DER.integer(unsigned: $0) }
            return DER.sequence([
                DER.algorithm(ObjectIdentifier([1, 2, 840, 113549, 1, 1, 1]), parameters: DER.null),
                DER.bitString(DER.sequence(numbers)),
            ])
        }
        let curve = try curve(objects) ?? issuer?.curve
        guard let curve, let point = objects[0x86] else { throw ChipRefusal(status: .wrongData) }
        return DER.sequence([
            DER.algorithm(
                ObjectIdentifier([1, 2, 840, 10045, 2, 1]), parameters: curve.objectIdentifier.encoded),
            DER.bitString(point),
        ])
    }

    private var curve: NamedCurve? {
        if case .ec(let curve) = publicKey.kind { curve } else { nil }
    }

    /// The known curve whose parameters are spelt out; nil where none are.
    private static func curve(_ objects: [Tag: [UInt8]]) throws -> NamedCurve? {
        guard let prime = objects[0x81], let a = objects[0x82], let b = objects[0x83], let generator = objects[0x84],
            let order = objects[0x85]
        else { return nil }
        let parameters = CurveParameters(
            prime: prime, a: a, b: b, generator: generator, order: order, cofactor: objects[0x87] ?? [1])
        let info = DER.sequence([
            DER.algorithm(ObjectIdentifier([1, 2, 840, 10045, 2, 1]), parameters: parameters.encoded),
            DER.bitString(generator),
        ])
        // OpenSSL finds the curve by its numbers; the generator is a point of it.
        guard case .ec(let curve) = try PublicKey(subjectPublicKeyInfo: info).kind else { return nil }
        return curve
    }
}

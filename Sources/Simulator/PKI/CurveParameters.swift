import Crypto
import Document

/// The domain parameters of a prime curve, as a certificate with explicit parameters carries them (X9.62; RFC 3279, 2.3.5).
///
/// Every field may be set to something else than the standard's, so that forged curves can be made.
public struct CurveParameters: Equatable, Sendable {
    /// The field's prime, big-endian.
    public var prime: [UInt8]
    /// The coefficient a, as a field element.
    public var a: [UInt8]
    /// The coefficient b, as a field element.
    public var b: [UInt8]
    /// The generator, uncompressed: 04, x, y.
    public var generator: [UInt8]
    /// The generator's order, big-endian.
    public var order: [UInt8]
    /// The cofactor, big-endian; nil leaves the optional field out.
    public var cofactor: [UInt8]?

    init(prime: [UInt8], a: [UInt8], b: [UInt8], generator: [UInt8], order: [UInt8], cofactor: [UInt8]?) {
        (self.prime, self.a, self.b) = (prime, a, b)
        (self.generator, self.order, self.cofactor) = (generator, order, cofactor)
    }

    /// The parameters of the curve that `key` is on, as the standard has them.
    ///
    /// - Throws: `crypto` or `document` when it is no key on a curve.
    public init(of key: PrivateKey) throws(SimulatorError) {
        let info = try mapping { () throws(CryptoError) in try key.subjectPublicKeyInfoWithExplicitParameters }
        do throws(DocumentError) { try self.init(subjectPublicKeyInfo: info) } catch { throw .document(error) }
    }

    /// `ECParameters` in DER, without the optional seed.
    public var encoded: [UInt8] {
        DER.sequence(
            [
                DER.integer(1),
                DER.sequence([ObjectIdentifier([1, 2, 840, 10045, 1, 1]).encoded, DER.integer(unsigned: prime)]),
                DER.sequence([DER.octetString(a), DER.octetString(b)]),
                DER.octetString(generator),
                DER.integer(unsigned: order),
            ] + (cofactor.map { [DER.integer(unsigned: $0)] } ?? []))
    }

    private init(subjectPublicKeyInfo info: [UInt8]) throws(DocumentError) {
        var outer = TLVCursor(info.span, rules: .der)
        var key = outer.inside(try outer.next(.sequence))
        var algorithm = key.inside(try key.next(.sequence))
        _ = try algorithm.next(.objectIdentifier)
        var fields = algorithm.inside(try algorithm.next(.sequence))
        _ = try fields.next(.integer)
        var field = fields.inside(try fields.next(.sequence))
        _ = try field.next(.objectIdentifier)
        prime = field.copy(try field.next(.integer).content)
        var curve = fields.inside(try fields.next(.sequence))
        a = curve.copy(try curve.next(.octetString).content)
        b = curve.copy(try curve.next(.octetString).content)
        generator = fields.copy(try fields.next(.octetString).content)
        order = fields.copy(try fields.next(.integer).content)
        cofactor = try fields.nextIfPresent(.integer).map { fields.copy($0.content) }
    }
}

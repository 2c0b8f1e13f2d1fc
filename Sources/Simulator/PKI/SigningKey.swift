import Crypto
import Document

/// The kinds of key that sign in a test PKI.
public enum KeyKind: Hashable, Sendable {
    /// A key on that curve.
    case ec(NamedCurve)
    /// An RSA key of that many bits.
    case rsa(bits: Int)
}

/// How a public key on an elliptic curve tells its curve (RFC 5480, 2.1.1).
public enum CurveEncoding: Equatable, Sendable {
    /// By the curve's object identifier.
    case named
    /// By the domain parameters in full, as most States' certificates do.
    case explicit
    /// By these domain parameters, whether they are the curve's or not.
    case parameters(CurveParameters)
}

/// A private key with the scheme it signs by and the form in which its public half is shown.
public struct SigningKey: Sendable {
    /// The key.
    public let privateKey: PrivateKey
    /// The scheme of its signatures.
    public var scheme: SignatureScheme
    /// How the public key tells its curve; without meaning for RSA.
    public var curveEncoding: CurveEncoding

    /// - Parameters:
    ///   - privateKey: The key.
    ///   - scheme: The scheme of its signatures, which must fit the key.
    ///   - curveEncoding: How the public key tells its curve.
    public init(_ privateKey: PrivateKey, scheme: SignatureScheme, curveEncoding: CurveEncoding = .explicit) {
        self.privateKey = privateKey
        self.scheme = scheme
        self.curveEncoding = curveEncoding
    }

    /// Makes a new key.
    ///
    /// - Throws: `crypto` when this OpenSSL makes no such key.
    public init(new kind: KeyKind, scheme: SignatureScheme, curveEncoding: CurveEncoding = .explicit)
        throws(SimulatorError)
    {
        let key = try mapping { () throws(CryptoError) in
            switch kind {
            case .ec(let curve): try PrivateKey.generateEC(curve)
            case .rsa(let bits): try PrivateKey.generateRSA(bits: bits)
            }
        }
        self.init(key, scheme: scheme, curveEncoding: curveEncoding)
    }

    /// `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7) in DER, with the curve told as `curveEncoding` says.
    ///
    /// - Throws: `crypto` or `document` for a broken key.
    public var subjectPublicKeyInfo: [UInt8] {
        get throws(SimulatorError) {
            let (plain, kind) = try mapping { () throws(CryptoError) in
                let info = try privateKey.subjectPublicKeyInfo
                return (info, try PublicKey(subjectPublicKeyInfo: info).kind)
            }
            guard case .ec(let curve) = kind else { return plain }
            return DER.sequence([
                DER.algorithm(
                    ObjectIdentifier([1, 2, 840, 10045, 2, 1]),
                    parameters: try curveEncoding.parameters(of: privateKey, on: curve)),
                DER.bitString(try Self.subjectPublicKey(plain)),
            ])
        }
    }

    /// The contents of the BIT STRING of a SubjectPublicKeyInfo: for a curve, the point; for RSA, an RSAPublicKey.
    ///
    /// - Throws: `document` when `info` is no SubjectPublicKeyInfo.
    static func subjectPublicKey(_ info: [UInt8]) throws(SimulatorError) -> [UInt8] {
        do throws(DocumentError) {
            var outer = TLVCursor(info.span, rules: .der)
            var inner = outer.inside(try outer.next(.sequence))
            _ = try inner.next(.sequence)
            return Array(inner.copy(try inner.next(.bitString).content).dropFirst())
        } catch {
            throw .document(error)
        }
    }

    /// The signature over `message`.
    ///
    /// - Throws: `crypto` when the scheme does not fit the key.
    public func sign(_ message: [UInt8]) throws(SimulatorError) -> [UInt8] {
        try mapping { () throws(CryptoError) in try privateKey.sign(message, scheme: scheme) }
    }
}

extension CurveEncoding {
    /// The parameters of an `id-ecPublicKey` AlgorithmIdentifier for `key`.
    fileprivate func parameters(of key: PrivateKey, on curve: NamedCurve) throws(SimulatorError) -> [UInt8] {
        switch self {
        case .named: curve.objectIdentifier.encoded
        case .parameters(let parameters): parameters.encoded
        case .explicit: try CurveParameters(of: key).encoded
        }
    }
}

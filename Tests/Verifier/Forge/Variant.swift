import Crypto
import Document
import Simulator
import Synchronization
import Testing
import Verifier

/// One choice of algorithms for signer and CSCA, of those that States make.
struct Variant: Sendable, CustomTestStringConvertible {
    let key: KeyKind
    let scheme: SignatureScheme
    var encoding = CurveEncoding.explicit
    var csca = KeyKind.ec(.secp384r1)
    var cscaScheme = SignatureScheme.ecdsa(.sha384)
    var securityObject = SecurityObjectOptions()
    /// Whether the strength check must refuse it.
    var isWeak = false

    var testDescription: String { "\(key), \(scheme.name), \(encoding), under \(csca)" }

    static let rsa = Variant(key: .rsa(bits: 2048), scheme: .rsaPKCS1(.sha256))

    static let all: [Variant] = pkcs1 + pss + curves

    private static let pkcs1: [Variant] = [
        rsa,
        Variant(key: .rsa(bits: 2048), scheme: .rsaPKCS1(.sha1), isWeak: true),
        Variant(key: .rsa(bits: 2048), scheme: .rsaPKCS1(.sha224)),
        Variant(
            key: .rsa(bits: 3072), scheme: .rsaPKCS1(.sha384), csca: .rsa(bits: 3072), cscaScheme: .rsaPKCS1(.sha512)),
        Variant(key: .rsa(bits: 4096), scheme: .rsaPKCS1(.sha512)),
        Variant(key: .rsa(bits: 1024), scheme: .rsaPKCS1(.sha256), isWeak: true),
    ]

    private static let pss: [Variant] = [
        pss(.sha1, .sha1, 20, isWeak: true), pss(.sha224, .sha224, 28), pss(.sha256, .sha256, 32),
        pss(.sha384, .sha384, 48), pss(.sha512, .sha512, 64), pss(.sha256, .sha1, 20), pss(.sha512, .sha256, 32),
        pss(.sha256, .sha256, 0), pss(.sha256, .sha256, 1), pss(.sha256, .sha256, 222),
    ]

    private static func pss(
        _ digest: DigestAlgorithm, _ mgf1: DigestAlgorithm, _ saltLength: Int, isWeak: Bool = false
    ) -> Variant {
        Variant(
            key: .rsa(bits: 2048), scheme: .rsaPSS(digest: digest, mgf1: mgf1, saltLength: saltLength),
            csca: .rsa(bits: 2048), cscaScheme: .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32), isWeak: isWeak)
    }

    private static let curves: [Variant] = NamedCurve.allCases.flatMap { curve in
        let isWeak = curve.fieldBitCount < 224
        let digest: DigestAlgorithm =
            curve.fieldBitCount < 256 ? .sha224 : curve.fieldBitCount < 384 ? .sha256 : .sha512
        var byKey = SecurityObjectOptions()
        (byKey.signerIdentifier, byKey.version) = (.subjectKeyIdentifier, 1)
        return [
            Variant(
                key: .ec(curve), scheme: .ecdsa(digest), encoding: .named, csca: .ec(curve),
                cscaScheme: .ecdsa(digest), isWeak: isWeak),
            Variant(
                key: .ec(curve), scheme: .ecdsa(.sha256), encoding: .explicit, csca: .ec(curve),
                cscaScheme: .ecdsa(.sha512), securityObject: byKey, isWeak: isWeak),
        ]
    }

    /// A State that uses it, with a card; made once.
    func state() throws -> ForgedState {
        if let known = Self.states.withLock({ $0[testDescription] }) { return known }
        var options = TestPKI.Options()
        (options.documentSignerKey, options.documentSignerScheme) = (key, scheme)
        (options.countrySignerKey, options.countrySignerScheme) = (csca, cscaScheme)
        options.curveEncoding = encoding
        var personalisation = Personalisation(.demo)
        personalisation.securityObject = securityObject
        let state = try ForgedState(TestPKI(options), personalisation)
        Self.states.withLock { $0[testDescription] = state }
        return state
    }

    private static let states = Mutex<[String: ForgedState]>([:])
}

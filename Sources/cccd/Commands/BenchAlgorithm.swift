import Crypto
import Simulator

/// The signature algorithms that are measured.
enum BenchAlgorithm: String, CaseIterable, Sendable {
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"
    case brainpoolP256r1
    case brainpoolP384r1
    case brainpoolP512r1
    case rsa2048 = "RSA-2048"
    case rsa4096 = "RSA-4096"

    var key: KeyKind {
        switch self {
        case .p256: .ec(.secp256r1)
        case .p384: .ec(.secp384r1)
        case .p521: .ec(.secp521r1)
        case .brainpoolP256r1: .ec(.brainpoolP256r1)
        case .brainpoolP384r1: .ec(.brainpoolP384r1)
        case .brainpoolP512r1: .ec(.brainpoolP512r1)
        case .rsa2048: .rsa(bits: 2048)
        case .rsa4096: .rsa(bits: 4096)
        }
    }

    var scheme: SignatureScheme {
        switch self {
        case .p256, .brainpoolP256r1: .ecdsa(.sha256)
        case .p384, .brainpoolP384r1: .ecdsa(.sha384)
        case .p521, .brainpoolP512r1: .ecdsa(.sha512)
        case .rsa2048, .rsa4096: .rsaPKCS1(.sha256)
        }
    }

    var curve: NamedCurve? {
        if case .ec(let curve) = key { curve } else { nil }
    }

    /// What `openssl speed` calls it.
    var opensslName: String {
        switch self {
        case .p256: "ecdsap256"
        case .p384: "ecdsap384"
        case .p521: "ecdsap521"
        case .brainpoolP256r1: "ecdsabrp256r1"
        case .brainpoolP384r1: "ecdsabrp384r1"
        case .brainpoolP512r1: "ecdsabrp512r1"
        case .rsa2048: "rsa2048"
        case .rsa4096: "rsa4096"
        }
    }

    /// How many signers and records of each a short measurement takes: enough for the tables' cost to weigh no more than
    /// it does at work, where a signer has 20 000 records and more.
    var shortRun: (signers: Int, recordsPerSigner: Int) {
        switch self {
        case .p256: (5, 20_000)
        case .rsa2048: (5, 10_000)
        case .rsa4096: (1, 10_000)
        default: (1, 6_000)
        }
    }
}

import Crypto
import Document

extension DigestAlgorithm {
    /// The object identifier of FIPS 180-4's functions (RFC 5754, 2; RFC 3370, 2.1).
    var objectIdentifier: ObjectIdentifier {
        switch self {
        case .sha1: ObjectIdentifier([1, 3, 14, 3, 2, 26])
        case .sha224: ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 4])
        case .sha256: ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 1])
        case .sha384: ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 2])
        case .sha512: ObjectIdentifier([2, 16, 840, 1, 101, 3, 4, 2, 3])
        }
    }
}

extension SignatureScheme {
    /// `AlgorithmIdentifier` of the signature, in certificates and in SignerInfo (RFC 4055, 3 and 5; RFC 5758, 3.2).
    var algorithmIdentifier: [UInt8] {
        switch self {
        case .rsaPKCS1(let digest): DER.algorithm(Self.pkcs1Identifier(digest), parameters: DER.null)
        case .ecdsa(let digest): DER.algorithm(Self.ecdsaIdentifier(digest), parameters: nil)
        case .rsaPSS(let digest, let mgf1, let saltLength):
            DER.algorithm(
                ObjectIdentifier([1, 2, 840, 113549, 1, 1, 10]),
                parameters: Self.pssParameters(digest: digest, mgf1: mgf1, saltLength: saltLength))
        }
    }

    private static func pkcs1Identifier(_ digest: DigestAlgorithm) -> ObjectIdentifier {
        switch digest {
        case .sha1: ObjectIdentifier([1, 2, 840, 113549, 1, 1, 5])
        case .sha224: ObjectIdentifier([1, 2, 840, 113549, 1, 1, 14])
        case .sha256: ObjectIdentifier([1, 2, 840, 113549, 1, 1, 11])
        case .sha384: ObjectIdentifier([1, 2, 840, 113549, 1, 1, 12])
        case .sha512: ObjectIdentifier([1, 2, 840, 113549, 1, 1, 13])
        }
    }

    private static func ecdsaIdentifier(_ digest: DigestAlgorithm) -> ObjectIdentifier {
        switch digest {
        case .sha1: ObjectIdentifier([1, 2, 840, 10045, 4, 1])
        case .sha224: ObjectIdentifier([1, 2, 840, 10045, 4, 3, 1])
        case .sha256: ObjectIdentifier([1, 2, 840, 10045, 4, 3, 2])
        case .sha384: ObjectIdentifier([1, 2, 840, 10045, 4, 3, 3])
        case .sha512: ObjectIdentifier([1, 2, 840, 10045, 4, 3, 4])
        }
    }

    /// `RSASSA-PSS-params` (RFC 4055, 3.1), leaving out what equals its default, as DER demands.
    private static func pssParameters(digest: DigestAlgorithm, mgf1: DigestAlgorithm, saltLength: Int) -> [UInt8] {
        func hash(_ digest: DigestAlgorithm) -> [UInt8] {
            DER.algorithm(digest.objectIdentifier, parameters: DER.null)
        }
        var fields: [[UInt8]] = []
        if digest != .sha1 { fields.append(DER.tagged(0, hash(digest))) }
        if mgf1 != .sha1 {
            let maskGeneration = DER.algorithm(ObjectIdentifier([1, 2, 840, 113549, 1, 1, 8]), parameters: hash(mgf1))
            fields.append(DER.tagged(1, maskGeneration))
        }
        if saltLength != 20 { fields.append(DER.tagged(2, DER.integer(UInt64(max(0, saltLength))))) }
        return DER.sequence(fields)
    }
}

extension NamedCurve {
    /// The object identifier of the curve (RFC 5480, 2.1.1.1; RFC 5639, 4.1).
    var objectIdentifier: ObjectIdentifier {
        switch self {
        case .secp192r1: ObjectIdentifier([1, 2, 840, 10045, 3, 1, 1])
        case .secp224r1: ObjectIdentifier([1, 3, 132, 0, 33])
        case .secp256r1: ObjectIdentifier([1, 2, 840, 10045, 3, 1, 7])
        case .secp384r1: ObjectIdentifier([1, 3, 132, 0, 34])
        case .secp521r1: ObjectIdentifier([1, 3, 132, 0, 35])
        case .brainpoolP160r1: Self.brainpool(1)
        case .brainpoolP160t1: Self.brainpool(2)
        case .brainpoolP192r1: Self.brainpool(3)
        case .brainpoolP192t1: Self.brainpool(4)
        case .brainpoolP224r1: Self.brainpool(5)
        case .brainpoolP224t1: Self.brainpool(6)
        case .brainpoolP256r1: Self.brainpool(7)
        case .brainpoolP256t1: Self.brainpool(8)
        case .brainpoolP320r1: Self.brainpool(9)
        case .brainpoolP320t1: Self.brainpool(10)
        case .brainpoolP384r1: Self.brainpool(11)
        case .brainpoolP384t1: Self.brainpool(12)
        case .brainpoolP512r1: Self.brainpool(13)
        case .brainpoolP512t1: Self.brainpool(14)
        }
    }

    private static func brainpool(_ number: UInt64) -> ObjectIdentifier {
        ObjectIdentifier([1, 3, 36, 3, 3, 2, 8, 1, 1, number])
    }
}

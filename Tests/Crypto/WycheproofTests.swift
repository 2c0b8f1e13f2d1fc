import Crypto
import Testing
import TestSupport

/// The published cases of Wycheproof. An "acceptable" case may be judged either way; what we do is said where it arises.
@Suite("Wycheproof", .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"))
struct WycheproofTests {
    @Test("every ECDSA case is judged as its result says", arguments: files("ecdsa_"))
    func ecdsa(_ file: String) throws {
        let suite = try SharedVectors.json("wycheproof/\(file)", as: SignatureSuite.self)
        for group in suite.testGroups {
            let key = try PublicKey(subjectPublicKeyInfo: hex(group.publicKeyDer))
            let digest = try #require(DigestAlgorithm(rawValue: group.sha))
            try check(group.tests, in: file) { test in
                try key.verify(signature: hex(test.sig), message: hex(test.msg), scheme: .ecdsa(digest))
            }
        }
    }

    /// Acceptable is a DigestInfo whose NULL is missing; OpenSSL accepts it, and so do we: nothing can be forged by it.
    @Test("every RSA PKCS#1 v1.5 case is judged as its result says", arguments: files("rsa_signature_"))
    func rsaPKCS1(_ file: String) throws {
        let suite = try SharedVectors.json("wycheproof/\(file)", as: SignatureSuite.self)
        for group in suite.testGroups {
            let key = try PublicKey(subjectPublicKeyInfo: hex(group.publicKeyDer))
            let digest = try #require(DigestAlgorithm(rawValue: group.sha))
            try check(group.tests, in: file) { test in
                try key.verify(signature: hex(test.sig), message: hex(test.msg), scheme: .rsaPKCS1(digest))
            }
        }
    }

    @Test("every RSA-PSS case is judged as its result says", arguments: files("rsa_pss_"))
    func rsaPSS(_ file: String) throws {
        let suite = try SharedVectors.json("wycheproof/\(file)", as: SignatureSuite.self)
        for group in suite.testGroups {
            // The hashes SHA-512/224 and SHA-512/256 are not among those of Doc 9303.
            guard let digest = DigestAlgorithm(rawValue: group.sha),
                let mask = DigestAlgorithm(rawValue: group.mgfSha ?? ""), let saltLength = group.sLen
            else { continue }
            let key = try PublicKey(subjectPublicKeyInfo: hex(group.publicKeyDer))
            let scheme = SignatureScheme.rsaPSS(digest: digest, mgf1: mask, saltLength: saltLength)
            try check(group.tests, in: file) { test in
                try key.verify(signature: hex(test.sig), message: hex(test.msg), scheme: scheme)
            }
        }
    }

    @Test("every AES-CMAC case is judged as its result says")
    func aesCMAC() throws {
        let suite = try SharedVectors.json("wycheproof/aes_cmac_test.json", as: MACSuite.self)
        for group in suite.testGroups {
            for test in group.tests {
                let key = SecretBytes(hex(test.key))
                guard [16, 24, 32].contains(key.count) else {
                    #expect(throws: CryptoError.self) { try AESCMAC.tag(key: key, message: hex(test.msg)) }
                    continue
                }
                let tag = try AESCMAC.tag(key: key, message: hex(test.msg)).prefix(group.tagSize / 8)
                #expect((Array(tag) == hex(test.tag)) == (test.result == "valid"), "case \(test.tcId)")
            }
        }
    }

    /// Acceptable are parameters spelt out and changed: we refuse every change of one that arithmetic uses.
    @Test("every ECDH case is judged as its result says", arguments: files("ecdh_"))
    func ecdh(_ file: String) throws {
        let suite = try SharedVectors.json("wycheproof/\(file)", as: AgreementSuite.self)
        for group in suite.testGroups {
            let curve = try #require(NamedCurve(rawValue: group.curve))
            let ecGroup = try ECGroup(curve)
            for test in group.tests {
                let shared = try? sharedSecret(test, in: ecGroup)
                switch test.result {
                case "valid": #expect(shared == hex(test.shared), "\(file) case \(test.tcId)")
                case "invalid": #expect(shared != hex(test.shared), "\(file) case \(test.tcId)")
                default:
                    if let shared { #expect(shared == hex(test.shared), "\(file) case \(test.tcId)") }
                    if test.flags.contains("ModifiedGenerator") || test.flags.contains("WrongOrder")
                        || test.flags.contains("ModifiedCofactor") || test.flags.contains("ModifiedCurveParameter")
                    {
                        #expect(shared == nil, "\(file) case \(test.tcId): \(test.comment)")
                    }
                }
            }
        }
    }

    private func sharedSecret(_ test: AgreementSuite.Case, in group: ECGroup) throws -> [UInt8]? {
        let key = try PublicKey(subjectPublicKeyInfo: hex(test.public))
        guard key.kind == .ec(group.curve), let point = try key.ecPoint() else { return nil }
        return try group.multiply(point, by: SecretBytes(hex(test.private))).x
    }

    private func check(
        _ tests: [SignatureSuite.Case], in file: String, _ verify: (SignatureSuite.Case) throws -> Bool
    ) throws {
        for test in tests {
            let isValid = try verify(test)
            switch test.result {
            case "valid": #expect(isValid, "\(file) case \(test.tcId): \(test.comment)")
            case "invalid": #expect(!isValid, "\(file) case \(test.tcId): \(test.comment)")
            default: #expect(test.flags == ["MissingNull"], "\(file) case \(test.tcId): \(test.comment)")
            }
        }
    }

    private static func files(_ prefix: String) -> [String] {
        SharedVectors.names(in: "wycheproof", suffix: ".json").filter { $0.hasPrefix(prefix) }
    }
}

private struct SignatureSuite: Decodable {
    struct Group: Decodable {
        let publicKeyDer: String
        let sha: String
        let mgfSha: String?
        let sLen: Int?
        let tests: [Case]
    }
    struct Case: Decodable {
        let tcId: Int
        let comment: String
        let flags: [String]
        let msg: String
        let sig: String
        let result: String
    }
    let testGroups: [Group]
}

private struct MACSuite: Decodable {
    struct Group: Decodable {
        let tagSize: Int
        let tests: [Case]
    }
    struct Case: Decodable {
        let tcId: Int
        let key: String
        let msg: String
        let tag: String
        let result: String
    }
    let testGroups: [Group]
}

private struct AgreementSuite: Decodable {
    struct Group: Decodable {
        let curve: String
        let tests: [Case]
    }
    struct Case: Decodable {
        let tcId: Int
        let comment: String
        let flags: [String]
        let `public`: String
        let `private`: String
        let shared: String
        let result: String
    }
    let testGroups: [Group]
}

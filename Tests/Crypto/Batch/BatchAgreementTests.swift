import Testing
import TestSupport

@testable import Crypto

/// The fast path answers as EVP does. Answers are its own here: EVP is not asked of what it refuses.
@Suite(
    "Batch agreement with EVP",
    .enabled(if: !DeprecatedFunctions.areLeftOut, "built without the functions that the fast path takes"))
struct BatchAgreementTests {
    static let curves: [NamedCurve] = [
        .secp224r1, .secp256r1, .secp384r1, .secp521r1, .brainpoolP256r1, .brainpoolP384r1, .brainpoolP512r1,
    ]

    @Test("random signatures, half of them damaged, are judged alike", arguments: curves, [true, false])
    func random(_ curve: NamedCurve, withTables: Bool) throws {
        let signer = try PrivateKey.generateEC(curve)
        let key = try PublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo)
        let stranger = try PublicKey(subjectPublicKeyInfo: PrivateKey.generateEC(curve).subjectPublicKeyInfo)
        for digest in [DigestAlgorithm.sha1, .sha256, .sha512] {
            let cases = try AgreementTrial.randomCases(
                48, by: signer, stranger: stranger, publicKey: key, scheme: .ecdsa(digest))
            var trial = try AgreementTrial(withTables: withTables)
            let result = trial.compare(cases)
            #expect(result.disagreements == [])
            #expect(result.compared == 48)
            // A flipped bit of a hash longer than the order leaves the signature right.
            #expect((24...30).contains(result.accepted))
        }
    }

    @Test("numbers and hashes at the edges, and encodings that are not DER, are judged alike", arguments: curves)
    func edges(_ curve: NamedCurve) throws {
        let cases = try AgreementTrial.edgeCases(on: curve)
        var trial = try AgreementTrial(withTables: false)
        let result = trial.compare(cases)
        #expect(result.disagreements == [])
        #expect(result.accepted > 40)
        #expect(result.accepted < result.compared)
        var withTables = try AgreementTrial(withTables: true)
        #expect(withTables.compare(cases.filter { _ in Bool.random() }.suffix(10)).disagreements == [])
    }

    @Test("RSA signatures, half of them damaged, are judged alike", arguments: [2048, 3072, 4096])
    func rsa(_ bits: Int) throws {
        let signer = try PrivateKey.generateRSA(bits: bits)
        let key = try PublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo)
        let stranger = try PublicKey(subjectPublicKeyInfo: PrivateKey.generateRSA(bits: bits).subjectPublicKeyInfo)
        for digest in DigestAlgorithm.allCases {
            let cases = try AgreementTrial.randomCases(
                16, by: signer, stranger: stranger, publicKey: key, scheme: .rsaPKCS1(digest))
            var trial = try AgreementTrial(withTables: true)
            let result = trial.compare(cases)
            #expect(result.disagreements == [])
            #expect(result.accepted == 8)
        }
    }

    @Test(
        "every Wycheproof case is judged alike, with tables and without",
        .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"),
        arguments: SharedVectors.names(in: "wycheproof", suffix: "_test.json").filter {
            $0.hasPrefix("ecdsa_") || $0.hasPrefix("rsa_signature_")
        })
    func wycheproof(_ file: String) throws {
        let suite = try SharedVectors.json("wycheproof/\(file)", as: WycheproofFile.self)
        for withTables in [true, false] {
            var trial = try AgreementTrial(withTables: withTables)
            for group in suite.testGroups.prefix(withTables ? 10 : .max) {
                let key = try PublicKey(subjectPublicKeyInfo: hex(group.publicKeyDer))
                let digest = try #require(DigestAlgorithm(rawValue: group.sha))
                let scheme: SignatureScheme = file.hasPrefix("ecdsa_") ? .ecdsa(digest) : .rsaPKCS1(digest)
                let cases = try group.tests.map { test in
                    try AgreementTrial.Case(
                        "\(file) \(test.tcId)", key: key, scheme: scheme, message: hex(test.msg),
                        signature: hex(test.sig))
                }
                let disagreements = trial.compare(cases).disagreements
                // EVP alone accepts a DigestInfo whose NULL is missing; the fast path leaves that to it.
                let lenient = group.tests.filter { $0.result == "acceptable" }.map { "\(file) \($0.tcId):" }
                #expect(disagreements.filter { text in !lenient.contains { text.hasPrefix($0) } } == [])
            }
        }
    }
}

/// What is needed of Wycheproof's signature files.
private struct WycheproofFile: Decodable {
    struct Group: Decodable {
        let publicKeyDer: String
        let sha: String
        let tests: [Case]
    }

    struct Case: Decodable {
        let tcId: Int
        let msg: String
        let sig: String
        let result: String
    }

    let testGroups: [Group]
}

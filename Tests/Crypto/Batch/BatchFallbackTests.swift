import Testing

@testable import Crypto

/// What is done where OpenSSL lacks the functions that are deprecated: EVP does it.
@Suite("Batch without deprecated functions")
struct BatchFallbackTests {
    private static let functions = [
        "EC_GROUP_precompute_mult", "EC_POINTs_make_affine", "EC_POINT_get_Jprojective_coordinates_GFp",
    ]

    @Test("one missing function is enough to do without the curve arithmetic", arguments: functions)
    func missing(_ name: String) {
        // Never called: that it is found is all that is asked.
        let found = UnsafeMutableRawPointer(bitPattern: 16)
        #expect(CurveFunctions { $0 == name ? nil : found } == nil)
        #expect((CurveFunctions { _ in found } == nil) == DeprecatedFunctions.areLeftOut)
    }

    @Test("hashes by EVP are those of OpenSSL's own functions, with a byte in front and without")
    func digests() throws {
        let (evp, own) = try (BatchDigests(asksOnlyEVP: true), BatchDigests())
        for algorithm in DigestAlgorithm.allCases {
            for count in [0, 1, 63, 64, 200] {
                let message = [UInt8](repeating: 0x5A, count: count)
                for first in [nil, UInt8(0x31)] {
                    let one = evp.hash(first, message.span, algorithm).map(Array.init)
                    let other = own.hash(first, message.span, algorithm).map(Array.init)
                    #expect(one == other)
                    #expect(one?.count == algorithm.byteCount)
                }
            }
        }
    }

    @Test("EVP alone accepts right signatures and refuses others, and the fast path has no part in it")
    func signatures() throws {
        let schemes: [(PrivateKey, SignatureScheme)] = try [
            (.generateEC(.secp256r1), .ecdsa(.sha256)), (.generateEC(.brainpoolP384r1), .ecdsa(.sha384)),
            (.generateRSA(bits: 2048), .rsaPKCS1(.sha256)),
        ]
        let verifier = try BatchVerifier(tables: TableBudget(isEager: true), asksOnlyEVP: true)
        var expected: [Bool] = []
        var tickets: [Int] = []
        for (signer, scheme) in schemes {
            let key = BatchKey(try PublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo))
            for index in 0..<6 {
                var message = try Random.bytes(40)
                let signature = try signer.sign(message, scheme: scheme)
                if index.isMultiple(of: 2) { message[index] ^= 1 }
                expected.append(!index.isMultiple(of: 2))
                tickets.append(verifier.add(signature.span, by: key, over: message.span, scheme: scheme))
            }
        }
        verifier.judge()
        #expect(tickets.map { verifier.isValid($0) } == expected)
        #expect(verifier.counts.fast == 0)
        #expect(verifier.counts.evp == expected.count)
        #expect(!verifier.canWait(.sha256, 100))
    }
}

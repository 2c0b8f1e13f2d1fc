import COpenSSL

/// Puts the same signatures to the fast path and to EVP, and counts where they differ.
///
/// Half of the random ones are right; the others are damaged in r, in s, in the hash, or stand under another key. Half of
/// the keys have tables. EVP is asked anew of every signature; the fast path must not lean on it.
package struct AgreementTrial {
    /// What came of it.
    package struct Result: Sendable {
        /// Signatures compared.
        package var compared = 0
        /// Accepted by EVP.
        package var accepted = 0
        /// Accepted by one and refused by the other, each described.
        package var disagreements: [String] = []

        /// Nothing yet.
        package init() {}

        /// Both together.
        package mutating func add(_ other: Result) {
            compared += other.compared
            accepted += other.accepted
            disagreements += other.disagreements
        }
    }

    /// A signature to compare on.
    package struct Case {
        let name: String
        let key: PublicKey
        let scheme: SignatureScheme
        let hash: [UInt8]
        let signature: [UInt8]

        /// - Parameters:
        ///   - name: For the description of a disagreement.
        ///   - key: Whose the signature is to be.
        ///   - scheme: The algorithm.
        ///   - message: What is signed.
        ///   - signature: In the form of the scheme.
        package init(
            _ name: String, key: PublicKey, scheme: SignatureScheme, message: [UInt8], signature: [UInt8]
        ) throws(CryptoError) {
            self.init(
                name, key: key, scheme: scheme, hash: try Digest.hash(message, with: scheme.digest),
                signature: signature)
        }

        init(_ name: String, key: PublicKey, scheme: SignatureScheme, hash: [UInt8], signature: [UInt8]) {
            self.name = name
            self.key = key
            self.scheme = scheme
            self.hash = hash
            self.signature = signature
        }
    }

    private let verifier: BatchVerifier
    private var keys: [ObjectIdentifier: BatchKey] = [:]

    /// - Parameter withTables: Whether every key gets a table, or none does.
    package init(withTables: Bool) throws(CryptoError) {
        verifier = try BatchVerifier(tables: TableBudget(maximumCount: withTables ? 16 : 0, isEager: true))
        verifier.asksEVP = false
    }

    /// Compares on these cases.
    package mutating func compare(_ cases: [Case]) -> Result {
        var result = Result()
        verifier.reset()
        var tickets: [Int] = []
        for one in cases {
            let key = keys[ObjectIdentifier(one.key)] ?? BatchKey(one.key)
            keys[ObjectIdentifier(one.key)] = key
            tickets.append(verifier.add(one.signature.span, by: key, hash: one.hash.span, scheme: one.scheme))
        }
        verifier.judge()
        for (one, ticket) in zip(cases, tickets) {
            let expected = one.key.verify(signature: one.signature.span, hash: one.hash.span, scheme: one.scheme)
            result.compared += 1
            if expected { result.accepted += 1 }
            guard expected != verifier.isValid(ticket) else { continue }
            result.disagreements.append("\(one.name): EVP \(expected ? "accepts" : "refuses"), the fast path does not")
        }
        return result
    }

    /// Random signatures by `signer`, half of them damaged.
    package static func randomCases(
        _ count: Int, by signer: PrivateKey, stranger: PublicKey, publicKey: PublicKey, scheme: SignatureScheme
    ) throws(CryptoError) -> [Case] {
        var cases: [Case] = []
        for index in 0..<count {
            let message = try Random.bytes(24)
            let signature = try signer.sign(message, scheme: scheme)
            let hash = try Digest.hash(message, with: scheme.digest)
            var one = Case("random", key: publicKey, scheme: scheme, hash: hash, signature: signature)
            if !index.isMultiple(of: 2) {
                let noise = try Random.bytes(3)
                one = damaged(one, index / 2 % 4, noise, stranger)
            }
            cases.append(one)
        }
        return cases
    }

    private static func damaged(_ one: Case, _ kind: Int, _ noise: [UInt8], _ stranger: PublicKey) -> Case {
        var (hash, signature) = (one.hash, one.signature)
        let flip = UInt8(1) << (noise[1] & 7)
        switch kind {
        case 0:
            hash[Int(noise[0]) % hash.count] ^= flip
            return Case("damaged hash", key: one.key, scheme: one.scheme, hash: hash, signature: signature)
        case 1:
            return Case("other key", key: stranger, scheme: one.scheme, hash: hash, signature: signature)
        default:
            var range = 0..<signature.count
            if let (r, s) = ECDSASignatureValue.parse(signature.span) { range = kind == 2 ? r : s }
            signature[range.lowerBound + (Int(noise[0]) << 8 | Int(noise[2])) % range.count] ^= flip
            return Case("damaged signature", key: one.key, scheme: one.scheme, hash: hash, signature: signature)
        }
    }
}

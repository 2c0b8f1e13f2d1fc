import COpenSSL

/// Asks the batch arithmetic of a curve what EVP was asked, before it is trusted with anything.
enum ECDSASelfTest {
    /// Whether both give the same answers to a right signature and to ones that are wrong in hash, r, s and key.
    static func agrees(_ curve: CurveArithmetic) -> Bool {
        do throws(CryptoError) {
            let digest = DigestAlgorithm.sha256
            let message = Array("the batch arithmetic agrees with EVP".utf8)
            let signer = try PrivateKey.generateEC(curve.curve)
            let stranger = try PrivateKey.generateEC(curve.curve)
            let signature = try signer.sign(message, scheme: .ecdsa(digest))
            let keys = try [signer, stranger].map { (key) throws(CryptoError) in
                try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
            }
            // A flipped lowest bit leaves the encoding of both numbers as it is.
            guard let (r, s) = ECDSASignatureValue.parse(signature.span) else { return false }
            var cases = [(keys[0], message, signature), (keys[1], message, signature)]
            cases.append((keys[0], message + [0], signature))
            for last in [r.upperBound - 1, s.upperBound - 1] {
                var damaged = signature
                damaged[last] ^= 1
                cases.append((keys[0], message, damaged))
            }
            let block = try ECDSABlock(on: curve)
            let tables = TableBudget(maximumCount: 0)
            var answers = [Bool](repeating: false, count: cases.count)
            for (ticket, (key, message, signature)) in cases.enumerated() {
                guard let point = try key.ecPoint() else { return false }
                let hash = try Digest.hash(message, with: digest)
                let batchKey = BatchKey(key, curve, point)
                _ = unsafe hash.withUnsafeBufferPointer { hash in
                    unsafe block.add(batchKey, signature: signature.span, hash: hash, ticket: ticket)
                }
            }
            block.judge(tables, &answers) { _ in false }
            for (ticket, (key, message, signature)) in cases.enumerated() {
                guard try key.verify(signature: signature, message: message, scheme: .ecdsa(digest)) == answers[ticket]
                else { return false }
            }
            return answers[0]
        } catch {
            return false
        }
    }
}

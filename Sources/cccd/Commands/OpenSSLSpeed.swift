import Crypto

/// OpenSSL's own measure of a verification.
enum OpenSSLSpeed {
    /// Verifications in a second of one thread's processor time, and by what they were measured: the program
    /// `openssl speed`, or the library's EVP_PKEY_verify in the same way where the program is not there.
    static func verificationsPerSecond(_ algorithm: BenchAlgorithm, seconds: Int) throws -> (rate: Double, by: String) {
        if let rate = program(algorithm, seconds) { return (rate, "openssl speed") }
        return (try library(algorithm, seconds), "EVP_PKEY_verify")
    }

    /// `openssl speed -mr` ends with a line of fields separated by colons: +F2 for RSA, +F4 for ECDSA, then number, bits,
    /// signatures and verifications in a second.
    private static func program(_ algorithm: BenchAlgorithm, _ seconds: Int) -> Double? {
        let command = "openssl speed -mr -seconds \(seconds) \(algorithm.opensslName) 2>/dev/null"
        guard let output = SystemCalls.output(ofShellCommand: command) else { return nil }
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n").reversed() {
            let fields = line.split(separator: ":")
            guard fields.count == 5, ["+F2", "+F4"].contains(String(fields[0])) else { continue }
            return Double(fields[4])
        }
        return nil
    }

    private static func library(_ algorithm: BenchAlgorithm, _ seconds: Int) throws -> Double {
        let key =
            switch algorithm.key {
            case .ec(let curve): try PrivateKey.generateEC(curve)
            case .rsa(let bits): try PrivateKey.generateRSA(bits: bits)
            }
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        let message = try Random.bytes(32)
        let signature = try key.sign(message, scheme: algorithm.scheme)
        let hash = try Digest.hash(message, with: algorithm.scheme.digest)
        let start = ThreadClock.now
        var count = 0
        while ThreadClock.now - start < Double(seconds) {
            for _ in 0..<16 { _ = publicKey.isSigned(hash: hash, signature: signature, scheme: algorithm.scheme) }
            count += 16
        }
        return Double(count) / (ThreadClock.now - start)
    }
}

import Crypto
import Document

extension ActiveAuthenticationKey {
    /// The answer to INTERNAL AUTHENTICATE over the terminal's challenge (Doc 9303-11, 6.1.2).
    func answer(to challenge: [UInt8], randomness: any ChipRandomness) throws(CryptoError) -> [UInt8] {
        switch try PublicKey(subjectPublicKeyInfo: key.privateKey.subjectPublicKeyInfo).kind {
        case .ec(let curve):
            let signature = try key.privateKey.sign(challenge, scheme: .ecdsa(scheme.digest))
            return try PlainSignature.plain(signature, width: ECGroup(curve).orderByteCount)
        case .rsa(let bits):
            return try key.privateKey.rsaPrivateOperation(
                recoverableBlock(over: challenge, byteCount: (bits + 7) / 8, randomness: randomness))
        }
    }

    /// ISO/IEC 9796-2, digital signature scheme 1 with partial recovery: 6A ‖ M1 ‖ H(M1 ‖ M2) ‖ trailer.
    func recoverableBlock(
        over challenge: [UInt8], byteCount: Int, randomness: any ChipRandomness
    ) throws(CryptoError) -> [UInt8] {
        let trailer: [UInt8] =
            switch scheme.digest {
            case .sha1: [0xBC]
            case .sha224: [0x38, 0xCC]
            case .sha256: [0x34, 0xCC]
            case .sha384: [0x36, 0xCC]
            case .sha512: [0x35, 0xCC]
            }
        let recoverableCount = byteCount - 1 - scheme.digest.byteCount - trailer.count
        guard recoverableCount > 0 else { throw .unsupported("active authentication with so short a key") }
        let recoverable = try randomness.bytes(recoverableCount)
        let hash = try Digest.hash(recoverable + challenge, with: scheme.digest)
        return [0x6A] + recoverable + hash + trailer
    }
}

import Crypto
import Document

/// Judges a run of active authentication (Doc 9303-11, 6.1): whether the chip signed the challenge with the private key to
/// the public key in DG15.
struct ActiveAuthenticationProof {
    enum Judgement: Equatable {
        case proven
        case wrongSignature
        case unsupported(String)
    }

    let transcript: ActiveAuthenticationTranscript

    /// - Parameters:
    ///   - key: What the signed DG15 holds.
    ///   - info: What the signed DG14 says of the algorithm; only elliptic curves need it.
    func judge(_ key: DataGroup15, _ info: ActiveAuthenticationInfo?) -> Judgement {
        guard transcript.challenge.count == 8 else { return .wrongSignature }
        do throws(CryptoError) {
            let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
            switch publicKey.kind {
            case .rsa: return try isRecovered(by: publicKey) ? .proven : .wrongSignature
            case .ec(let curve): return try judge(publicKey, on: curve, info)
            }
        } catch {
            return .unsupported("\(error)")
        }
    }

    // MARK: RSA with message recovery

    /// ISO/IEC 9796-2, digital signature scheme 1, with partial recovery: 6A ‖ M1 ‖ H(M1 ‖ challenge) ‖ trailer.
    private func isRecovered(by key: PublicKey) throws(CryptoError) -> Bool {
        guard let modulus = key.rsaModulus, transcript.signature.count == modulus.count,
            transcript.signature.lexicographicallyPrecedes(modulus)
        else { return false }
        var block = try key.rsaPublicOperation(transcript.signature)
        // The signer takes the smaller of s and n − s; a trailer always ends in the nibble C (ISO/IEC 9796-2, 8.2.2).
        if let last = block.last, last & 0x0F != 0x0C { block = Self.difference(modulus, block) }
        guard block.first == 0x6A, let (digest, trailerCount) = Self.trailer(block) else { return false }
        let hashEnd = block.count - trailerCount
        let hashStart = hashEnd - digest.byteCount
        guard hashStart > 1 else { return false }
        let hash = try Digest.hash(Array(block[1..<hashStart]) + transcript.challenge, with: digest)
        return ConstantTime.areEqual(hash, Array(block[hashStart..<hashEnd]))
    }

    /// BC means SHA-1; otherwise the byte before CC names the hash (ISO/IEC 10118-3, as ISO/IEC 9796-2, 8.1.3 has it).
    private static func trailer(_ block: [UInt8]) -> (DigestAlgorithm, byteCount: Int)? {
        switch Array(block.suffix(2)) {
        case let pair where pair.last == 0xBC: (.sha1, 1)
        case [0x33, 0xCC]: (.sha1, 2)
        case [0x34, 0xCC]: (.sha256, 2)
        case [0x35, 0xCC]: (.sha512, 2)
        case [0x36, 0xCC]: (.sha384, 2)
        case [0x38, 0xCC]: (.sha224, 2)
        default: nil
        }
    }

    /// a − b for numbers of one length with b below a.
    private static func difference(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var result = a
        var borrow = 0
        for index in a.indices.reversed() {
            let digit = Int(a[index]) - Int(b[index]) - borrow
            borrow = digit < 0 ? 1 : 0
            result[index] = UInt8(truncatingIfNeeded: digit)
        }
        return result
    }

    // MARK: ECDSA

    /// The signature is plain: r ‖ s, each as long as the curve's order (BSI TR-03111, 5.2.1).
    private func judge(
        _ key: PublicKey, on curve: NamedCurve, _ info: ActiveAuthenticationInfo?
    ) throws(CryptoError) -> Judgement {
        let width = try ECGroup(curve).orderByteCount
        guard transcript.signature.count == 2 * width else { return .wrongSignature }
        let signature = TLVEncoder.element(
            .sequence,
            [transcript.signature.prefix(width), transcript.signature.suffix(width)].flatMap(Self.integer))
        for digest in try Self.digests(info) {
            if try key.verify(signature: signature, message: transcript.challenge, scheme: .ecdsa(digest)) {
                return .proven
            }
        }
        return .wrongSignature
    }

    /// The hash that DG14 names. Where it names none any may be meant, and each that verifies proves the key.
    private static func digests(_ info: ActiveAuthenticationInfo?) throws(CryptoError) -> [DigestAlgorithm] {
        guard let info else { return DigestAlgorithm.allCases }
        guard let digest = plainSchemes[info.signatureAlgorithm] else {
            throw .unsupported("\(info.signatureAlgorithm)")
        }
        return [digest]
    }

    /// ecdsa-plain-signatures (BSI TR-03111, 5.2.1.1).
    private static let plainSchemes: [ObjectIdentifier: DigestAlgorithm] = [
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 1]): .sha1,
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 2]): .sha224,
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3]): .sha256,
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 4]): .sha384,
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 5]): .sha512,
    ]

    private static func integer(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let significant = Array(bytes.drop { $0 == 0 })
        guard let first = significant.first else { return TLVEncoder.element(.integer, [0]) }
        return TLVEncoder.element(.integer, first & 0x80 == 0 ? significant : [0] + significant)
    }
}

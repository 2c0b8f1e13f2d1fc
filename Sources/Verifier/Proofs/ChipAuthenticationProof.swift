import Crypto
import Document

/// Judges a run of chip authentication (Doc 9303-11, 6.2): whether the first answer under the new session keys shows that
/// the chip had them, and so the private key to the public key in DG14.
struct ChipAuthenticationProof {
    enum Judgement: Equatable {
        case proven
        /// The key that was used does not stand in DG14.
        case foreignKey
        /// The answer's checksum is not that of the session keys, or it has none.
        case wrongAnswer
        case unsupported(String)
    }

    let transcript: ChipAuthenticationTranscript

    /// - Parameter infos: What the signed DG14 holds.
    func judge(_ infos: SecurityInfos) -> Judgement {
        guard let key = infos.chipAuthenticationPublicKeys.first(where: isKeyUsed) else { return .foreignKey }
        guard let cipher = cipher(infos) else { return .unsupported("\(transcript.protocolOID)") }
        do throws(CryptoError) {
            return try isChecksumRight(try sharedSecret(key.keyAgreement), cipher) ? .proven : .wrongAnswer
        } catch {
            return .unsupported("\(error)")
        }
    }

    private func isKeyUsed(_ info: ChipAuthenticationPublicKeyInfo) -> Bool {
        info.subjectPublicKeyInfo == transcript.chipPublicKey && info.keyID == transcript.keyID
    }

    /// The cipher of the variant; chips that have a key and announce no variant mean 3DES (BSI TR-03110-1, A.1.1.2).
    private func cipher(_ infos: SecurityInfos) -> CipherAlgorithm? {
        let offered = infos.chipAuthentication.first { $0.protocolOID == transcript.protocolOID }
        guard let offered else { return infos.chipAuthentication.isEmpty ? .tripleDES : nil }
        return switch offered.cipher {
        case .tripleDES: .tripleDES
        case .aes128: .aes128
        case .aes192: .aes192
        case .aes256: .aes256
        }
    }

    /// K of Doc 9303-11, 6.2.1, step 4: the first coordinate of the product, or the power as long as the prime.
    private func sharedSecret(_ agreement: KeyAgreement) throws(CryptoError) -> [UInt8] {
        let secret = SecretBytes(transcript.terminalPrivateKey)
        guard agreement == .ecdh else { return try integerKey().agree(with: secret) }
        let key = try PublicKey(subjectPublicKeyInfo: transcript.chipPublicKey)
        guard case .ec(let curve) = key.kind, let point = try key.ecPoint() else {
            throw .unsupported("chip authentication with \(key.kind.name)")
        }
        return try ECGroup(curve).multiply(point, by: secret).x
    }

    private func integerKey() throws(CryptoError) -> IntegerKey {
        let key: DHPublicKey
        do throws(DocumentError) { key = try DHPublicKey(transcript.chipPublicKey) } catch {
            throw .invalidKey("\(error)")
        }
        let group: DHGroup
        switch key.parameters {
        case .standardized(let id): group = try DHGroup(standardizedDomainParameterID: id)
        case .explicit(let prime, let generator, let order?):
            group = try DHGroup(prime: prime, generator: generator, order: order)
        case .explicit(let prime, let generator, nil):
            group = try DHGroup.standardized(prime: prime, generator: generator)
        }
        return IntegerKey(group: group, publicValue: key.publicValue)
    }

    private struct IntegerKey {
        let group: DHGroup
        let publicValue: [UInt8]

        func agree(with secret: SecretBytes) throws(CryptoError) -> [UInt8] {
            try group.agree(publicValue, with: secret).bytes
        }
    }

    /// Computes DO'8E' of the answer again (Doc 9303-11, 9.8): the send sequence counter is 2 for the first answer.
    private func isChecksumRight(_ secret: [UInt8], _ cipher: CipherAlgorithm) throws(CryptoError) -> Bool {
        guard let answer = ProtectedAnswer(transcript.response) else { return false }
        let hash = try Digest.hash(secret + [0, 0, 0, 2], with: cipher.keyByteCount <= 16 ? .sha1 : .sha256)
        let key = SecretBytes(Array(hash.prefix(cipher.keyByteCount)))
        let counter = [UInt8](repeating: 0, count: cipher.blockByteCount - 1) + [2]
        var message = counter + answer.authenticated + [0x80]
        message += [UInt8](
            repeating: 0, count: (cipher.blockByteCount - message.count % cipher.blockByteCount) % cipher.blockByteCount
        )
        let checksum =
            cipher == .tripleDES
            ? try RetailMAC.tag(key: key, message: message)
            : Array(try AESCMAC.tag(key: key, message: message).prefix(8))
        return ConstantTime.areEqual(checksum, answer.checksum)
    }
}

/// A response APDU in secure messaging: data objects, the last of which is the checksum over those before it.
private struct ProtectedAnswer {
    /// DO'87' or DO'85' and DO'99' as they stand.
    let authenticated: [UInt8]
    /// The value of DO'8E'.
    let checksum: [UInt8]

    /// Nil when the answer has another form, or no status under its checksum that is the status it came with.
    init?(_ response: [UInt8]) {
        guard response.count >= 2, response.count <= 1024 else { return nil }
        let data = Array(response.dropLast(2))
        var cursor = TLVCursor(data.span)
        var hasStatus = false
        while let element = try? cursor.next() {
            switch element.tag {
            case 0x87, 0x85: continue
            case 0x99:
                guard Array(data[element.content]) == Array(response.suffix(2)) else { return nil }
                hasStatus = true
            case 0x8E:
                guard hasStatus, cursor.isAtEnd, element.content.count == 8 else { return nil }
                authenticated = Array(data[..<element.start])
                checksum = Array(data[element.content])
                return
            default: return nil
            }
        }
        return nil
    }
}

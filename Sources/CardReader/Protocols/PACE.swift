import Crypto
import Document

/// Which of a document's secrets PACE is run with (Doc 9303-11, 4.4.4.1, data object 83).
public enum PACEPassword: UInt8, Hashable, Sendable {
    /// The three fields of the machine readable zone.
    case mrz = 1
    /// The card access number; on a Vietnamese card the last six digits of the personal number.
    case can = 2
}

/// Password Authenticated Connection Establishment over elliptic curves with generic mapping (Doc 9303-11, 4.4).
struct PACE {
    let session: ChipSession
    let randomness: Randomness
    /// The variant that EF.CardAccess offers, and its curve.
    let info: PACEInfo
    let curve: NamedCurve
    /// Whether EF.CardAccess offers several domain parameters, so that the chip must be told which are meant.
    let namesParameters: Bool

    /// The most bytes that an encrypted nonce is taken to have; real ones have 16 or 32.
    private static let nonceLimit = 64

    private var cipher: CipherAlgorithm { info.variant.cipher.algorithm }

    /// The curve of a variant that this type can run; nil for others.
    static func curve(of info: PACEInfo) -> NamedCurve? {
        guard info.version == 2, info.variant.keyAgreement == .ecdh, info.variant.mapping == .generic,
            let parameterID = info.parameterID
        else { return nil }
        return NamedCurve(standardizedDomainParameterID: parameterID)
    }

    /// Opens the chip with a password.
    ///
    /// - Parameters:
    ///   - password: Which password it is.
    ///   - secret: Its encoding f(π) (Doc 9303-11, 9.7.3).
    /// - Throws: `protocolViolation` when the chip sends what no honest chip would: points that are none, the
    ///   terminal's own point, a wrong authentication token after the terminal's was accepted.
    func open(with password: PACEPassword, secret: SecretBytes) throws(CardReaderError) -> AccessOutcome {
        let selected = try session.send(setAuthenticationTemplate(password))
        // 63Cx warns how many tries are left; the protocol is selected nevertheless.
        guard selected.status == .success || selected.status.remainingTries != nil else {
            return .refused(selected.status, step: "MSE:Set AT")
        }

        let group = try cryptography { () throws(CryptoError) in try ECGroup(curve) }
        let first = try authenticate([], isLast: false)
        guard first.status == .success else { return .refused(first.status, step: "GENERAL AUTHENTICATE, nonce") }
        let nonce = try decrypted(nonce: object(0x80, in: first, step: "the nonce"), secret: secret)

        let mappingKey = try keyPair(group)
        let second = try authenticate(TLVEncoder.element(0x81, mappingKey.point.encoded), isLast: false)
        guard second.status == .success else { return .refused(second.status, step: "GENERAL AUTHENTICATE, mapping") }
        let chipMappingPoint = try point(
            object(0x82, in: second, step: "the mapping"), of: group, ours: mappingKey.point, step: "the mapping")
        // Ĝ = s·G + H (Doc 9303-11, 4.4.3.3.1)
        let mapped = try violation(in: "the mapping") { () throws(CryptoError) in
            let shared = try group.multiply(chipMappingPoint, by: mappingKey.scalar)
            return try group.withGenerator(group.add(group.multiplyGenerator(by: nonce), shared))
        }

        let ephemeralKey = try keyPair(mapped)
        let third = try authenticate(TLVEncoder.element(0x83, ephemeralKey.point.encoded), isLast: false)
        guard third.status == .success else {
            return .refused(third.status, step: "GENERAL AUTHENTICATE, key agreement")
        }
        let chipPoint = try point(
            object(0x84, in: third, step: "the key agreement"), of: mapped, ours: ephemeralKey.point,
            step: "the key agreement")
        let keys = try violation(in: "the key agreement") { () throws(CryptoError) in
            let shared = try mapped.multiply(chipPoint, by: ephemeralKey.scalar)
            return try SessionKeys(from: SecretBytes(shared.x), for: cipher)
        }

        let fourth = try authenticate(TLVEncoder.element(0x85, token(over: chipPoint, keys)), isLast: true)
        guard fourth.status == .success else {
            return fourth.status.meansUnknownCommand
                ? .refused(fourth.status, step: "GENERAL AUTHENTICATE, token") : .wrongKey(fourth.status)
        }
        let chipToken = try object(0x86, in: fourth, step: "the token", allowsOthers: true)
        guard ConstantTime.areEqual(chipToken, try token(over: ephemeralKey.point, keys)) else {
            throw .protocolViolation(step: "PACE", reason: "the chip's authentication token is wrong")
        }
        return .opened(SecureMessaging(cipher: cipher, keys: keys))
    }

    private func setAuthenticationTemplate(_ password: PACEPassword) -> CommandAPDU {
        var data = TLVEncoder.element(0x80, info.protocolOID.content) + TLVEncoder.element(0x83, [password.rawValue])
        if namesParameters, let parameterID = info.parameterID {
            data += TLVEncoder.element(0x84, [UInt8(truncatingIfNeeded: parameterID)])
        }
        return CommandAPDU(instruction: 0x22, parameter1: 0xC1, parameter2: 0xA4, data: data)
    }

    private func authenticate(_ object: [UInt8], isLast: Bool) throws(CardReaderError) -> ResponseAPDU {
        try session.send(
            CommandAPDU(
                instructionClass: isLast ? 0x00 : 0x10, instruction: 0x86, parameter1: 0, parameter2: 0,
                data: TLVEncoder.element(0x7C, object), expectedCount: CommandAPDU.shortExpectedLimit))
    }

    /// The value of the one object that a step's dynamic authentication data must hold (Doc 9303-11, table 4).
    private func object(
        _ tag: Tag, in answer: ResponseAPDU, step: String, allowsOthers: Bool = false
    ) throws(CardReaderError) -> [UInt8] {
        do throws(DocumentError) {
            var cursor = TLVCursor(answer.data.span)
            let template = try cursor.next(0x7C)
            try cursor.expectEnd()
            var objects = cursor.inside(template)
            let value = objects.copy(try objects.next(tag).content)
            if !allowsOthers { try objects.expectEnd() }
            return value
        } catch {
            throw .protocolViolation(step: "PACE", reason: "\(step) is malformed (\(error))")
        }
    }

    private func decrypted(nonce: [UInt8], secret: SecretBytes) throws(CardReaderError) -> SecretBytes {
        guard !nonce.isEmpty, nonce.count <= Self.nonceLimit, nonce.count.isMultiple(of: cipher.blockByteCount) else {
            throw .protocolViolation(step: "PACE", reason: "the nonce has \(nonce.count) bytes")
        }
        return try cryptography { () throws(CryptoError) in
            let key = try KeyDerivation.key(from: secret, for: .password, of: cipher)
            let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
            return SecretBytes(try BlockCipher(cipher, key: key).decryptCBC(nonce, iv: zero))
        }
    }

    private func keyPair(_ group: ECGroup) throws(CardReaderError) -> (scalar: SecretBytes, point: ECPoint) {
        try cryptography { () throws(CryptoError) in
            let scalar = try randomness.scalar(group)
            return (scalar, try group.multiplyGenerator(by: scalar))
        }
    }

    /// A point that the chip sent: on the curve, not infinity, and not our own sent back (Doc 9303-11, 4.4.1, step 3d).
    private func point(
        _ encoded: [UInt8], of group: ECGroup, ours: ECPoint, step: String
    ) throws(CardReaderError) -> ECPoint {
        let point = try violation(in: step) { () throws(CryptoError) in try group.point(encoded) }
        guard point != ours else { throw .protocolViolation(step: "PACE", reason: "\(step) sends our own point back") }
        return point
    }

    /// T = MAC(KS_MAC, public key data object) (Doc 9303-11, 4.4.3.4 and 9.4.4).
    private func token(over point: ECPoint, _ keys: SessionKeys) throws(CardReaderError) -> [UInt8] {
        let object = TLVEncoder.element(
            0x7F49, [info.protocolOID.encoded, TLVEncoder.element(0x86, point.encoded)])
        return try cryptography { () throws(CryptoError) in
            try cipher.checksum(
                key: keys.authentication,
                message: cipher == .tripleDES ? BlockPadding.pad(object, to: cipher.blockByteCount) : object)
        }
    }

    /// Runs a computation on what the chip sent: where that is no point, or leads to infinity, the chip is at fault.
    private func violation<Result>(
        in step: String, _ body: () throws(CryptoError) -> Result
    ) throws(CardReaderError) -> Result {
        do throws(CryptoError) { return try body() } catch {
            if case .invalidPoint(let reason) = error {
                throw .protocolViolation(step: "PACE", reason: "\(step) leads to no usable point (\(reason))")
            }
            throw .cryptography(error)
        }
    }
}

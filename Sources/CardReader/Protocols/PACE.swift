import Crypto
import Document

/// Which of a document's secrets PACE is run with (Doc 9303-11, 4.4.4.1, data object 83).
public enum PACEPassword: UInt8, Hashable, Sendable {
    /// The three fields of the machine readable zone.
    case mrz = 1
    /// The card access number; on a Vietnamese card the last six digits of the personal number.
    case can = 2
}

/// Password Authenticated Connection Establishment (Doc 9303-11, 4.4).
struct PACE {
    let session: ChipSession
    let randomness: Randomness
    /// The variant that EF.CardAccess offers, and its domain parameters.
    let info: PACEInfo
    let parameters: DomainParameters
    /// Whether EF.CardAccess offers several domain parameters, so that the chip must be told which are meant.
    let namesParameters: Bool

    /// The most bytes that an encrypted nonce is taken to have; real ones have 16 or 32.
    private static let nonceLimit = 64

    private var cipher: CipherAlgorithm { info.variant.cipher.algorithm }

    /// The domain parameters of a variant that this type can run; nil for others.
    ///
    /// - Parameter explicit: Those that the chip spells out beside the variant.
    static func parameters(of info: PACEInfo, explicit: [PACEDomainParameterInfo] = []) -> DomainParameters? {
        guard info.version == 2, let parameters = domainParameters(of: info, explicit),
            parameters.keyAgreement == info.variant.keyAgreement,
            // The prime of P-224 is 1 modulo 4 (Doc 9303-11, 9.5.1).
            info.variant.mapping != .integrated || parameters != .curve(.secp224r1)
        else { return nil }
        return parameters
    }

    private static func domainParameters(
        of info: PACEInfo, _ explicit: [PACEDomainParameterInfo]
    ) -> DomainParameters? {
        if let id = info.parameterID, DomainParameters.assignedNumbers.contains(id) { return DomainParameters(id: id) }
        let fitting = explicit.filter {
            $0.keyAgreement == info.variant.keyAgreement && $0.mapping == info.variant.mapping
        }
        // A variant that names no parameters means the only ones there are.
        let meant = fitting.first { $0.parameterID == info.parameterID } ?? (fitting.count == 1 ? fitting.first : nil)
        guard let meant, info.parameterID == nil || meant.parameterID == info.parameterID else { return nil }
        return DomainParameters(algorithmIdentifier: meant.domainParameter, info.variant.keyAgreement)
    }

    /// Opens the chip with a password.
    ///
    /// - Parameters:
    ///   - password: Which password it is.
    ///   - secret: Its encoding f(π) (Doc 9303-11, 9.7.3).
    /// - Throws: `protocolViolation` when the chip sends what no honest chip would: public keys that are none, the
    ///   terminal's own key, a wrong authentication token after the terminal's was accepted.
    func open(with password: PACEPassword, secret: SecretBytes) throws(CardReaderError) -> AccessOutcome {
        let key = try cryptography { () throws(CryptoError) in
            try KeyDerivation.key(from: secret, for: .password, of: cipher)
        }
        return try open(with: password, key: key)
    }

    /// - Parameter key: K_π, derived from the password.
    func open(with password: PACEPassword, key: SecretBytes) throws(CardReaderError) -> AccessOutcome {
        let selected = try session.send(setAuthenticationTemplate(password))
        // 63Cx warns how many tries are left; the protocol is selected nevertheless.
        guard selected.status == .success || selected.status.remainingTries != nil else {
            return .refused(selected.status, step: "MSE:Set AT")
        }
        do throws(Interruption) {
            return try exchange(key)
        } catch {
            switch error {
            case .refused(let status, let step): return .refused(status, step: "GENERAL AUTHENTICATE, \(step)")
            case .failed(let error): throw error
            }
        }
    }

    /// Why the steps did not come to their end.
    private enum Interruption: Error {
        case refused(StatusWord, step: String)
        case failed(CardReaderError)
    }

    /// The four steps of Doc 9303-11, table 4.
    private func exchange(_ key: SecretBytes) throws(Interruption) -> AccessOutcome {
        let group = try computing { () throws(CryptoError) in try parameters.group() }
        let first = try step("nonce", [])
        let nonce = try decrypted(nonce: value(0x80, in: first, of: "nonce"), key)
        let (mapped, chipMappingKey) = try map(nonce, in: group)

        let ours = try computing { () throws(CryptoError) in try mapped.keyPair(randomness) }
        let third = try step("key agreement", TLVEncoder.element(0x83, ours.publicKey))
        let theirs = try publicKey(value(0x84, in: third, of: "key agreement"), otherThan: ours, of: "key agreement")
        let keys = try computing(on: "key agreement") { () throws(CryptoError) in
            try SessionKeys(from: mapped.sharedSecret(ours.privateKey, with: theirs), for: cipher)
        }

        let answer = try send(TLVEncoder.element(0x85, token(over: theirs, in: mapped, keys)), isLast: true)
        guard answer.status == .success else {
            guard !answer.status.meansUnknownCommand else { throw .refused(answer.status, step: "token") }
            return .wrongKey(answer.status)
        }
        let fourth = try objects(in: answer, of: "token")
        guard let chipToken = fourth[0x86] else { throw violation("the token is missing") }
        guard ConstantTime.areEqual(chipToken, try token(over: ours.publicKey, in: mapped, keys)) else {
            throw violation("the chip's authentication token is wrong")
        }
        var opened = OpenedChip(messaging: SecureMessaging(cipher: cipher, keys: keys))
        (opened.chipIdentifier, opened.terminalIdentifier) = try computing { () throws(CryptoError) in
            (try mapped.compressed(theirs), try mapped.compressed(ours.publicKey))
        }
        opened.certificationAuthorities = [fourth[0x87], fourth[0x88]].compactMap { $0 }
        if info.variant.mapping == .chipAuthentication, let id = parameters.number {
            opened.mapping = PACEChipAuthenticationMappingTranscript(
                protocolOID: info.protocolOID, parameterID: id, chipMappingPublicKey: chipMappingKey,
                chipAuthenticationData: try fourth[0x8A].flatMap { data throws(Interruption) in
                    try chipAuthenticationData(data, keys)
                } ?? [])
        }
        return .opened(opened)
    }

    /// The second step: the group with the mapped generator and, but for integrated mapping, the chip's public key of it.
    private func map(
        _ nonce: SecretBytes, in group: AgreementGroup
    ) throws(Interruption) -> (AgreementGroup, chipKey: [UInt8]) {
        switch info.variant.mapping {
        case .generic, .chipAuthentication:
            let ours = try computing { () throws(CryptoError) in try group.keyPair(randomness) }
            let answer = try step("mapping", TLVEncoder.element(0x81, ours.publicKey))
            let theirs = try publicKey(value(0x82, in: answer, of: "mapping"), otherThan: ours, of: "mapping")
            let mapped = try computing(on: "mapping") { () throws(CryptoError) in
                try group.mapped(by: nonce, ours.privateKey, with: theirs)
            }
            return (mapped, theirs)
        case .integrated:
            let mapping = IntegratedMapping(cipher: cipher)
            guard nonce.count == mapping.chipNonceByteCount else {
                throw violation("the nonce has \(nonce.count) bytes instead of \(mapping.chipNonceByteCount)")
            }
            let terminalNonce = try computing { () throws(CryptoError) in
                try randomness.bytes(mapping.terminalNonceByteCount)
            }
            let answer = try step("mapping", TLVEncoder.element(0x81, terminalNonce))
            // The object is to be there and empty (Doc 9303-11, 4.4.5.2.2); without it nothing is amiss either.
            guard answer.isEmpty || answer == [0x82: []] else { throw violation("the mapping is not empty") }
            let mapped = try computing(on: "mapping") { () throws(CryptoError) in
                try mapping.map(group, chipNonce: nonce, terminalNonce: terminalNonce)
            }
            return (mapped, [])
        }
    }

    private func setAuthenticationTemplate(_ password: PACEPassword) -> CommandAPDU {
        var data = TLVEncoder.element(0x80, info.protocolOID.content) + TLVEncoder.element(0x83, [password.rawValue])
        if namesParameters, let parameterID = info.parameterID {
            data += TLVEncoder.element(0x84, [UInt8(truncatingIfNeeded: parameterID)])
        }
        return CommandAPDU(instruction: 0x22, parameter1: 0xC1, parameter2: 0xA4, data: data)
    }

    // MARK: Exchanged data

    /// One step before the last: what the chip answers to it.
    private func step(_ name: String, _ object: [UInt8]) throws(Interruption) -> [Tag: [UInt8]] {
        let answer = try send(object, isLast: false)
        guard answer.status == .success else { throw .refused(answer.status, step: name) }
        return try objects(in: answer, of: name)
    }

    private func send(_ object: [UInt8], isLast: Bool) throws(Interruption) -> ResponseAPDU {
        let data = TLVEncoder.element(0x7C, object)
        // A key that makes the command long is answered by one as long.
        let limit =
            data.count > CommandAPDU.shortDataLimit
            ? CommandAPDU.extendedExpectedLimit : CommandAPDU.shortExpectedLimit
        do throws(CardReaderError) {
            return try session.send(
                CommandAPDU(
                    instructionClass: isLast ? 0x00 : 0x10, instruction: 0x86, parameter1: 0, parameter2: 0, data: data,
                    expectedCount: limit))
        } catch {
            throw .failed(error)
        }
    }

    /// The dynamic authentication data of an answer; no object comes twice.
    private func objects(in answer: ResponseAPDU, of step: String) throws(Interruption) -> [Tag: [UInt8]] {
        do throws(DocumentError) {
            var cursor = TLVCursor(answer.data.span)
            let template = try cursor.next(0x7C)
            try cursor.expectEnd()
            var content = cursor.inside(template)
            var objects: [Tag: [UInt8]] = [:]
            while !content.isAtEnd {
                let element = try content.next()
                guard objects.updateValue(content.copy(element.content), forKey: element.tag) == nil else {
                    throw .unexpectedTag(element.tag, expected: 0x7C, offset: element.start)
                }
            }
            return objects
        } catch {
            throw violation("the \(step) is malformed (\(error))")
        }
    }

    /// The value of the one object that an answer must hold.
    private func value(_ tag: Tag, in objects: [Tag: [UInt8]], of step: String) throws(Interruption) -> [UInt8] {
        guard objects.count == 1, let value = objects[tag] else {
            throw violation("the answer to the \(step) does not hold the one object \(tag)")
        }
        return value
    }

    /// A public key that the chip sent, which must not be our own sent back (Doc 9303-11, 4.4.1, step 3d).
    private func publicKey(
        _ key: [UInt8], otherThan ours: AgreementKeyPair, of step: String
    ) throws(Interruption) -> [UInt8] {
        guard !AgreementGroup.areEqual(key, ours.publicKey) else {
            throw violation("the \(step) sends our own public key back")
        }
        return key
    }

    // MARK: Computations

    private func decrypted(nonce: [UInt8], _ key: SecretBytes) throws(Interruption) -> SecretBytes {
        guard !nonce.isEmpty, nonce.count <= Self.nonceLimit, nonce.count.isMultiple(of: cipher.blockByteCount) else {
            throw violation("the nonce has \(nonce.count) bytes")
        }
        return try computing { () throws(CryptoError) in
            let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
            return try BlockCipher(cipher, key: key).decryptSecretCBC(nonce, iv: zero)
        }
    }

    /// T = MAC(KS_MAC, public key data object) (Doc 9303-11, 4.4.3.4 and 9.4.5).
    private func token(
        over publicKey: [UInt8], in group: AgreementGroup, _ keys: SessionKeys
    ) throws(Interruption) -> [UInt8] {
        let object = TLVEncoder.element(
            0x7F49, [info.protocolOID.encoded, TLVEncoder.element(group.publicKeyTag, publicKey)])
        return try computing { () throws(CryptoError) in
            try cipher.checksum(
                key: keys.authentication,
                message: cipher == .tripleDES ? BlockPadding.pad(object, to: cipher.blockByteCount) : object)
        }
    }

    /// CA_IC from A_IC (Doc 9303-11, 4.4.3.5); nil when it does not decrypt to anything.
    private func chipAuthenticationData(
        _ encrypted: [UInt8], _ keys: SessionKeys
    ) throws(Interruption) -> [UInt8]? {
        guard !encrypted.isEmpty, encrypted.count.isMultiple(of: cipher.blockByteCount) else { return nil }
        let padded = try computing { () throws(CryptoError) in
            let block = try BlockCipher(cipher, key: keys.encryption)
            let vector = try block.encryptBlock([UInt8](repeating: 0xFF, count: cipher.blockByteCount))
            return try block.decryptCBC(encrypted, iv: vector)
        }
        return BlockPadding.unpad(padded, from: cipher.blockByteCount)
    }

    private func violation(_ reason: String) -> Interruption {
        .failed(.protocolViolation(step: "PACE", reason: reason))
    }

    /// Runs a computation. Where it is on what the chip sent in `step`, and that is no public key or leads to none, the
    /// chip is at fault.
    private func computing<Result>(
        on step: String? = nil, _ body: () throws(CryptoError) -> Result
    ) throws(Interruption) -> Result {
        do throws(CryptoError) { return try body() } catch {
            if let step, case .invalidPoint(let reason) = error {
                throw violation("the \(step) leads to no usable public key (\(reason))")
            }
            throw .failed(.cryptography(error))
        }
    }
}

import Crypto
import Document
import Testing

@testable import Simulator

/// The other end of the wire, as small as the tests need it. That both ends follow the standard and not merely each
/// other is what the worked examples are for.
final class TestTerminal {
    let chip: any SimulatedChip
    private var session: (keys: SessionKeys, counter: [UInt8])?

    init(_ chip: any SimulatedChip) { self.chip = chip }

    /// Sends a command as it is.
    func plain(_ command: [UInt8]) throws -> [UInt8] { try #require(chip.answer(command)) }

    /// Sends a command in hexadecimal as it is and gives the answer in hexadecimal.
    func plain(_ hex: String) throws -> String {
        let bytes = try #require(Hexadecimal.bytes(hex))
        return Hexadecimal.text(try plain(bytes))
    }

    /// Sends a command in hexadecimal, protected, and gives the plain answer, status word at its end.
    func secure(_ hex: String, isExtended: Bool = false) throws -> [UInt8] {
        let bytes = try #require(Hexadecimal.bytes(hex))
        let command = try #require(CommandAPDU(bytes))
        let answer = try plain(try protected(command, isExtended: isExtended))
        return try opened(answer, instruction: command.ins)
    }

    /// The protected form of a command.
    func protected(_ command: CommandAPDU, isExtended: Bool = false) throws -> [UInt8] {
        increment()
        let (keys, counter) = try #require(session)
        let isOdd = command.ins & 1 != 0
        let header = [command.cla | 0x0C, command.ins, command.p1, command.p2]
        var objects: [UInt8] = []
        if !command.data.isEmpty {
            let cryptogram = try keys.encrypt(command.data, counter: counter)
            objects += TLVEncoder.element(isOdd ? 0x85 : 0x87, (isOdd ? [] : [1]) + cryptogram)
        }
        if command.expectedCount > 0 {
            let low = UInt8(truncatingIfNeeded: command.expectedCount)
            let high = UInt8(truncatingIfNeeded: command.expectedCount >> 8)
            objects += TLVEncoder.element(0x97, command.isExtended ? [high, low] : [low])
        }
        let padded = Padding.added(to: header, block: keys.algorithm.blockByteCount)
        let code = try keys.authenticationCode(padded + objects, counter: counter)
        objects += TLVEncoder.element(0x8E, code)
        guard isExtended else { return header + [UInt8(objects.count)] + objects + [0] }
        return header + [0, UInt8(objects.count >> 8), UInt8(objects.count & 0xFF)] + objects + [0, 0]
    }

    /// The plain form of a protected answer.
    func opened(_ answer: [UInt8], instruction: UInt8) throws -> [UInt8] {
        increment()
        let (keys, counter) = try #require(session)
        let body = Array(answer.dropLast(2))
        var cursor = TLVCursor(body.span)
        let data = try cursor.nextIfPresent(instruction & 1 != 0 ? 0x85 : 0x87)
        let status = try cursor.next(0x99)
        let authenticated = Array(body[..<cursor.position])
        let code = cursor.copy(try cursor.next(0x8E).content)
        let statusBytes = cursor.copy(status.content)
        let cryptogram = data.map { cursor.copy($0.content) }
        let expected = try keys.authenticationCode(authenticated, counter: counter)
        #expect(code == expected)
        #expect(statusBytes == Array(answer.suffix(2)))
        guard let cryptogram else { return statusBytes }
        let bytes = instruction & 1 != 0 ? cryptogram : Array(cryptogram.dropFirst())
        return try #require(try keys.decrypt(bytes, counter: counter)) + statusBytes
    }

    /// Makes the next answer come under other keys, as after chip authentication.
    func start(_ keys: SessionKeys, counter: [UInt8]? = nil) {
        session = (keys, counter ?? [UInt8](repeating: 0, count: keys.algorithm.blockByteCount))
    }

    func selectApplication() throws { #expect(try plain("00A4040C07A0000002471001") == "9000") }

    /// BAC; the status word of EXTERNAL AUTHENTICATE.
    func openBAC(_ mrzInformation: String) throws -> String {
        let challenge = try plain([0x00, 0x84, 0x00, 0x00, 0x08])
        guard challenge.count == 10 else { return Hexadecimal.text(challenge) }
        let seed = Array(try Digest.hash(Array(mrzInformation.utf8), with: .sha1).prefix(16))
        let encryption = try BlockCipher(
            .tripleDES, key: ChipKeyDerivation.key(seed, .encryption, for: .tripleDES))
        let authentication = try ChipKeyDerivation.key(seed, .authentication, for: .tripleDES)
        let zero = [UInt8](repeating: 0, count: 8)
        let nonce = try Random.bytes(8)
        let key = try Random.bytes(16)
        let cryptogram = try encryption.encryptCBC(nonce + challenge.prefix(8) + key, iv: zero)
        let code = try RetailMAC.tag(key: authentication, message: Padding.added(to: cryptogram, block: 8))
        let answer = try plain([0x00, 0x82, 0x00, 0x00, 0x28] + cryptogram + code + [0x28])
        guard answer.count == 42 else { return Hexadecimal.text(answer.suffix(2)) }
        let received = try encryption.decryptCBC(Array(answer.prefix(32)), iv: zero)
        #expect(Array(received[8..<16]) == nonce)
        start(
            try SessionKeys(secret: zip(received[16...], key).map { $0 ^ $1 }, cipher: .tripleDES),
            counter: Array(challenge[4..<8] + nonce.suffix(4)))
        return "9000"
    }

    /// PACE with generic mapping; the status word at which it ended.
    func openPACE(_ offer: PACEOffer, password: [UInt8], reference: UInt8) throws -> String {
        let environment = TLVEncoder.element(0x80, offer.identifier.content) + [0x83, 1, reference]
        let set = try plain([0x00, 0x22, 0xC1, 0xA4, UInt8(environment.count)] + environment)
        guard set == [0x90, 0x00] else { return Hexadecimal.text(set) }
        let group = try ECGroup(try #require(NamedCurve(standardizedDomainParameterID: offer.parameterID)))
        let nonceAnswer = try general([], 0, 0x80)
        let password = try ChipKeyDerivation.key(password, .password, for: offer.cipher)
        let zero = [UInt8](repeating: 0, count: offer.cipher.blockByteCount)
        let nonce = SecretBytes(try BlockCipher(offer.cipher, key: password).decryptCBC(nonceAnswer, iv: zero))
        let mapping = try group.randomScalar()
        let chipMapping = try general(try group.multiplyGenerator(by: mapping).encoded, 0x81, 0x82)
        let shared = try group.multiply(try group.point(chipMapping), by: mapping)
        let mapped = try group.withGenerator(try group.add(try group.multiplyGenerator(by: nonce), shared))
        let secret = try mapped.randomScalar()
        let publicKey = try mapped.multiplyGenerator(by: secret)
        let chipKey = try mapped.point(try general(publicKey.encoded, 0x83, 0x84))
        let keys = try SessionKeys(secret: try mapped.multiply(chipKey, by: secret).x, cipher: offer.cipher)
        func token(_ point: ECPoint) throws -> [UInt8] {
            try keys.authenticationCode(
                TLVEncoder.element(0x7F49, offer.identifier.encoded + TLVEncoder.element(0x86, point.encoded)))
        }
        let data = DynamicAuthenticationData.encoded(0x85, try token(chipKey))
        let answer = try plain([0x00, 0x86, 0x00, 0x00, UInt8(data.count)] + data + [0])
        guard answer.suffix(2) == [0x90, 0x00] else { return Hexadecimal.text(answer) }
        #expect(answer.dropLast(2) == DynamicAuthenticationData.encoded(0x86, try token(publicKey))[...])
        start(keys)
        return "9000"
    }

    private func general(_ value: [UInt8], _ tag: Document.Tag, _ answerTag: Document.Tag) throws -> [UInt8] {
        let data = tag == 0 ? DynamicAuthenticationData.empty : DynamicAuthenticationData.encoded(tag, value)
        let answer = try plain([0x10, 0x86, 0x00, 0x00, UInt8(data.count)] + data + [0])
        try #require(answer.suffix(2) == [0x90, 0x00])
        return try DynamicAuthenticationData(Array(answer.dropLast(2))).only(answerTag)
    }

    private func increment() {
        guard let keys = session?.keys, var counter = session?.counter else { return }
        for index in counter.indices.reversed() {
            counter[index] &+= 1
            if counter[index] != 0 { break }
        }
        session = (keys, counter)
    }
}

import Crypto
import Document
import Testing

@testable import CardReader

@Suite("Secure messaging")
struct SecureMessagingTests {
    private static let ciphers: [CipherAlgorithm] = CipherAlgorithm.allCases
    private static let secret: [UInt8] = [UInt8](1...32)

    /// A terminal and a chip that share a secret.
    private static func ends(_ cipher: CipherAlgorithm) throws -> (terminal: SecureMessaging, chip: ChipMessaging) {
        let keys = try SessionKeys(from: SecretBytes(secret), for: cipher)
        return (SecureMessaging(cipher: cipher, keys: keys), try ChipMessaging(cipher: cipher, secret: secret))
    }

    /// One command, and the chip's honest answer to it.
    private static func exchange(
        _ cipher: CipherAlgorithm, data: [UInt8] = [1, 2, 3], status: [UInt8] = [0x90, 0x00]
    ) throws -> (terminal: SecureMessaging, chip: ChipMessaging, answer: [UInt8]) {
        var (terminal, chip) = try ends(cipher)
        let command = try terminal.protect(.readBinary(offset: 0, count: 200))
        #expect(try chip.open(header: command.header, objects: command.data)?.expected == 200)
        let answer = try chip.seal(data, status: status)
        return (terminal, chip, answer)
    }

    private static func fault(_ terminal: SecureMessaging, _ answer: [UInt8]) -> SecureMessagingFault? {
        var terminal = terminal
        do throws(CardReaderError) {
            _ = try terminal.unprotect(ResponseAPDU(answer))
            return nil
        } catch {
            guard case .secureMessaging(let fault) = error else { return nil }
            return fault
        }
    }

    @Test("Commands of every case and length arrive, and answers of every length come back", arguments: ciphers)
    func roundTrip(_ cipher: CipherAlgorithm) throws {
        var (terminal, chip) = try Self.ends(cipher)
        for count in [0, 1, 7, 8, 15, 16, 17, 100, 223, 231, 250, 300, 5000] {
            for expected in [nil, 1, 256, 257, 65_536] {
                for instruction: UInt8 in [0xB0, 0xB1] {
                    let data = [UInt8](repeating: UInt8(count & 0xFF), count: count)
                    let plain = CommandAPDU(
                        instruction: instruction, parameter1: 1, parameter2: 2, data: data, expectedCount: expected)
                    let protected = try terminal.protect(plain)
                    let wire = try #require(TestChip.fields(protected.encoded()))
                    let opened = try #require(try chip.open(header: protected.header, objects: wire.data))
                    #expect(opened.data == data && opened.expected == expected)
                    let sealed = try chip.seal(data, status: [0x62, 0x82], oddInstruction: instruction == 0xB1)
                    let answer = try terminal.unprotect(ResponseAPDU(sealed))
                    #expect(answer == ResponseAPDU(data: data, status: .endOfFile))
                }
            }
        }
    }

    @Test("The longest data that is asked for fits a short answer, and one block more would not", arguments: ciphers)
    func dataLimit(_ cipher: CipherAlgorithm) throws {
        let limit = SecureMessaging.dataLimit(cipher, answerByteCount: 256)
        #expect(limit == (cipher == .tripleDES ? 231 : 223))
        let fitting = try Self.exchange(cipher, data: [UInt8](repeating: 1, count: limit)).answer
        #expect(fitting.count - 2 <= 256)
        let next = try Self.exchange(cipher, data: [UInt8](repeating: 1, count: limit + 1)).answer
        #expect(next.count - 2 > 256)
        let extended = SecureMessaging.dataLimit(cipher, answerByteCount: 65_536)
        let long = try Self.exchange(cipher, data: [UInt8](repeating: 1, count: extended)).answer
        #expect(long.count - 2 <= 65_536)
    }

    @Test("An answer without protection is never accepted, whatever its status word", arguments: ciphers)
    func unprotected(_ cipher: CipherAlgorithm) throws {
        let (terminal, _, _) = try Self.exchange(cipher)
        for status: [UInt8] in [[0x90, 0x00], [0x62, 0x82], [0x69, 0x82], [0x6A, 0x82], [0x69, 0x88]] {
            #expect(Self.fault(terminal, status) == .ended(StatusWord(status[0], status[1])))
            #expect(Self.fault(terminal, bytes("60145F010430313037") + status) == .unprotectedData)
        }
    }

    @Test("An answer with any bit changed is refused", arguments: ciphers)
    func changedBits(_ cipher: CipherAlgorithm) throws {
        let (terminal, _, answer) = try Self.exchange(cipher)
        #expect(Self.fault(terminal, answer) == nil)
        for index in answer.indices {
            for bit in 0..<8 {
                var changed = answer
                changed[index] ^= 1 << bit
                #expect(Self.fault(terminal, changed) != nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test("An answer cut off anywhere, or with anything behind it, is refused", arguments: ciphers)
    func truncated(_ cipher: CipherAlgorithm) throws {
        let (terminal, _, answer) = try Self.exchange(cipher)
        let objects = Array(answer.dropLast(2))
        for count in objects.indices { #expect(Self.fault(terminal, objects.prefix(count) + [0x90, 0x00]) != nil) }
        #expect(Self.fault(terminal, objects + [0x00, 0x90, 0x00]) != nil)
        #expect(Self.fault(terminal, objects + objects + [0x90, 0x00]) == .malformed)
    }

    @Test("A checksum that is absent, short or of other data is refused", arguments: ciphers)
    func checksum(_ cipher: CipherAlgorithm) throws {
        var (terminal, chip, answer) = try Self.exchange(cipher)
        let protected = answer.dropLast(2 + 10)
        #expect(Self.fault(terminal, protected + [0x90, 0x00]) == .checksumMissing)
        #expect(Self.fault(terminal, protected + bytes("8E00") + [0x90, 0x00]) == .malformed)
        let tag = try #require(answer.dropLast(2).suffix(8).first)
        #expect(Self.fault(terminal, protected + [0x8E, 0x01, tag, 0x90, 0x00]) == .malformed)
        // The checksum of another answer at the same place in the conversation.
        chip.counter = [UInt8](repeating: 0, count: cipher.blockByteCount)
        chip.step()
        let other = try chip.seal([9, 9, 9], status: [0x90, 0x00])
        #expect(Self.fault(terminal, protected + other.dropLast(2).suffix(10) + [0x90, 0x00]) == .checksumWrong)
    }

    @Test("An answer replayed, skipped or reordered is refused", arguments: ciphers)
    func counter(_ cipher: CipherAlgorithm) throws {
        var (terminal, chip, first) = try Self.exchange(cipher)
        let next = try chip.seal([4], status: [0x90, 0x00])
        #expect(Self.fault(terminal, next) == .checksumWrong)
        _ = try terminal.unprotect(ResponseAPDU(first))
        _ = try terminal.protect(.readBinary(offset: 3, count: 1))
        #expect(Self.fault(terminal, first) == .checksumWrong)
    }

    @Test("DO'99' that is absent, or differs from the real status word, is refused", arguments: ciphers)
    func status(_ cipher: CipherAlgorithm) throws {
        var (terminal, chip, answer) = try Self.exchange(cipher)
        #expect(Self.fault(terminal, answer.dropLast(2) + [0x62, 0x82]) == .statusDiffers)
        #expect(Self.fault(terminal, answer.dropLast(2) + [0x61, 0x00]) == .statusDiffers)

        chip.counter = [UInt8](repeating: 0, count: cipher.blockByteCount)
        chip.step()
        chip.step()
        let encrypted = Array(answer.prefix(2 + Int(answer[1])))
        let tag = TLVEncoder.element(0x8E, try chip.checksum(encrypted))
        #expect(Self.fault(terminal, encrypted + tag + [0x90, 0x00]) == .statusMissing)
        let alone = TLVEncoder.element(0x8E, try chip.checksum([]))
        #expect(Self.fault(terminal, alone + [0x90, 0x00]) == .statusMissing)
        let short = encrypted + bytes("990190")
        let shortTag = TLVEncoder.element(0x8E, try chip.checksum(short))
        #expect(Self.fault(terminal, short + shortTag + [0x90, 0x00]) == .statusDiffers)
    }

    @Test(
        "Data with a wrong padding indicator or wrong padding is refused though its checksum is right",
        arguments: ciphers)
    func padding(_ cipher: CipherAlgorithm) throws {
        var (terminal, chip) = try Self.ends(cipher)
        _ = try terminal.protect(.readBinary(offset: 0, count: 1))
        chip.step()
        chip.step()
        let block = cipher.blockByteCount
        let encrypt = { (data: [UInt8]) in
            try BlockCipher(cipher, key: chip.encryptionKey).encryptCBC(data, iv: chip.vector())
        }
        let sealed = { (value: [UInt8]) in
            let objects = TLVEncoder.element(0x87, value) + bytes("99029000")
            return objects + TLVEncoder.element(0x8E, try chip.checksum(objects)) + [0x90, 0x00]
        }
        let good = [UInt8](repeating: 7, count: block - 1) + [0x80]
        #expect(try Self.fault(terminal, sealed([0x01] + encrypt(good))) == nil)
        #expect(try Self.fault(terminal, sealed([0x02] + encrypt(good))) == .paddingIndicatorWrong)
        #expect(try Self.fault(terminal, sealed(encrypt(good))) != nil)
        #expect(try Self.fault(terminal, sealed([])) == .paddingIndicatorWrong)
        #expect(try Self.fault(terminal, sealed([0x01])) == .paddingWrong)
        #expect(try Self.fault(terminal, sealed([0x01] + encrypt(good).dropLast())) == .paddingWrong)
        let allZero = [UInt8](repeating: 0, count: block)
        for bad in [allZero, [UInt8](repeating: 7, count: block), [0x80] + [UInt8](repeating: 0, count: 2 * block - 1)]
        {
            #expect(try Self.fault(terminal, sealed([0x01] + encrypt(bad))) == .paddingWrong)
        }
    }

    @Test(
        "Protected objects out of order, twice or unknown are refused though the checksum is right", arguments: ciphers)
    func order(_ cipher: CipherAlgorithm) throws {
        var (terminal, chip) = try Self.ends(cipher)
        _ = try terminal.protect(.readBinary(offset: 0, count: 1))
        chip.step()
        chip.step()
        let encrypted = TLVEncoder.element(
            0x87,
            [0x01] + (try BlockCipher(cipher, key: chip.encryptionKey).encryptCBC(chip.padded([1]), iv: chip.vector())))
        let status = bytes("99029000")
        for objects in [
            status + encrypted, encrypted + encrypted + status, status + status, encrypted + bytes("8100") + status,
        ] {
            let answer = objects + TLVEncoder.element(0x8E, try chip.checksum(objects)) + [0x90, 0x00]
            #expect(Self.fault(terminal, answer) != nil)
        }
    }

    @Test("A session that was broken sends nothing more until the chip is opened again")
    func brokenSession() throws {
        let (terminal, _, _) = try Self.exchange(.aes128)
        let channel = ScriptedChannel([])
        let scripted = FixedChannel(answer: [0x69, 0x88])
        let session = ChipSession(channel: scripted)
        session.start(terminal)
        #expect(throws: CardReaderError.secureMessaging(.ended(StatusWord(0x69, 0x88)))) {
            try session.send(.select(.com))
        }
        #expect(throws: CardReaderError.secureMessaging(.sessionOver)) { try session.send(.select(.com)) }
        #expect(scripted.count == 1)
        #expect(channel.isDone)
    }
}

private final class FixedChannel: CardChannel {
    let atr: [UInt8] = []
    let allowsExtendedLength = false
    let answer: [UInt8]
    private(set) var count = 0

    init(answer: [UInt8]) { self.answer = answer }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        count += 1
        return answer
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {}
}

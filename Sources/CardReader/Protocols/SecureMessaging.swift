import Crypto
import Document

/// Secure messaging in encrypt-then-authenticate mode (Doc 9303-11, 9.8), the terminal's side.
struct SecureMessaging {
    typealias Cipher = CipherAlgorithm

    let cipher: Cipher
    private let keys: SessionKeys
    /// SSC: as long as a block, increased before every command and before every answer.
    private var sendSequenceCounter: [UInt8]

    private static let checksumByteCount = 8
    private static let encryptedData: Tag = 0x87
    private static let encryptedDataOfOddInstruction: Tag = 0x85
    private static let expectedCount: Tag = 0x97
    private static let status: Tag = 0x99
    private static let checksum: Tag = 0x8E

    /// - Parameter sendSequenceCounter: Its start value, one block; nil for zero, as everywhere but after BAC.
    init(cipher: Cipher, keys: SessionKeys, sendSequenceCounter: [UInt8]? = nil) {
        self.cipher = cipher
        self.keys = keys
        self.sendSequenceCounter = sendSequenceCounter ?? [UInt8](repeating: 0, count: cipher.blockByteCount)
    }

    /// The longest data that a protected answer of `answerByteCount` bytes, status word apart, has room for: DO'87'
    /// around whole blocks with at least one byte of padding, DO'99' of four and DO'8E' of ten bytes.
    static func dataLimit(_ cipher: Cipher, answerByteCount: Int) -> Int {
        let overhead = answerByteCount <= 0x100 ? 1 + 2 + 1 + 4 + 10 : 1 + 3 + 1 + 4 + 10
        return max(0, (answerByteCount - overhead) / cipher.blockByteCount * cipher.blockByteCount - 1)
    }

    /// The protected form of a command (Doc 9303-11, figure 5).
    mutating func protect(_ command: CommandAPDU) throws(CardReaderError) -> CommandAPDU {
        increaseCounter()
        var protected = command
        protected.instructionClass |= 0x0C
        var objects: [UInt8] = []
        if !command.data.isEmpty {
            let encrypted = try cryptography { () throws(CryptoError) in
                try blockCipher().encryptCBC(
                    BlockPadding.pad(command.data, to: cipher.blockByteCount), iv: initialisationVector())
            }
            objects +=
                command.instruction.isMultiple(of: 2)
                ? TLVEncoder.element(Self.encryptedData, [0x01] + encrypted)
                : TLVEncoder.element(Self.encryptedDataOfOddInstruction, encrypted)
        }
        if let count = command.expectedCount {
            let isShort = count <= CommandAPDU.shortExpectedLimit && !command.isExtended
            let bytes = [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
            objects += TLVEncoder.element(Self.expectedCount, isShort ? [bytes[1]] : bytes)
        }
        let header = BlockPadding.pad(protected.header, to: cipher.blockByteCount)
        let tag = try checksum(
            over: objects.isEmpty ? header : BlockPadding.pad(header + objects, to: cipher.blockByteCount))
        protected.data = objects + TLVEncoder.element(Self.checksum, tag)
        // Le of the protected command says no more than which form its length fields have.
        protected.prefersExtendedLength = command.isExtended || protected.data.count > CommandAPDU.shortDataLimit
        protected.expectedCount =
            protected.prefersExtendedLength ? CommandAPDU.extendedExpectedLimit : CommandAPDU.shortExpectedLimit
        return protected
    }

    /// The answer that a protected one carries (Doc 9303-11, figure 6).
    ///
    /// - Throws: `secureMessaging` unless the answer is protected whole, in order, and by this session at this place of
    ///   it. The session must not be used any further then.
    mutating func unprotect(_ answer: ResponseAPDU) throws(CardReaderError) -> ResponseAPDU {
        increaseCounter()
        guard !answer.data.isEmpty else { throw .secureMessaging(.ended(answer.status)) }
        let objects = try ProtectionObjects(answer)
        let authenticated = BlockPadding.pad(
            Array(answer.data[..<objects.authenticatedCount]), to: cipher.blockByteCount)
        guard ConstantTime.areEqual(try checksum(over: authenticated), objects.checksum) else {
            throw .secureMessaging(.checksumWrong)
        }
        guard objects.status == answer.status.encoded else { throw .secureMessaging(.statusDiffers) }
        guard let encrypted = objects.encrypted else { return ResponseAPDU(status: answer.status) }
        guard !encrypted.isEmpty, encrypted.count.isMultiple(of: cipher.blockByteCount) else {
            throw .secureMessaging(.paddingWrong)
        }
        let padded = try cryptography { () throws(CryptoError) in
            try blockCipher().decryptCBC(encrypted, iv: initialisationVector())
        }
        guard let data = BlockPadding.unpad(padded, from: cipher.blockByteCount) else {
            throw .secureMessaging(.paddingWrong)
        }
        return ResponseAPDU(data: data, status: answer.status)
    }

    private func blockCipher() throws(CryptoError) -> BlockCipher { try BlockCipher(cipher, key: keys.encryption) }

    /// Zero for 3DES, the encrypted counter for AES (Doc 9303-11, 9.8.6.1 and 9.8.7.1).
    private func initialisationVector() throws(CryptoError) -> [UInt8] {
        guard cipher != .tripleDES else { return [UInt8](repeating: 0, count: cipher.blockByteCount) }
        return try blockCipher().encryptBlock(sendSequenceCounter)
    }

    private func checksum(over message: [UInt8]) throws(CardReaderError) -> [UInt8] {
        try cryptography { () throws(CryptoError) in
            try cipher.checksum(key: keys.authentication, message: sendSequenceCounter + message)
        }
    }

    private mutating func increaseCounter() {
        for index in sendSequenceCounter.indices.reversed() {
            sendSequenceCounter[index] &+= 1
            if sendSequenceCounter[index] != 0 { return }
        }
    }

    /// The data objects of a protected answer: [DO'85' or DO'87'] DO'99' DO'8E', in this order and nothing else.
    ///
    /// DO'99' is required here though the standard's list puts it in brackets: without it the status word is anybody's.
    private struct ProtectionObjects {
        /// The cryptogram without padding indicator, nil when the answer carries no data.
        var encrypted: [UInt8]?
        let status: [UInt8]
        let checksum: [UInt8]
        /// How many bytes from the start the checksum is over.
        let authenticatedCount: Int

        private static let tags: Set<UInt8> = [0x85, 0x87, 0x8E, 0x99]

        init(_ answer: ResponseAPDU) throws(CardReaderError) {
            guard let tag = answer.data.first, Self.tags.contains(tag) else { throw .secureMessaging(.unprotectedData) }
            do {
                var cursor = TLVCursor(answer.data.span)
                let first = try cursor.next()
                let status: TLVElement
                switch first.tag {
                case SecureMessaging.encryptedData:
                    let content = cursor.copy(first.content)
                    guard content.first == 0x01 else { throw SecureMessagingFault.paddingIndicatorWrong }
                    encrypted = Array(content.dropFirst())
                    status = try Self.next(SecureMessaging.status, &cursor, orThrow: .statusMissing)
                case SecureMessaging.encryptedDataOfOddInstruction:
                    encrypted = cursor.copy(first.content)
                    status = try Self.next(SecureMessaging.status, &cursor, orThrow: .statusMissing)
                case SecureMessaging.status: status = first
                case SecureMessaging.checksum: throw SecureMessagingFault.statusMissing
                default: throw SecureMessagingFault.malformed
                }
                let checksum = try Self.next(SecureMessaging.checksum, &cursor, orThrow: .checksumMissing)
                guard cursor.isAtEnd, checksum.content.count == SecureMessaging.checksumByteCount else {
                    throw SecureMessagingFault.malformed
                }
                self.status = cursor.copy(status.content)
                self.checksum = cursor.copy(checksum.content)
                authenticatedCount = checksum.start
            } catch let fault as SecureMessagingFault {
                throw .secureMessaging(fault)
            } catch {
                throw .secureMessaging(.malformed)
            }
        }

        private static func next(
            _ tag: Tag, _ cursor: inout TLVCursor, orThrow fault: SecureMessagingFault
        ) throws -> TLVElement {
            guard let element = try cursor.nextIfPresent(tag) else { throw fault }
            return element
        }
    }
}

import Crypto
import Document

/// The chip's side of secure messaging (Doc 9303-11, 9.8), for tests: sharing nothing with the terminal's.
struct ChipMessaging {
    let cipher: CipherAlgorithm
    let encryptionKey: SecretBytes
    let authenticationKey: SecretBytes
    var counter: [UInt8]

    init(cipher: CipherAlgorithm, secret: [UInt8], counter: [UInt8]? = nil) throws {
        self.cipher = cipher
        encryptionKey = try Self.derive(secret, 1, cipher)
        authenticationKey = try Self.derive(secret, 2, cipher)
        self.counter = counter ?? [UInt8](repeating: 0, count: cipher.blockByteCount)
    }

    static func derive(_ secret: [UInt8], _ number: UInt8, _ cipher: CipherAlgorithm) throws -> SecretBytes {
        let isLong = cipher == .aes192 || cipher == .aes256
        let hash = try Digest.hash(secret + [0, 0, 0, number], with: isLong ? .sha256 : .sha1)
        return SecretBytes(Array(hash.prefix(cipher.keyByteCount)))
    }

    mutating func step() {
        var carry = true
        for index in counter.indices.reversed() where carry {
            counter[index] &+= 1
            carry = counter[index] == 0
        }
    }

    func padded(_ data: [UInt8]) -> [UInt8] {
        var padded = data + [0x80]
        while padded.count % cipher.blockByteCount != 0 { padded.append(0) }
        return padded
    }

    func checksum(_ message: [UInt8]) throws -> [UInt8] {
        let input = counter + padded(message)
        return cipher == .tripleDES
            ? try RetailMAC.tag(key: authenticationKey, message: input)
            : Array(try AESCMAC.tag(key: authenticationKey, message: input).prefix(8))
    }

    func vector() throws -> [UInt8] {
        let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
        guard cipher != .tripleDES else { return zero }
        return try BlockCipher(cipher, key: encryptionKey).encryptCBC(counter, iv: zero)
    }

    /// Checks and decrypts the data objects of a command; nil when the chip would end the session.
    mutating func open(header: [UInt8], objects: [UInt8]) throws -> (data: [UInt8], expected: Int?)? {
        step()
        var cursor = TLVCursor(objects.span)
        var encrypted: [UInt8] = []
        var expected: Int?
        while !cursor.isAtEnd {
            let element = try cursor.next()
            let value = cursor.copy(element.content)
            switch element.tag {
            case 0x87: encrypted = Array(value.dropFirst())
            case 0x85: encrypted = value
            case 0x97:
                let count = value.reduce(0) { $0 << 8 | Int($1) }
                expected = count == 0 ? (value.count == 1 ? 256 : 65_536) : count
            case 0x8E:
                let covered = Array(objects[..<element.start])
                let message = padded(header) + covered
                let tag =
                    covered.isEmpty
                    ? try checksum(header) : try checksum(message)
                guard tag == value, cursor.isAtEnd else { return nil }
            default: return nil
            }
        }
        guard !encrypted.isEmpty else { return ([], expected) }
        var data = try BlockCipher(cipher, key: encryptionKey).decryptCBC(encrypted, iv: vector())
        while data.last == 0 { data.removeLast() }
        guard data.popLast() == 0x80 else { return nil }
        return (data, expected)
    }

    /// The protected answer, status word included.
    mutating func seal(_ data: [UInt8], status: [UInt8], oddInstruction: Bool = false) throws -> [UInt8] {
        step()
        var objects: [UInt8] = []
        if !data.isEmpty {
            let encrypted = try BlockCipher(cipher, key: encryptionKey).encryptCBC(padded(data), iv: vector())
            objects +=
                oddInstruction ? TLVEncoder.element(0x85, encrypted) : TLVEncoder.element(0x87, [0x01] + encrypted)
        }
        objects += TLVEncoder.element(0x99, status)
        return objects + TLVEncoder.element(0x8E, try checksum(objects)) + status
    }
}

import Crypto
import Document

/// Secure messaging as the chip does it (Doc 9303-11, 9.8): opens commands, closes answers, counts both.
struct SecureChannel: Sendable {
    private let keys: SessionKeys
    private var counter: [UInt8]

    /// - Parameters:
    ///   - keys: The session's keys.
    ///   - counter: The send sequence counter's start; nil for zero.
    init(keys: SessionKeys, counter: [UInt8]? = nil) {
        self.keys = keys
        self.counter = counter ?? [UInt8](repeating: 0, count: keys.algorithm.blockByteCount)
    }

    /// The plain command inside a protected one.
    ///
    /// - Throws: `secureMessagingObjectsMissing` without DO'8E', `secureMessagingObjectsIncorrect` for anything else
    ///   that is wrong; the caller then ends the session.
    mutating func open(_ command: CommandAPDU) throws(ChipRefusal) -> CommandAPDU {
        increment()
        let objects = try SecuredData(command)
        guard let code = objects.code else { throw ChipRefusal(status: .secureMessagingObjectsMissing) }
        let header = Padding.added(to: command.header, block: keys.algorithm.blockByteCount)
        let expected = try refusing { () throws(CryptoError) in
            try keys.authenticationCode(header + objects.authenticated, counter: counter)
        }
        guard ConstantTime.areEqual(expected, code) else { throw ChipRefusal(status: .secureMessagingObjectsIncorrect) }
        var plain = command
        plain.cla &= ~0x0C
        plain.data = []
        if let cryptogram = objects.cryptogram {
            let data = try refusing { () throws(CryptoError) in try keys.decrypt(cryptogram, counter: counter) }
            guard let data else { throw ChipRefusal(status: .secureMessagingObjectsIncorrect) }
            plain.data = data
        }
        (plain.expectedCount, plain.expectsAll) = objects.expected
        return plain
    }

    /// The protected form of an answer to a command with that instruction: DO'87' or DO'85', DO'99', DO'8E'.
    mutating func close(_ response: ChipResponse, instruction: UInt8) throws(CryptoError) -> ChipResponse {
        increment()
        var objects: [UInt8] = []
        if !response.data.isEmpty {
            let cryptogram = try encrypted(response.data)
            let isOdd = instruction & 1 != 0
            objects += TLVEncoder.element(isOdd ? 0x85 : 0x87, (isOdd ? [] : [0x01]) + cryptogram)
        }
        objects += TLVEncoder.element(0x99, response.status.bytes)
        let code = try authenticationCode(over: objects)
        return ChipResponse(data: objects + TLVEncoder.element(0x8E, code), status: response.status)
    }

    /// The most plain bytes whose protected answer has no more than `limit` bytes before the status word.
    func plainCapacity(of limit: Int) -> Int {
        // DO'99' takes 4 bytes, DO'8E' 10, DO'87' a tag, a length and the padding indicator.
        let room = limit - 14
        let lengthBytes = room - 3 > 0xFF ? 3 : room - 3 > 0x7F ? 2 : 1
        let block = keys.algorithm.blockByteCount
        return max(0, (room - 2 - lengthBytes) / block * block - 1)
    }

    /// The cryptogram of `data` at this place of the session; without padding, zeros fill the last block.
    func encrypted(_ data: [UInt8], padded: Bool = true) throws(CryptoError) -> [UInt8] {
        guard !padded else { return try keys.encrypt(data, counter: counter) }
        let block = keys.algorithm.blockByteCount
        let rest = data.count % block
        return try keys.encryptBlocks(
            data + [UInt8](repeating: 0, count: rest == 0 ? 0 : block - rest), counter: counter)
    }

    /// The authentication code over the objects of an answer at this place of the session.
    func authenticationCode(over objects: [UInt8]) throws(CryptoError) -> [UInt8] {
        try keys.authenticationCode(objects, counter: counter)
    }

    mutating func increment() {
        for index in counter.indices.reversed() {
            counter[index] &+= 1
            if counter[index] != 0 { return }
        }
    }
}

/// The data objects of a protected command, in the order that Doc 9303-11, 9.8.4 demands.
private struct SecuredData {
    /// The bytes under the authentication code: the objects before DO'8E'.
    let authenticated: [UInt8]
    /// The encrypted data, without padding indicator.
    let cryptogram: [UInt8]?
    /// Ne and whether it stands for all.
    let expected: (Int, Bool)
    /// The authentication code.
    let code: [UInt8]?

    init(_ command: CommandAPDU) throws(ChipRefusal) {
        do throws(DocumentError) {
            var cursor = TLVCursor(command.data.span)
            let isOdd = command.ins & 1 != 0
            let data = try cursor.nextIfPresent(isOdd ? 0x85 : 0x87)
            let length = try cursor.nextIfPresent(0x97)
            authenticated = Array(command.data[..<cursor.position])
            code = try cursor.nextIfPresent(0x8E).map { Array(command.data[$0.content]) }
            try cursor.expectEnd()
            expected = try Self.expected(length.map { Array(command.data[$0.content]) })
            guard let data else {
                cryptogram = nil
                return
            }
            let content = Array(command.data[data.content])
            guard isOdd || content.first == 0x01 else {
                throw .unsupported(field: "padding indicator", value: Hexadecimal.text(content.prefix(1)))
            }
            cryptogram = isOdd ? content : Array(content.dropFirst())
        } catch {
            throw ChipRefusal(status: .secureMessagingObjectsIncorrect)
        }
    }

    /// Ne as DO'97' writes it: one byte or two, zeros for all.
    private static func expected(_ bytes: [UInt8]?) throws(DocumentError) -> (Int, Bool) {
        guard let bytes else { return (0, false) }
        guard bytes.count == 1 || bytes.count == 2 else {
            throw .invalidValue(field: "DO'97'", reason: "it has \(bytes.count) bytes")
        }
        let value = bytes.reduce(0) { $0 << 8 | Int($1) }
        return (value == 0 ? 1 << (8 * bytes.count) : value, value == 0)
    }
}

/// Runs `body`; a public key that is none is the terminal's fault (6A80), all else the chip's own failure (6F00).
func refusing<Result>(_ body: () throws(CryptoError) -> Result) throws(ChipRefusal) -> Result {
    do throws(CryptoError) {
        return try body()
    } catch {
        if case .invalidPoint = error { throw ChipRefusal(status: .wrongData) }
        throw ChipRefusal(status: .internalError)
    }
}

import Crypto
import Document

@testable import CardReader

/// A chip in memory that does BAC and PACE, and has the habits of real chips when told to.
final class TestChip: CardChannel {
    /// What differs from chip to chip.
    struct Habits {
        /// READ BINARY may name a file by its short identifier.
        var knowsShortIdentifiers = true
        /// Extended length fields are understood.
        var knowsExtendedLength = true
        /// READ BINARY past the end of a file gives what there is, rather than 6700.
        var readsPastEnd = true
        /// READ BINARY for more than there is gives 6Cxx, the length that would be right.
        var namesRightLength = false
        /// SELECT gives file control information, asked for or not.
        var givesControlInformation = false
        /// Secure messaging ends with every status word but 9000 and 6282, which then comes without protection.
        var endsSessionOnFailure = false
        /// READ BINARY gives nothing, and 9000, from this offset on.
        var isEmptyFrom = Int.max
        /// SELECT without file control information is understood.
        var selectsSilently = true
        /// The most data one answer carries, whatever is asked for.
        var answerLimit = 65_536
        /// Secure messaging ends when this file is selected or read.
        var endsSessionOn: UInt16?
        /// Secure messaging ends over an answer longer than this.
        var endsSessionAbove = 65_536
        /// Every answer with data is fetched by GET RESPONSE, as over T=0, in pieces of this size.
        var pieceByteCount: Int?
        /// MSE:Set KAT is known; without it chip authentication with 3DES takes MSE:Set AT.
        var knowsKeyAgreementTemplate = true
        /// What becomes of chip authentication.
        var chipAuthentication = ChipAuthenticationHabit.holdsKey
    }

    enum ChipAuthenticationHabit {
        /// The chip has the private key.
        case holdsKey
        /// It has none, and says so.
        case refuses
        /// It has none, and goes on under keys of its own making.
        case pretends
        /// It has none, and goes on under the old keys.
        case keepsOldKeys
    }

    var masterFiles: [UInt16: [UInt8]] = [:]
    var files: [UInt16: [UInt8]] = [:]
    /// Files that are there and shown to nobody.
    var denied: Set<UInt16> = []
    var habits = Habits()
    /// The password each PACE reference stands for; empty for a chip without PACE.
    var passwords: [PACEPassword: [UInt8]] = [:]
    var variants: [PACEInfo] = []
    /// The standardised domain parameters that numbers of the chip's own stand for.
    var ownParameters: [Int: Int] = [:]
    /// The static private key of PACE with chip authentication mapping; nil for a chip that cannot prove itself so.
    var mappingKey: SecretBytes?
    /// The key seed of BAC; nil for a chip without.
    var accessSeed: [UInt8]?
    /// The private key to the public one in DG14, and the cipher of chip authentication; nil for a chip without.
    var authenticationKey: (scalar: SecretBytes, curve: NamedCurve, cipher: CipherAlgorithm)?
    /// The same over integers.
    var integerAuthenticationKey: (exponent: SecretBytes, group: DHGroup, cipher: CipherAlgorithm)?
    /// Whom the chip shows `denied` files to; nil for a chip without terminal authentication.
    var terminalTrust: ChipTerminalTrust?
    /// Signs a challenge with the private key to the public one in DG15.
    var sign: ((_ challenge: [UInt8]) throws -> [UInt8])?
    /// Changes or replaces an answer on the wire; gets the number of the command, counted from zero.
    var tamper: (_ index: Int, _ command: [UInt8], _ answer: [UInt8]) throws(CardReaderError) -> [UInt8] = { $2 }

    private(set) var commands: [[UInt8]] = []
    private(set) var resets = 0
    /// Bytes of files that READ BINARY gave.
    private(set) var bytesGiven = 0

    private var messaging: ChipMessaging?
    private var nextMessaging: ChipMessaging?
    private var isOpen = false
    private var inApplication = false
    private var current: [UInt8]?
    private var challenge: [UInt8] = []
    private var pace: ChipPACE?
    private var queue: [UInt8] = []
    private var identifier: [UInt8] = []
    /// The terminal's ephemeral key of chip authentication.
    private var authenticatedKey: [UInt8] = []
    private var queueStatus: [UInt8] = []

    var atr: [UInt8] { bytes("3B8980018073C021C0574E000AC9") }
    var allowsExtendedLength = true

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {
        resets += 1
        messaging = nil
        isOpen = false
        inApplication = false
        current = nil
        pace = nil
    }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        commands.append(command)
        var answer = (try? answer(to: command)) ?? [0x6F, 0x00]
        if let size = habits.pieceByteCount, answer.count > 2, command[1] != 0xC0 {
            queue = Array(answer.dropLast(2))
            queueStatus = Array(answer.suffix(2))
            answer = [0x61, UInt8(min(size, queue.count) & 0xFF)]
        }
        return try tamper(commands.count - 1, command, answer)
    }

    private func answer(to bytes: [UInt8]) throws -> [UInt8] {
        guard bytes.count >= 4 else { return [0x67, 0x00] }
        if bytes[1] == 0xC0 { return nextPiece(bytes.count > 4 ? Int(bytes[4]) : 0) }
        guard let (data, expected, isExtended) = Self.fields(bytes) else { return [0x67, 0x00] }
        guard !isExtended || habits.knowsExtendedLength else {
            endSession()
            return [0x67, 0x00]
        }
        guard bytes[0] & 0x0C == 0x0C else {
            if messaging != nil { endSession() }
            let (answer, status) = try run(bytes, data, expected)
            return answer + status
        }
        guard var session = messaging, let opened = try session.open(header: Array(bytes.prefix(4)), objects: data)
        else {
            endSession()
            return [0x69, 0x88]
        }
        var (answer, status) = try run([bytes[0] & 0xF3] + bytes[1...3], opened.data, opened.expected)
        if habits.givesControlInformation, bytes[1] == 0xA4, status == [0x90, 0x00] {
            answer = [0x62, 0x04, 0x80, 0x02, 0x01, 0x00]
        }
        guard messaging != nil, answer.count <= habits.endsSessionAbove else {
            endSession()
            return [0x69, 0x85]
        }
        if habits.endsSessionOnFailure, status != [0x90, 0x00], status != [0x62, 0x82] {
            endSession()
            return status
        }
        let sealed = try session.seal(answer, status: status, oddInstruction: bytes[1] % 2 == 1)
        messaging = nextMessaging ?? session
        nextMessaging = nil
        return sealed
    }

    /// The chip's side of chip authentication (Doc 9303-11, 6.2): the new keys hold from the next command on.
    private func agree(on point: [UInt8]) throws -> ([UInt8], [UInt8]) {
        guard habits.chipAuthentication != .refuses else { return ([], [0x6A, 0x80]) }
        let (secret, cipher): ([UInt8], CipherAlgorithm)
        if let (exponent, group, algorithm) = integerAuthenticationKey {
            (secret, cipher) = (try group.power(point, exponent), algorithm)
        } else if let (scalar, curve, algorithm) = authenticationKey {
            let group = try ECGroup(curve)
            (secret, cipher) = (try group.multiply(group.point(point), by: scalar).x, algorithm)
        } else {
            return ([], [0x6A, 0x80])
        }
        authenticatedKey = point
        switch habits.chipAuthentication {
        case .holdsKey: nextMessaging = try ChipMessaging(cipher: cipher, secret: secret)
        case .pretends: nextMessaging = try ChipMessaging(cipher: cipher, secret: Random.bytes(32))
        default: break
        }
        return ([], [0x90, 0x00])
    }

    private func coordinate(_ point: [UInt8]) throws -> [UInt8] { Array(point.dropFirst().prefix(point.count / 2)) }

    private static func value(_ tag: Tag, in data: [UInt8]) throws -> [UInt8] {
        var cursor = TLVCursor(data.span)
        while !cursor.isAtEnd {
            let element = try cursor.next()
            if element.tag == tag { return cursor.copy(element.content) }
        }
        throw DocumentError.missing(field: tag.description)
    }

    private func endSession() {
        messaging = nil
        isOpen = false
    }

    private func nextPiece(_ count: Int) -> [UInt8] {
        let piece = Array(queue.prefix(count == 0 ? 256 : count))
        queue.removeFirst(piece.count)
        guard !queue.isEmpty else { return piece + queueStatus }
        return piece + [0x61, UInt8(min(habits.pieceByteCount ?? 256, queue.count) & 0xFF)]
    }

    private func run(_ header: [UInt8], _ data: [UInt8], _ expected: Int?) throws -> ([UInt8], [UInt8]) {
        switch (header[1], header[2], header[3]) {
        case (0x22, 0x81, _), (0x2A, 0x00, 0xBE): return ([], try terminalTrust?.step(header, data) ?? [0x6D, 0x00])
        case (0x84, _, _) where messaging != nil && terminalTrust != nil:
            challenge = try Random.bytes(8)
            return (challenge, [0x90, 0x00])
        case (0x82, _, _) where messaging != nil && terminalTrust != nil:
            let bound = authenticatedKey.count % 2 == 1 ? try coordinate(authenticatedKey) : authenticatedKey
            let isRight = try terminalTrust?.isRight(data, over: identifier + challenge + bound) ?? false
            if isRight { denied = [] }
            return ([], isRight ? [0x90, 0x00] : [0x63, 0x00])
        case (0xA4, 0x00, _): return select(masterFile: data)
        case (0xA4, 0x04, let form):
            guard form == 0x00 || habits.selectsSilently else { return ([], [0x6A, 0x86]) }
            inApplication = true
            return (form == 0x00 ? [0x6F, 0x00] : [], [0x90, 0x00])
        case (0xA4, 0x02, _): return select(UInt16(data[0]) << 8 | UInt16(data[1]))
        case (0xB0, _, _), (0xB1, _, _): return try read(header, data, expected ?? 0)
        case (0x84, _, _):
            guard accessSeed != nil, inApplication else { return ([], [0x6D, 0x00]) }
            challenge = try Random.bytes(8)
            return (challenge, [0x90, 0x00])
        case (0x82, _, _): return try mutuallyAuthenticate(data)
        case (0x22, 0xC1, 0xA4):
            pace = try ChipPACE(
                template: data, variants: variants, passwords: passwords, staticKey: mappingKey,
                ownParameters: ownParameters)
            return ([], pace == nil ? [0x6A, 0x88] : [0x90, 0x00])
        case (0x22, 0x41, 0xA4):
            return ([], authenticationKey == nil && integerAuthenticationKey == nil ? [0x6A, 0x88] : [0x90, 0x00])
        case (0x22, 0x41, 0xA6) where !habits.knowsKeyAgreementTemplate: return ([], [0x6D, 0x00])
        case (0x22, 0x41, 0xA6): return try agree(on: Self.value(0x91, in: data))
        case (0x86, _, _) where messaging != nil:
            let (answer, status) = try agree(on: Self.value(0x80, in: Self.value(0x7C, in: data)))
            return (status == [0x90, 0x00] ? [0x7C, 0x00] : answer, status)
        case (0x88, _, _):
            guard let signature = try sign?(data) else { return ([], [0x6D, 0x00]) }
            return (signature, [0x90, 0x00])
        case (0x86, _, _):
            guard let step = try pace?.step(data) else {
                pace = nil
                return ([], [0x63, 0x00])
            }
            if let opened = pace?.messaging {
                messaging = opened
                identifier = pace?.identifier ?? []
                isOpen = true
                pace = nil
            }
            return (step, [0x90, 0x00])
        default: return ([], [0x6D, 0x00])
        }
    }

    private func select(masterFile data: [UInt8]) -> ([UInt8], [UInt8]) {
        inApplication = false
        current = nil
        return ([], masterFiles.isEmpty ? [0x6A, 0x82] : [0x90, 0x00])
    }

    private func select(_ identifier: UInt16) -> ([UInt8], [UInt8]) {
        if habits.endsSessionOn == identifier { endSession() }
        guard let file = (inApplication ? files : masterFiles)[identifier] else { return ([], [0x6A, 0x82]) }
        guard !inApplication || isOpen || accessSeed == nil && passwords.isEmpty, !denied.contains(identifier) else {
            return ([], [0x69, 0x82])
        }
        current = file
        return ([], [0x90, 0x00])
    }

    private func read(_ header: [UInt8], _ data: [UInt8], _ expected: Int) throws -> ([UInt8], [UInt8]) {
        var offset = Int(header[2]) << 8 | Int(header[3])
        if header[1] == 0xB1 {
            var cursor = TLVCursor(data.span)
            offset = cursor.copy(try cursor.next(0x54).content).reduce(0) { $0 << 8 | Int($1) }
        } else if header[2] & 0x80 != 0 {
            guard habits.knowsShortIdentifiers else { return ([], [0x6A, 0x86]) }
            offset = Int(header[3])
            let short = UInt16(header[2] & 0x1F)
            let selected = select(short == 1 && !inApplication ? 0x2F01 : 0x0100 | short)
            guard selected.1 == [0x90, 0x00] else { return selected }
        }
        guard let file = current else { return ([], [0x69, 0x86]) }
        guard offset <= file.count else { return ([], [0x6B, 0x00]) }
        let wanted = header[1] == 0xB1 ? expected - 4 : expected
        guard habits.readsPastEnd || offset + wanted <= file.count else { return ([], [0x67, 0x00]) }
        let rest = file.count - offset
        if habits.namesRightLength, wanted > rest, rest > 0, rest <= 256 { return ([], [0x6C, UInt8(rest & 0xFF)]) }
        guard offset < habits.isEmptyFrom else { return ([], [0x90, 0x00]) }
        let piece = Array(file[offset..<min(file.count, offset + min(wanted, habits.answerLimit))])
        bytesGiven += piece.count
        let status: [UInt8] = offset + wanted > file.count ? [0x62, 0x82] : [0x90, 0x00]
        return (header[1] == 0xB1 ? TLVEncoder.element(0x53, piece) : piece, status)
    }

    private func mutuallyAuthenticate(_ data: [UInt8]) throws -> ([UInt8], [UInt8]) {
        guard let accessSeed, data.count == 40, challenge.count == 8 else { return ([], [0x67, 0x00]) }
        var keys = try ChipMessaging(cipher: .tripleDES, secret: accessSeed, counter: [])
        let zero = [UInt8](repeating: 0, count: 8)
        let cryptogram = Array(data.prefix(32))
        guard try keys.checksum(cryptogram) == Array(data.suffix(8)) else { return ([], [0x63, 0x00]) }
        let cipher = try BlockCipher(.tripleDES, key: keys.encryptionKey)
        let message = try cipher.decryptCBC(cryptogram, iv: zero)
        guard Array(message[8..<16]) == challenge else { return ([], [0x63, 0x00]) }
        let nonce = Array(message.prefix(8))
        let material = try Random.bytes(16)
        let proof = try cipher.encryptCBC(challenge + nonce + material, iv: zero)
        let answer = proof + (try keys.checksum(proof))
        let secret = zip(message.suffix(16), material).map { $0 ^ $1 }
        keys = try ChipMessaging(
            cipher: .tripleDES, secret: secret, counter: Array(challenge.suffix(4) + nonce.suffix(4)))
        messaging = keys
        identifier = Array((Sample.fields?.mrzInformation ?? "").utf8.prefix(10))
        isOpen = true
        return (answer, [0x90, 0x00])
    }

    /// Data, Ne, and whether the length fields are extended (ISO/IEC 7816-3, 12.1.3).
    static func fields(_ bytes: [UInt8]) -> (data: [UInt8], expected: Int?, isExtended: Bool)? {
        let body = Array(bytes.dropFirst(4))
        guard let first = body.first else { return ([], nil, false) }
        if body.count == 1 { return ([], first == 0 ? 256 : Int(first), false) }
        if first != 0 {
            let rest = body.dropFirst()
            if rest.count == Int(first) { return (Array(rest), nil, false) }
            guard rest.count == Int(first) + 1, let le = rest.last else { return nil }
            return (Array(rest.dropLast()), le == 0 ? 256 : Int(le), false)
        }
        guard body.count >= 3 else { return nil }
        let number = Int(body[1]) << 8 | Int(body[2])
        if body.count == 3 { return ([], number == 0 ? 65_536 : number, true) }
        let rest = Array(body.dropFirst(3))
        if rest.count == number { return (rest, nil, true) }
        guard rest.count == number + 2 else { return nil }
        let le = Int(rest[number]) << 8 | Int(rest[number + 1])
        return (Array(rest.prefix(number)), le == 0 ? 65_536 : le, true)
    }
}

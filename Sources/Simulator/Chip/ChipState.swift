import Crypto
import Document

/// What a chip remembers between commands, and how a command changes it.
struct ChipState {
    let secrets: ChipSecrets
    let pace: [PACEOffer]
    let acceptsBasicAccessControl: Bool
    let profile: ChipProfile
    let files: ChipFiles
    let randomness: any ChipRandomness

    var directory = ChipFiles.Directory.masterFile
    var currentFile: ChipFiles.File?
    /// The running session. Access is granted while there is one and lost with it.
    private(set) var channel: SecureChannel?
    /// The session that a protocol has agreed on; it begins after the answer to that command.
    var nextChannel: SecureChannel?
    /// The challenge of the last GET CHALLENGE, good for the next command alone.
    var challenge: [UInt8]?
    var paceExchange: (exchange: PACEExchange, password: Password)?
    var chipAuthenticationKey: ChipAuthenticationKey?
    var triesLeft: [Password: Int] = [:]
    var terminals: TerminalAuthenticator
    /// How the chip misbehaves in this command.
    var misbehaviour = ChipMisbehaviour()
    /// Whether chip authentication was accepted by a chip that cannot go on from there.
    private var isBluffing = false
    /// What GET RESPONSE has still to fetch, status word at its end.
    private var pending: [UInt8] = []

    /// The passwords of PACE, by their reference in MSE:Set AT (Doc 9303-11, 4.4.4.1).
    enum Password: UInt8 {
        case mrz = 1
        case can = 2
    }

    init(_ card: PersonalisedCard, profile: ChipProfile, randomness: any ChipRandomness) {
        secrets = card.secrets
        pace = profile.hasMasterFile ? card.pace : []
        acceptsBasicAccessControl = card.acceptsBasicAccessControl
        self.profile = profile
        self.randomness = randomness
        files = ChipFiles(card.image, profile: profile)
        terminals = TerminalAuthenticator(card.terminalTrust, issued: card.citizen.issueDate)
        reset()
    }

    /// Whether the terminal has shown that it may read.
    var hasAccess: Bool { channel != nil }

    mutating func reset() {
        endSession()
        isBluffing = false
        challenge = nil
        pending = []
        directory = profile.hasMasterFile ? .masterFile : .application
        currentFile = nil
    }

    mutating func answer(_ bytes: [UInt8]) -> [UInt8] {
        guard let command = CommandAPDU(bytes), accepts(command, byteCount: bytes.count) else {
            return ChipResponse(status: .wrongLength).bytes
        }
        if command.ins == Instruction.getResponse, !pending.isEmpty {
            return rest(min(command.expectedCount, profile.answerChunkByteCount ?? command.expectedCount))
        }
        pending = []
        let response: ChipResponse
        switch command.cla & 0xEF {
        case 0x0C: response = answerProtected(command)
        case 0x00:
            // Doc 9303-11, 9.8.3: a plain command ends the session, and with it the rights.
            if channel != nil { endSession() }
            response = emptied(perform(command, capacity: responseLimit(command)))
            begin()
        case 0x04, 0x08: response = ChipResponse(status: .secureMessagingNotSupported)
        default: response = ChipResponse(status: .classNotSupported)
        }
        return chunked(response, command)
    }

    private func accepts(_ command: CommandAPDU, byteCount: Int) -> Bool {
        (profile.supportsExtendedLength || !command.isExtended) && byteCount <= profile.maximumCommandByteCount
    }

    /// Opens the command, performs it, and closes the answer under the keys that the command came under.
    private mutating func answerProtected(_ command: CommandAPDU) -> ChipResponse {
        if isBluffing { return bluff() }
        guard var current = channel else { return ChipResponse(status: .secureMessagingObjectsIncorrect) }
        do throws(ChipRefusal) {
            let plain = try current.open(command)
            channel = current
            let capacity = current.plainCapacity(of: responseLimit(command))
            let response = emptied(perform(plain, capacity: capacity))
            if misbehaviour.losesMessaging, response.status.isError {
                misbehaviour.cameToPass = true
                endSession()
                return ChipResponse(status: response.status)
            }
            let protected = try refusing { () throws(CryptoError) in
                guard let flaw = misbehaviour.flaw else { return try current.close(response, instruction: plain.ins) }
                misbehaviour.cameToPass = true
                return try current.close(response, instruction: plain.ins, flaw: flaw)
            }
            channel = current
            begin()
            return protected
        } catch {
            endSession()
            return ChipResponse(status: error.status)
        }
    }

    /// The answer, without its data where the chip misbehaves so.
    private mutating func emptied(_ response: ChipResponse) -> ChipResponse {
        guard misbehaviour.emptiesAnswer, !response.data.isEmpty else { return response }
        misbehaviour.cameToPass = true
        return ChipResponse(status: response.status)
    }

    /// An answer that looks protected, by a chip that does not hold the keys.
    private mutating func bluff() -> ChipResponse {
        misbehaviour.cameToPass = true
        let code = (try? randomness.bytes(8)) ?? []
        return ChipResponse(data: [0x99, 0x02, 0x90, 0x00, 0x8E, 0x08] + code)
    }

    /// Starts the session that the command agreed on.
    private mutating func begin() {
        guard let nextChannel else { return }
        if misbehaviour.stopsProving, channel != nil { isBluffing = true }
        channel = nextChannel
        self.nextChannel = nil
    }

    private mutating func endSession() {
        channel = nil
        nextChannel = nil
        paceExchange = nil
        chipAuthenticationKey = nil
        terminals.endSession()
    }

    // MARK: Length of answers

    private func responseLimit(_ command: CommandAPDU) -> Int {
        max(0, min(profile.maximumResponseByteCount - 2, command.isExtended ? 65_536 : 256))
    }

    /// The answer, or as much of it as the command's Le takes, with the rest kept for GET RESPONSE.
    private mutating func chunked(_ response: ChipResponse, _ command: CommandAPDU) -> [UInt8] {
        let limit = min(command.expectedCount, profile.answerChunkByteCount ?? command.expectedCount)
        guard limit > 0, response.data.count > limit else { return response.bytes }
        pending = response.bytes
        return rest(limit)
    }

    private mutating func rest(_ count: Int) -> [UInt8] {
        let dataCount = pending.count - 2
        guard count > 0, count < dataCount else {
            defer { pending = [] }
            return pending
        }
        let chunk = Array(pending.prefix(count))
        pending.removeFirst(count)
        return chunk + StatusWord.more(pending.count - 2).bytes
    }
}

/// The instructions that the chip knows (ISO/IEC 7816-4).
enum Instruction {
    static let manageSecurityEnvironment: UInt8 = 0x22
    static let performSecurityOperation: UInt8 = 0x2A
    static let externalAuthenticate: UInt8 = 0x82
    static let getChallenge: UInt8 = 0x84
    static let generalAuthenticate: UInt8 = 0x86
    static let internalAuthenticate: UInt8 = 0x88
    static let select: UInt8 = 0xA4
    static let readBinary: UInt8 = 0xB0
    static let readBinaryOdd: UInt8 = 0xB1
    static let getResponse: UInt8 = 0xC0
}

extension ChipState {
    /// The answer to a command whose protection, if any, is already off.
    ///
    /// - Parameter capacity: The most data bytes that the answer can carry.
    mutating func perform(_ command: CommandAPDU, capacity: Int) -> ChipResponse {
        let lastChallenge = challenge
        challenge = nil
        do throws(ChipRefusal) {
            guard command.ins == Instruction.generalAuthenticate || !command.isChained else {
                throw ChipRefusal(status: .chainingNotSupported)
            }
            if command.ins != Instruction.generalAuthenticate { paceExchange = nil }
            switch command.ins {
            case Instruction.select: return try select(command)
            case Instruction.readBinary: return try readBinary(command, capacity: capacity)
            case Instruction.readBinaryOdd where profile.supportsOddInstruction:
                return try readBinaryOdd(command, capacity: capacity)
            case Instruction.getChallenge: return try getChallenge(command)
            case Instruction.externalAuthenticate:
                return try externalAuthenticate(command, challenge: lastChallenge)
            case Instruction.manageSecurityEnvironment: return try manageSecurityEnvironment(command)
            case Instruction.performSecurityOperation: return try verifyCertificate(command)
            case Instruction.generalAuthenticate: return try generalAuthenticate(command)
            case Instruction.internalAuthenticate: return try internalAuthenticate(command)
            default: throw ChipRefusal(status: .instructionNotSupported)
            }
        } catch {
            return ChipResponse(status: error.status)
        }
    }
}

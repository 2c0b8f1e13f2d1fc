import Crypto
import Document
import Foundation
import Testing

@testable import CardReader

/// What a card, or something between it and the reader, may do to a terminal; each attack by its name. Those on secure
/// messaging alone are in `SecureMessagingTests`, on BAC in `BasicAccessControlTests`.
@Suite("Attacks by the card or by what sits between")
struct AttackTests {
    private static func request() throws -> ReadRequest {
        ReadRequest(key: .personalNumber(try #require(Sample.personalNumber)))
    }

    private static func error(_ chip: any CardChannel) throws -> CardReaderError? {
        let request = try request()
        do throws(CardReaderError) {
            _ = try ChipReader(channel: chip).read(request)
            return nil
        } catch {
            return error
        }
    }

    private static func isViolation(_ error: CardReaderError?) -> Bool {
        if case .protocolViolation? = error { true } else { false }
    }

    // MARK: PACE

    /// Replaces what the chip sends in one object of PACE.
    private static func replacing(_ tag: UInt8, in chip: TestChip, by value: @escaping ([UInt8]) -> [UInt8]) {
        chip.tamper = { _, command, answer in
            guard command[1] == 0x86, answer.first == 0x7C else { return answer }
            var cursor = TLVCursor(answer.span)
            guard let template = try? cursor.next(0x7C) else { return answer }
            var content = cursor.inside(template)
            guard let object = try? content.next(), object.tag.encoded == [tag] else { return answer }
            // The terminal's own key is in the command, at the same place but for its length field.
            let data = TestChip.fields(command)?.data ?? []
            let new = TLVEncoder.element(0x7C, TLVEncoder.element(object.tag, value(data)))
            return new + [0x90, 0x00]
        }
    }

    /// The value of the one object in a step of PACE.
    private static func ownKey(_ data: [UInt8]) -> [UInt8] {
        var cursor = TLVCursor(data.span)
        guard let template = try? cursor.next(0x7C) else { return [] }
        var content = cursor.inside(template)
        guard let object = try? content.next() else { return [] }
        return content.copy(object.content)
    }

    private static func integerChip() throws -> TestChip {
        try Sample.chip(cardAccess: Sample.cardAccess(protocolArcs: [1, 2], parameterID: 0))
    }

    @Test(
        "PACE over integers with a public key of small order, of the wrong subgroup, 0, 1, p or nothing",
        arguments: [
            0x82, 0x84,
        ] as [UInt8])
    func smallOrder(_ tag: UInt8) throws {
        let group = try DHGroup(standardizedDomainParameterID: 0)
        let minusOne = try group.prime.subtract([0], [1])
        for key in [[0], [1], [2], minusOne, group.prime.bytes, [], [UInt8](repeating: 0xFF, count: 200)] {
            let chip = try Self.integerChip()
            Self.replacing(tag, in: chip) { _ in key }
            #expect(try Self.isViolation(Self.error(chip)), "\(key.prefix(2))")
        }
    }

    @Test("PACE with a public key equal to the terminal's own", arguments: [0x82, 0x84] as [UInt8])
    func reflection(_ tag: UInt8) throws {
        for chip in [try Self.integerChip(), try Sample.chip()] {
            Self.replacing(tag, in: chip, by: Self.ownKey)
            #expect(try Self.isViolation(Self.error(chip)))
        }
        let padded = try Self.integerChip()
        Self.replacing(tag, in: padded) { [0] + Self.ownKey($0) }
        #expect(try Self.isViolation(Self.error(padded)))
    }

    @Test("PACE with a public key off the curve, at infinity, or of another curve", arguments: [0x82, 0x84] as [UInt8])
    func offTheCurve(_ tag: UInt8) throws {
        let other = try ECGroup(.secp256r1)
        for key in [[0x04] + [UInt8](repeating: 1, count: 64), [0x00], try other.generator.encoded, [0x02] + [1]] {
            let chip = try Sample.chip()
            Self.replacing(tag, in: chip) { _ in key }
            #expect(try Self.isViolation(Self.error(chip)))
        }
    }

    @Test("PACE with a token that is wrong in any one bit of any byte, cut short, prolonged, empty or missing")
    func wrongToken() throws {
        var forgeries: [([UInt8]) -> [UInt8]] = [{ $0 + [0] }, { $0 + $0 }, { [0] + $0 }]
        for number in 0..<8 {
            forgeries.append { token in
                var forged = token
                forged[number] ^= 1 << UInt8(number)
                return forged
            }
            forgeries.append { Array($0.prefix(number)) }
        }
        for forge in forgeries {
            let chip = try Sample.chip()
            chip.tamper = { _, command, answer in
                guard command[1] == 0x86, Array(answer.prefix(4)) == [0x7C, 0x0A, 0x86, 0x08] else { return answer }
                let token = forge(Array(answer[4..<12]))
                return TLVEncoder.element(0x7C, TLVEncoder.element(0x86, token)) + [0x90, 0x00]
            }
            #expect(try Self.isViolation(Self.error(chip)))
        }
        // Which byte is wrong must not show in how long the answer takes: each comparison of secrets is one of constant
        // time.
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/CardReader")
        for (file, comparison) in [
            ("Protocols/PACE.swift", "ConstantTime.areEqual(chipToken, "),
            ("Protocols/SecureMessaging.swift", "ConstantTime.areEqual(try checksum(over: authenticated), "),
            ("Protocols/BasicAccessControl.swift", "ConstantTime.areEqual(checksum, "),
        ] {
            let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            #expect(source.contains(comparison), "\(file)")
        }
    }

    @Test("integrated mapping answered with data, or with a nonce of another length")
    func integratedMapping() throws {
        for (tag, value) in [(0x82, [1, 2, 3]), (0x80, [UInt8](repeating: 7, count: 32)), (0x80, [])]
            as [(UInt8, [UInt8])]
        {
            let chip = try Sample.chip(cardAccess: Sample.cardAccess(protocolArcs: [4, 2], parameterID: 13))
            Self.replacing(tag, in: chip) { _ in value }
            #expect(try Self.isViolation(Self.error(chip)))
        }
    }

    @Test("endless BER length bytes in PACE", arguments: [0x80, 0x82, 0x84, 0x86] as [UInt8])
    func endlessLength(_ tag: UInt8) throws {
        for garbage in ["7CFFFFFFFFFFFFFFFFFF", "7C80", "7C84FFFFFFFF80", "7C05 80FFFFFFFF"] {
            let chip = try Sample.chip()
            chip.tamper = { _, command, answer in
                let isStep = command[1] == 0x86 && answer.count > 3 && answer.contains(tag)
                return isStep ? bytes(garbage) + [0x90, 0x00] : answer
            }
            #expect(try Self.isViolation(Self.error(chip)), "\(garbage)")
        }
    }

    @Test("challenges and ephemeral keys are fresh in every read", arguments: [true, false])
    func freshness(offersPACE: Bool) throws {
        let key = AccessKey.mrz(try #require(Sample.fields))
        var sent: Set<[UInt8]> = []
        var count = 0
        for _ in 0..<3 {
            let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil)
            _ = try ChipReader(channel: chip).read(ReadRequest(key: key, files: .withoutPortrait))
            for command in chip.commands where command[0] & 0x0C == 0 {
                guard [0x86, 0x82].contains(command[1]), command.count > 10 else { continue }
                sent.insert(command)
                count += 1
            }
        }
        #expect(count > 2 && sent.count == count)
    }

    // MARK: The conversation

    @Test("6Cxx without end ends the file that it is the answer to, and the read is bounded")
    func endlessCorrections() throws {
        let chip = try Sample.chip(cardAccess: nil)
        chip.accessSeed = nil
        chip.tamper = { _, command, answer in command[1] == 0xB0 && command.count == 5 ? [0x6C, 0x10] : answer }
        let error = try Self.error(chip)
        guard case .keyNotUsable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(chip.commands.count < 20)
    }

    @Test("6Cxx and 61xx without end in the protected conversation end it", arguments: [[0x6C, 0x10], [0x61, 0x10]])
    func endlessProtected(_ status: [UInt8]) throws {
        let chip = try Sample.chip()
        chip.tamper = { _, command, answer in command[0] & 0x0C == 0x0C || command[1] == 0xC0 ? status : answer }
        #expect(try Self.error(chip) != nil)
        #expect(chip.commands.count < 400)
    }

    @Test("a file that comes a byte at a time is bounded by the time limit")
    func drip() throws {
        var files = Sample.files
        files[.sod] = Sample.file(0x77, 60_000)
        let chip = try Sample.chip(files: files)
        chip.habits.answerLimit = 1
        chip.habits.knowsExtendedLength = false
        var request = try Self.request()
        request.timeLimit = .milliseconds(200)
        #expect {
            try ChipReader(channel: chip).read(request)
        } throws: { error in
            (error as? CardReaderError)?.cause == .timeLimitExceeded
        }
    }

    @Test(
        "a file whose announced length is larger than what comes, up to 64 KiB and over",
        arguments: [300, 32_767, 32_768, 40_000, 65_535, 65_536, 65_537, 1 << 24 - 1], [true, false])
    func announcedLength(_ announced: Int, knowsExtended: Bool) throws {
        let header = [0x6D, 0x83] + [16, 8, 0].map { UInt8(truncatingIfNeeded: (announced - 5) >> $0) }
        for count in [5, 250, 32_770] where count < announced {
            var files = Sample.files
            files[.dg13] = header + [UInt8](repeating: 0x5A, count: count - header.count)
            let chip = try Sample.chip(files: files)
            chip.habits.knowsExtendedLength = knowsExtended
            var request = try Self.request()
            request.files = .withoutPortrait
            let read = try ChipReader(channel: chip).read(request)
            let reason: UnreadFile.Reason =
                announced > 65_536 ? .tooLong(announced: announced) : .truncated(announced: announced, received: count)
            #expect(read.unread.contains(UnreadFile(file: .dg13, reason: reason)), "\(read.unread)")
            #expect(read.image[.dg1] == Sample.files[.dg1])
        }
    }

    // MARK: Another card

    @Test("a card swapped between two APDUs: no read mixes the files of two cards")
    func swapped() throws {
        var others = Sample.files
        for (file, content) in others { others[file] = content.enumerated().map { $0 > 20 ? $1 ^ 0x55 : $1 } }
        var named = 0
        for index in 0... {
            let (first, second) = (try Sample.chip(), try Sample.chip(files: others))
            let channel = SwappedChannel(first, second, after: index)
            let request = try Self.request()
            do throws(CardReaderError) {
                let read = try ChipReader(channel: channel).read(request)
                // EF.COM is the same on all cards and signed on none; what a verdict rests on is of one card.
                let signed = read.image.files.filter { $0.key != .cardAccess && $0.key != .com }
                let isFirst = signed.allSatisfy { Sample.files[$0.key] == $0.value }
                let isSecond = signed.allSatisfy { others[$0.key] == $0.value }
                #expect(isFirst || isSecond, "\(index)")
            } catch {
                named += error == .differentCard ? 1 : 0
                // Each of these says that the conversation was broken, and none that it was read.
                switch error {
                case .differentCard, .protocolViolation, .secureMessaging, .wrongKey, .unexpectedStatus,
                    .applicationNotFound, .keyNotUsable, .invalidAnswer:
                    break
                default: Issue.record("\(index): \(error)")
                }
            }
            guard channel.isSwapped else { break }
        }
        #expect(named > 5)
    }

    @Test("active authentication asks with another challenge each time, so that no answer can be replayed")
    func activeAuthenticationReplay() throws {
        let chip = try Sample.chip()
        var challenges: Set<[UInt8]> = []
        chip.sign = { challenge in
            challenges.insert(challenge)
            return [UInt8](repeating: 1, count: 128)
        }
        for _ in 0..<3 {
            _ = try ChipReader(channel: chip).read(Self.request())
            try chip.reset(deadline: nil)
        }
        #expect(challenges.count == 3)
    }
}

/// Two cards, the second of which is laid in the place of the first.
private final class SwappedChannel: CardChannel {
    private let first: TestChip
    private let second: TestChip
    private let index: Int
    private var count = 0

    init(_ first: TestChip, _ second: TestChip, after index: Int) {
        (self.first, self.second, self.index) = (first, second, index)
    }

    var isSwapped: Bool { count > index }
    var atr: [UInt8] { first.atr }
    var allowsExtendedLength: Bool { true }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        count += 1
        return try (isSwapped ? second : first).transmit(command, deadline: deadline)
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {
        try (isSwapped ? second : first).reset(deadline: deadline)
    }
}

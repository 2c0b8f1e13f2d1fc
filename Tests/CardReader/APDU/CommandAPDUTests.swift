import Document
import Testing

@testable import CardReader

/// ISO/IEC 7816-3, 12.1.3.
@Suite("Command APDUs")
struct CommandAPDUTests {
    private static func encoded(_ data: [UInt8], _ expected: Int?, extended: Bool = false) throws -> String {
        let command = CommandAPDU(
            instruction: 0xA1, parameter1: 0x02, parameter2: 0x03, data: data, expectedCount: expected,
            prefersExtendedLength: extended)
        return Hexadecimal.text(try command.encoded())
    }

    @Test("Cases 1 to 4 are short as long as they can be")
    func short() throws {
        #expect(try Self.encoded([], nil) == "00A10203")
        #expect(try Self.encoded([], 1) == "00A1020301")
        #expect(try Self.encoded([], 256) == "00A1020300")
        #expect(try Self.encoded([0xAA, 0xBB], nil) == "00A1020302AABB")
        #expect(try Self.encoded([0xAA], 255) == "00A1020301AAFF")
        #expect(try Self.encoded([UInt8](repeating: 0xCC, count: 255), 256).hasPrefix("00A10203FFCC"))
    }

    @Test("Cases 2 to 4 are extended where they must be, or are asked to be")
    func extended() throws {
        #expect(try Self.encoded([], 257) == "00A10203000101")
        #expect(try Self.encoded([], 65_536) == "00A10203000000")
        #expect(try Self.encoded([], 256, extended: true) == "00A10203000100")
        #expect(try Self.encoded([0xAA], 257) == "00A10203000001AA0101")
        #expect(try Self.encoded([0xAA], nil, extended: true) == "00A10203000001AA")
        #expect(try Self.encoded([], nil, extended: true) == "00A10203")
        let long = try Self.encoded([UInt8](repeating: 0xCC, count: 256), 1)
        #expect(long.hasPrefix("00A10203000100CC") && long.hasSuffix("CC0001"))
    }

    @Test("What no length field can say is refused", arguments: [(65_536, 1), (0, 0), (0, -1), (0, 65_537)])
    func impossible(_ dataCount: Int, _ expected: Int) {
        #expect(throws: CardReaderError.self) { try Self.encoded([UInt8](repeating: 0, count: dataCount), expected) }
    }
}

@Suite("Answers of a chip")
struct ResponseAPDUTests {
    @Test("An answer has two status bytes at least", arguments: [[], [0x90]] as [[UInt8]])
    func tooShort(_ bytes: [UInt8]) {
        #expect(throws: CardReaderError.self) { try ResponseAPDU(bytes) }
    }

    @Test("The last two bytes are the status word, the others data")
    func parts() throws {
        #expect(try ResponseAPDU([0x90, 0x00]) == ResponseAPDU(status: .success))
        #expect(try ResponseAPDU([1, 2, 0x62, 0x82]) == ResponseAPDU(data: [1, 2], status: .endOfFile))
        #expect(throws: CardReaderError.self) { try ResponseAPDU([UInt8](repeating: 0, count: 65_539)) }
    }

    @Test("A status word is told in hexadecimal, with its meaning where it has one")
    func description() {
        #expect(StatusWord(0x69, 0x82).description == "6982 (security status not satisfied)")
        #expect(StatusWord(0x63, 0xC2).description == "63C2 (2 tries left)")
        #expect(StatusWord(0x12, 0x34).description == "1234")
    }
}

@Suite("A conversation with a chip")
struct ChipSessionTests {
    private static let command = CommandAPDU(instruction: 0xB0, parameter1: 0, parameter2: 0, expectedCount: 256)

    private static func answer(_ script: [(String, String)]) throws -> ResponseAPDU {
        let channel = ScriptedChannel(script)
        let answer = try ChipSession(channel: channel).send(command)
        #expect(channel.isDone)
        return answer
    }

    @Test("61xx is followed by GET RESPONSE until the answer is whole")
    func getResponse() throws {
        let answer = try Self.answer([
            ("00B0000000", "6102"), ("00C0000002", "AABB6100"), ("00C0000000", "CC6103"), ("00C0000003", "DD9000"),
        ])
        #expect(answer == ResponseAPDU(data: [0xAA, 0xBB, 0xCC, 0xDD], status: .success))
    }

    @Test("Data that comes with 61xx counts")
    func dataBefore() throws {
        #expect(try Self.answer([("00B0000000", "AA6101"), ("00C0000001", "BB6282")]).data == [0xAA, 0xBB])
    }

    @Test("6Cxx is followed by the same command with the length that the chip names, once")
    func correctedLength() throws {
        #expect(try Self.answer([("00B0000000", "6C04"), ("00B0000004", "010203049000")]).data == [1, 2, 3, 4])
        #expect(try Self.answer([("00B0000000", "6C04"), ("00B0000004", "6C08")]).status == StatusWord(0x6C, 0x08))
    }

    @Test("61xx without end, or without data, ends the conversation")
    func endless() {
        let channel = EndlessChannel(answer: [0xAA, 0x61, 0x10])
        #expect(throws: CardReaderError.invalidAnswer("61xx without end")) {
            try ChipSession(channel: channel).send(Self.command)
        }
        #expect(channel.count < 300)
        #expect(throws: CardReaderError.invalidAnswer("61xx announces data that does not come")) {
            try ChipSession(channel: EndlessChannel(answer: [0x61, 0x10])).send(Self.command)
        }
        let flood = EndlessChannel(answer: [UInt8](repeating: 0, count: 60_000) + [0x61, 0x00])
        #expect(throws: CardReaderError.invalidAnswer("61xx announces more data than an answer can have")) {
            try ChipSession(channel: flood).send(Self.command)
        }
    }

    @Test("Nothing is sent after the deadline")
    func deadline() {
        let channel = ScriptedChannel([])
        let session = ChipSession(channel: channel, deadline: .now - .seconds(1))
        #expect(throws: CardReaderError.timeLimitExceeded) { try session.send(Self.command) }
    }

    @Test(
        "What the reader says about the card reaches the caller",
        arguments: [CardReaderError.cardRemoved(), .cardReset(), .cardMute(), .timeLimitExceeded])
    func readerErrors(_ error: CardReaderError) {
        #expect(throws: error) {
            try ChipSession(channel: ScriptedChannel(failing: "00B0000000", with: error)).send(Self.command)
        }
    }
}

/// Answers every command alike.
private final class EndlessChannel: CardChannel {
    let atr: [UInt8] = []
    let allowsExtendedLength = true
    private let answer: [UInt8]
    private(set) var count = 0

    init(answer: [UInt8]) { self.answer = answer }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        count += 1
        return answer
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {}
}

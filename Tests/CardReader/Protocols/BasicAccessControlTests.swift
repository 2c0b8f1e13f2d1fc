import Crypto
import Document
import Testing

@testable import CardReader

/// Doc 9303-11, Appendix D.
@Suite("Basic Access Control")
struct BasicAccessControlTests {
    private static let fields = try? AccessFields(
        documentNumber: "L898902C<", birthDate: "690806", expiryDate: "940623")
    private static let challenge = ("0084000008", "4608F919887022129000")
    private static let authentication = (
        "0082000028 72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2 5F1448EEA8AD90A7 28",
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F 2F2D235D074D7449 9000"
    )
    private static let reading = [
        ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
        ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
        (
            "0CB000040D9701128E082EA28A70F3C7B53500",
            "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000"
        ),
    ]

    private static func open(_ script: [(String, String)]) throws -> (ChipSession, ScriptedChannel, AccessOutcome) {
        let channel = ScriptedChannel(script)
        let session = ChipSession(channel: channel)
        let randomness = scripted(bytes: [bytes("781723860C06C226"), bytes("0B795240CB7049B01C19B33E32804F0B")])
        let outcome = try BasicAccessControl(session: session, randomness: randomness).open(with: #require(fields))
        return (session, channel, outcome)
    }

    @Test("Appendix D opens the chip and reads EF.COM, each command byte for byte")
    func appendixD() throws {
        let (session, channel, outcome) = try Self.open([Self.challenge, Self.authentication] + Self.reading)
        guard case .opened(let chip) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        session.start(chip.messaging)
        #expect(try session.send(.select(.com)).status == .success)
        let header = try session.send(.readBinary(offset: 0, count: 4)).data
        #expect(FileHeader(header, tag: 0x60) == .complete(2 + 0x14))
        let rest = try session.send(.readBinary(offset: 4, count: 18)).data
        #expect(Hexadecimal.text(header + rest) == "60145F0104303130365F36063034303030305C026175")
        #expect(channel.isDone)
    }

    @Test("The access keys are those that the standard prints, parity bits aside")
    func accessKeys() throws {
        let keys = try BasicAccessControl.accessKeys(#require(Self.fields))
        let withoutParity = { (key: [UInt8]) in key.map { $0 & 0xFE } }
        #expect(withoutParity(keys.encryption.bytes) == withoutParity(bytes("AB94FDECF2674FDFB9B391F85D7F76F2")))
        #expect(withoutParity(keys.authentication.bytes) == withoutParity(bytes("7962D9ECE03D1ACD4C76089DCE131543")))
    }

    @Test(
        "Every value that Appendix D puts on the wire is the one in the vectors",
        .enabled(if: WorkedExamples.arePresent))
    func vectors() throws {
        let challenge = try #require(WorkedExamples.basicAccessControl("RND.IC").first)
        let command = try #require(WorkedExamples.basicAccessControl("cmd_data").first)
        let answer = try #require(WorkedExamples.basicAccessControl("resp_data").first)
        let protected = WorkedExamples.basicAccessControl("ProtectedAPDU")
        let answers = WorkedExamples.basicAccessControl("RAPDU")
        #expect(protected.count == 3 && answers.count == 3)

        let script =
            [("0084000008", challenge + "9000"), ("0082000028\(command)28", answer + "9000")]
            + zip(protected, answers).map { ($0, $1) }
        let (session, channel, outcome) = try Self.open(script)
        guard case .opened(let chip) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        session.start(chip.messaging)
        _ = try session.send(.select(.com))
        let header = try session.send(.readBinary(offset: 0, count: 4)).data
        let rest = try session.send(.readBinary(offset: 4, count: 18)).data
        #expect(WorkedExamples.basicAccessControl("data").last == Hexadecimal.text(header + rest))
        #expect(channel.isDone)
    }

    @Test("A refused EXTERNAL AUTHENTICATE is a wrong key", arguments: ["6300", "6982", "6985", "6A80", "6F00"])
    func wrongKey(_ status: String) throws {
        let (_, _, outcome) = try Self.open([Self.challenge, (Self.authentication.0, status)])
        guard case .wrongKey(let word) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(word.encoded == bytes(status))
    }

    @Test("A chip that does not know GET CHALLENGE refuses, which is no wrong key")
    func refused() throws {
        let (_, _, outcome) = try Self.open([(Self.challenge.0, "6D00")])
        guard case .refused(.instructionNotSupported, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test(
        "A proof that is not the chip's own is a violation of the protocol",
        arguments: [
            // A checksum with one bit changed.
            "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74489000",
            // A cryptogram with one bit changed.
            "47B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
            // Our own command sent back: right keys, challenges the other way round.
            "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A79000",
            // Too short, and empty.
            "46B9342A41396CD7386BF5803104D7CE9000",
            "9000",
        ])
    func falseProof(_ answer: String) {
        #expect {
            try Self.open([Self.challenge, (Self.authentication.0, answer)])
        } throws: { error in
            if case CardReaderError.protocolViolation = error { true } else { false }
        }
    }

    @Test("A challenge of another length is a violation of the protocol", arguments: ["9000", "4608F9198870229000"])
    func shortChallenge(_ answer: String) {
        #expect {
            try Self.open([(Self.challenge.0, answer)])
        } throws: { error in
            if case CardReaderError.protocolViolation = error { true } else { false }
        }
    }
}

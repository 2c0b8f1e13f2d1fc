import Crypto
import Document
import Testing

@testable import CardReader

@Suite("A read that broke")
struct ResumeTests {
    private static let files = Sample.files.filter { [.com, .sod, .dg2, .dg13, .dg14].contains($0.key) }

    private static func request(_ resuming: PartialRead? = nil) throws -> ReadRequest {
        ReadRequest(key: .personalNumber(try #require(Sample.personalNumber)), resuming: resuming)
    }

    /// The same invented card each time, or another person's with the same number on it.
    private static func chip(of person: UInt8 = 0) throws -> TestChip {
        var files = Self.files
        if person != 0 {
            for (file, content) in files where file != .com {
                files[file] = content.enumerated().map { $0 > 3 ? $1 ^ person : $1 }
            }
        }
        let chip = try Sample.chip(files: files)
        chip.habits.answerLimit = 3000
        return chip
    }

    /// What is thrown when the card goes away at one command; nil when the read was over before.
    private static func broken(
        _ chip: TestChip, at index: Int, by cause: CardReaderError = .cardRemoved(), resuming: PartialRead? = nil
    ) throws -> CardReaderError? {
        let start = chip.commands.count
        chip.tamper = { (count, _, answer) throws(CardReaderError) in
            guard count - start < index else { throw cause }
            return answer
        }
        defer { chip.tamper = { $2 } }
        let request = try request(resuming)
        do throws(CardReaderError) {
            _ = try ChipReader(channel: chip).read(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("goes on where it stopped when the same card comes back, at whichever command it broke")
    func everyCommand() throws {
        var resumed = 0
        for index in 0... {
            let chip = try Self.chip()
            guard let error = try Self.broken(chip, at: index) else { break }
            #expect(error.cause == .cardRemoved())
            guard case .interrupted(let partial, _) = error else { continue }
            resumed += 1
            try chip.reset(deadline: nil)
            let before = chip.bytesGiven
            let read = try ChipReader(channel: chip).read(Self.request(partial))
            for (file, content) in Self.files { #expect(read.image[file] == content, "\(index): \(file)") }
            // EF.SOD and EF.CardAccess are read again, and nothing else.
            let again = (Self.files[.sod]?.count ?? 0) + Sample.cardAccess.count
            let rest =
                Self.files.values.reduce(0) { $0 + $1.count }
                - partial.image.files.reduce(0) {
                    $0 + ($1.key == .cardAccess ? 0 : $1.value.count)
                } - (partial.unfinished?.bytes.count ?? 0)
            #expect(chip.bytesGiven - before == again + rest, "\(index)")
        }
        #expect(resumed > 6)
    }

    @Test("goes on as often as it breaks")
    func again() throws {
        let chip = try Self.chip()
        var partial: PartialRead?
        var breaks = 0
        while let error = try Self.broken(chip, at: 19, resuming: partial) {
            guard case .interrupted(let next, _) = error else {
                Issue.record("\(error)")
                return
            }
            try #require(next.byteCount > partial?.byteCount ?? 0)
            partial = next
            breaks += 1
            try chip.reset(deadline: nil)
        }
        #expect(breaks > 1)
    }

    @Test("that breaks again before the chip is open keeps what there was")
    func brokenBeforeOpening() throws {
        let chip = try Self.chip()
        guard case .interrupted(let partial, _)? = try Self.broken(chip, at: 16) else {
            Issue.record("not interrupted")
            return
        }
        try chip.reset(deadline: nil)
        for index in [0, 3, 7, 10] {
            let error = try Self.broken(chip, at: index, resuming: partial)
            guard case .interrupted(let kept, .cardRemoved)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(kept.byteCount == partial.byteCount, "\(index)")
            try chip.reset(deadline: nil)
        }
    }

    @Test("does not go on with another card, though its key is the same")
    func otherCard() throws {
        guard case .interrupted(let partial, _)? = try Self.broken(Self.chip(), at: 16) else {
            Issue.record("not interrupted")
            return
        }
        let other = try Self.chip(of: 1)
        #expect(throws: CardReaderError.differentCard) {
            try ChipReader(channel: other).read(Self.request(partial))
        }
        let without = try Self.chip()
        without.files[ElementaryFile.sod.fileIdentifier] = nil
        #expect(throws: CardReaderError.differentCard) {
            try ChipReader(channel: without).read(Self.request(partial))
        }
    }

    @Test("asks the chip for its proof again when it goes on")
    func proofs() throws {
        let key = try PrivateKey.generateEC(.brainpoolP256r1)
        let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2]
        let publicKey = try TLVEncoder.element(
            .sequence, ObjectIdentifier(base + [1, 2]).encoded + key.subjectPublicKeyInfo)
        let variant = TLVEncoder.element(.sequence, ObjectIdentifier(base + [3, 2, 2]).encoded + [0x02, 0x01, 0x01])
        let chip = try Self.chip()
        chip.files[ElementaryFile.dg14.fileIdentifier] = TLVEncoder.element(
            0x6E, TLVEncoder.element(.set, variant + publicKey))
        chip.authenticationKey = (try key.ecScalar(on: .brainpoolP256r1), .brainpoolP256r1, .aes128)
        guard case .interrupted(let partial, _)? = try Self.broken(chip, at: 20) else {
            Issue.record("not interrupted")
            return
        }
        #expect(partial.files.contains(.dg14))
        try chip.reset(deadline: nil)
        let read = try ChipReader(channel: chip).read(Self.request(partial))
        guard case .answered = read.proofs.chipAuthentication else {
            Issue.record("\(read.proofs)")
            return
        }
    }

    @Test(
        "goes on after what is between reader and card broke, and not after what only an attacker does",
        arguments: [
            (CardReaderError.cardRemoved(), true), (.cardReset(), true), (.cardMute(), true),
            (.timeLimitExceeded, true), (.serviceUnavailable(code: .noService), true),
            (.readerUnavailable(reader: "reader", code: .unknownReader), true),
            (.cancelled, false), (.protocolViolation(step: "PACE", reason: ""), false),
            (.secureMessaging(.checksumWrong), false),
        ])
    func causes(_ cause: CardReaderError, _ goesOn: Bool) throws {
        let error = try Self.broken(Self.chip(), at: 16, by: cause)
        if case .interrupted(_, let told)? = error {
            #expect(goesOn && told == cause)
        } else {
            #expect(!goesOn && error == cause)
        }
    }

    @Test("shows nothing that was read, however it is printed")
    func description() throws {
        let error = try #require(try Self.broken(Self.chip(), at: 16))
        guard case .interrupted(let partial, _) = error else {
            Issue.record("not interrupted")
            return
        }
        var dumped = ""
        dump(error, to: &dumped)
        for text in ["\(error)", "\(partial)", String(reflecting: partial), String(reflecting: error), dumped] {
            #expect(!text.contains("117, 130") && !text.contains("[") && text.count < 400, "\(text)")
        }
        #expect(error.description.contains("the same card"))
    }
}

import Crypto
import Document
import Testing

@testable import CardReader

/// What readers and chips do that no standard asks for, or that it leaves to them; each by its name. More of it is in
/// `FileReaderTests`, delays are in `DelayTests`.
@Suite("A reader or chip")
struct CardBehaviourTests {
    private static func request(_ files: ReadRequest.Selection = .everything) throws -> ReadRequest {
        ReadRequest(key: .mrz(try #require(Sample.fields)), files: files)
    }

    private static let all = Sample.files.values.reduce(0) { $0 + $1.count }

    /// Whether each of `expected`, by default every file, came as it is.
    private static func isWhole(_ read: ChipRead, _ expected: [ElementaryFile: [UInt8]] = Sample.files) -> Bool {
        expected.allSatisfy { read.image[$0.key] == $0.value }
    }

    @Test("without extended length in the reader is never sent a long command, and gives every byte once")
    func readerWithoutExtendedLength() throws {
        let chip = try Sample.chip()
        chip.allowsExtendedLength = false
        let read = try ChipReader(channel: chip).read(Self.request())
        #expect(Self.isWhole(read))
        #expect(chip.commands.allSatisfy { TestChip.fields($0)?.isExtended == false })
        #expect(chip.bytesGiven == Self.all + Sample.cardAccess.count && chip.resets == 0)
    }

    @Test("that names the right length in 6Cxx is asked with it, in the clear and protected", arguments: [true, false])
    func namesRightLength(offersPACE: Bool) throws {
        let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil)
        chip.habits.namesRightLength = true
        let read = try ChipReader(channel: chip).read(Self.request())
        #expect(Self.isWhole(read))
        #expect(read.image[.cardAccess] == (offersPACE ? Sample.cardAccess : nil))
        #expect(chip.bytesGiven == Self.all + (offersPACE ? Sample.cardAccess.count : 0))
    }

    @Test("that names a length in protected 6Cxx again and again is asked twice and no more")
    func endlessProtectedLength() throws {
        let chip = try Sample.chip()
        chip.habits.namesRightLength = true
        chip.habits.answerLimit = 0
        let read = try ChipReader(channel: chip).read(Self.request())
        #expect(read.image.files.isEmpty || !Self.isWhole(read))
        #expect(chip.commands.count < 100)
    }

    @Test("that gives 6282 with the last bytes of a file, and 6B00 or 6282 alone behind them, is read to the end")
    func endOfFile() throws {
        // Every first piece is asked for past the end of the short files: they are answered with 6282.
        let chip = try Sample.chip()
        var statuses: Set<[UInt8]> = []
        chip.tamper = { _, _, answer in
            statuses.insert(Array(answer.suffix(2)))
            return answer
        }
        #expect(try Self.isWhole(ChipReader(channel: chip).read(Self.request())))
        #expect(statuses.contains([0x62, 0x82]))
    }

    @Test("that answers with nothing, and success, ends the file there and no other", arguments: [0, 8, 231, 16_000])
    func emptyAnswers(_ offset: Int) throws {
        let chip = try Sample.chip()
        chip.habits.isEmptyFrom = offset
        let read = try ChipReader(channel: chip).read(Self.request())
        for (file, content) in Sample.files {
            let isThere = content.count <= offset || read.image[file] == content
            #expect(isThere || read.unread.contains { $0.file == file }, "\(file)")
        }
        #expect(chip.commands.count < 200)
    }

    @Test("that answers nothing at all once is opened again, and if it goes on so is told as making no sense")
    func nothing() throws {
        let once = try Sample.chip()
        once.tamper = { index, _, answer in index == 20 ? [] : answer }
        #expect(try Self.isWhole(ChipReader(channel: once).read(Self.request())))
        #expect(once.resets == 1)
        let chip = try Sample.chip()
        chip.tamper = { index, _, answer in index >= 20 ? [] : answer }
        #expect {
            try ChipReader(channel: chip).read(Self.request())
        } throws: { error in
            if case .invalidAnswer? = (error as? CardReaderError)?.cause { true } else { false }
        }
    }

    @Test("without a master file is opened by BAC and read")
    func withoutMasterFile() throws {
        let chip = try Sample.chip(cardAccess: nil)
        chip.masterFiles = [:]
        let read = try ChipReader(channel: chip).read(Self.request())
        #expect(Self.isWhole(read))
        #expect(read.access == .basicAccessControl && read.image[.cardAccess] == nil)
    }

    @Test("without EF.COM is read by the list in EF.SOD")
    func withoutIndex() throws {
        var files = Sample.files
        files[.com] = nil
        files[.sod] = Sample.securityObject(listing: [1, 2, 13, 14, 15])
        let read = try ChipReader(channel: Sample.chip(files: files)).read(Self.request())
        #expect(Self.isWhole(read, files))
        #expect(read.unread == [UnreadFile(file: .com, reason: .notPresent(.notFound))])
    }

    @Test("that gives file control information whenever a file is selected is read", arguments: [true, false])
    func controlInformation(knowsShortIdentifiers: Bool) throws {
        let chip = try Sample.chip()
        chip.habits.givesControlInformation = true
        chip.habits.knowsShortIdentifiers = knowsShortIdentifiers
        #expect(try Self.isWhole(ChipReader(channel: chip).read(Self.request())))
    }

    @Test("that loses secure messaging with every failure is opened again, and all that it has is read")
    func losesSession() throws {
        var files = Sample.files
        files[.dg15] = nil
        let chip = try Sample.chip(files: files)
        chip.habits.endsSessionOnFailure = true
        let read = try ChipReader(channel: chip).read(Self.request())
        #expect(Self.isWhole(read, files))
        #expect(read.unread.contains(UnreadFile(file: .dg15, reason: .endedSecureMessaging(.notFound))))
        #expect(chip.resets == 2)
    }

    @Test("that loses secure messaging with every failure and has no EF.COM proves itself by chip authentication")
    func losesSessionAndProves() throws {
        let key = try PrivateKey.generateEC(.brainpoolP256r1)
        let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2]
        let info = try TLVEncoder.element(
            .sequence, ObjectIdentifier(base + [1, 2]).encoded + key.subjectPublicKeyInfo)
        let variant = TLVEncoder.element(.sequence, ObjectIdentifier(base + [3, 2, 2]).encoded + [0x02, 0x01, 0x01])
        var files = Sample.files
        files[.com] = nil
        files[.dg14] = TLVEncoder.element(0x6E, TLVEncoder.element(.set, variant + info))
        let chip = try Sample.chip(files: files)
        chip.habits.endsSessionOnFailure = true
        chip.authenticationKey = (try key.ecScalar(on: .brainpoolP256r1), .brainpoolP256r1, .aes128)
        let read = try ChipReader(channel: chip).read(Self.request())
        guard case .answered(let transcript) = read.proofs.chipAuthentication else {
            Issue.record("\(read.proofs)")
            return
        }
        #expect(Array(transcript.response.suffix(2)) == [0x90, 0x00])
        #expect(Self.isWhole(read, files))
    }

    @Test("is asked once what it can do: one trial with extended length, one look into EF.ATR/INFO")
    func strategyFoundOnce() throws {
        let chip = try Sample.chip()
        chip.masterFiles[0x2F01] = bytes("7F6608 02020800 02020400")
        #expect(try Self.isWhole(ChipReader(channel: chip).read(Self.request())))
        #expect(chip.commands.count { $0.starts(with: [0x00, 0xB0, 0x81]) } == 1)
        let refusing = try Sample.chip()
        refusing.habits.knowsExtendedLength = false
        #expect(try Self.isWhole(ChipReader(channel: refusing).read(Self.request())))
        #expect(refusing.commands.count { TestChip.fields($0)?.isExtended == true } == 1)
        #expect(refusing.resets == 0)
    }

    @Test("gives files that are hashed while they come, by the hash function that EF.SOD names")
    func hashing() throws {
        var files = Sample.files
        files[.sod] = Sample.securityObject(listing: [1, 2, 13, 14, 15])
        files[.dg1] = Sample.file(0x61, 93) + [1, 2, 3]
        for limit in [65_536, 100] {
            let chip = try Sample.chip(files: files)
            chip.habits.answerLimit = limit
            let read = try ChipReader(channel: chip).read(Self.request())
            #expect(Set(read.digests.keys) == [.dg1, .dg2, .dg13, .dg14, .dg15])
            for (file, digested) in read.digests {
                let content = try #require(read.image[file])
                #expect(digested.bytes == content && digested.algorithm == .sha256)
                #expect(try digested.digest == Digest.hash(content, with: .sha256))
            }
        }
        let unlisted = try ChipReader(channel: Sample.chip()).read(Self.request())
        #expect(unlisted.digests.isEmpty)
    }
}

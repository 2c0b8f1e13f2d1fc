import Document
import Testing

@testable import CardReader

@Suite("Reading files")
struct FileReaderTests {
    private static func key() throws -> AccessKey { .mrz(try #require(Sample.fields)) }

    /// Reads a chip with given habits and says whether every file came as it is.
    private static func readsWhole(_ chip: TestChip) throws -> Bool {
        let read = try ChipReader(channel: chip).read(ReadRequest(key: key()))
        return Sample.files.allSatisfy { read.image[$0.key] == $0.value }
            && read.unread == [UnreadFile(file: .dg3, reason: .needsTerminalAuthentication)]
    }

    @Test("No byte is read twice, and the portrait takes two commands where chip and reader know extended length")
    func extendedLength() throws {
        let chip = try Sample.chip()
        #expect(try Self.readsWhole(chip))
        let reads = chip.commands.filter { $0[0] == 0x0C && $0[1] == 0xB0 }
        #expect(chip.bytesGiven == Sample.files.values.reduce(Sample.cardAccess.count) { $0 + $1.count })
        // Seven files: COM, DG1 and DG15 whole in one piece; the rest in two.
        #expect(reads.count == 3 + 2 * 4)
        #expect(chip.resets == 0)
    }

    @Test("A chip without extended length is read in short pieces", arguments: [true, false])
    func shortLength(offersPACE: Bool) throws {
        let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil)
        chip.habits.knowsExtendedLength = false
        #expect(try Self.readsWhole(chip))
        #expect(chip.commands.dropFirst(3).allSatisfy { $0.count < 7 || $0[4] != 0 })
        let start = offersPACE ? Sample.cardAccess.count : 0
        #expect(chip.bytesGiven == Sample.files.values.reduce(start) { $0 + $1.count })
    }

    @Test("A chip that ends secure messaging over a long answer is opened again and read in short pieces")
    func endsSessionOverLongAnswer() throws {
        let chip = try Sample.chip()
        chip.habits.endsSessionAbove = 1000
        #expect(try Self.readsWhole(chip))
        #expect(chip.resets == 1)
    }

    @Test("A chip that states the longest answer it can give is asked for no more")
    func statedLimit() throws {
        let chip = try Sample.chip()
        chip.masterFiles[0x2F01] = bytes("7F6608 02020800 02020400")
        #expect(MasterFile.answerLimit(in: bytes("7F6608 02020800 02020400")) == 0x0400)
        chip.habits.endsSessionAbove = 0x0400
        #expect(try Self.readsWhole(chip))
        #expect(chip.resets == 0)
    }

    @Test("A chip that gives less than it is asked for is asked again", arguments: [1, 100, 300])
    func shortAnswers(_ limit: Int) throws {
        let chip = try Sample.chip(files: Sample.files.filter { $0.key != .dg2 })
        chip.habits.answerLimit = limit
        let read = try ChipReader(channel: chip).read(ReadRequest(key: Self.key(), files: .withoutPortrait))
        #expect(read.image[.sod] == Sample.files[.sod])
    }

    @Test("A chip that knows no short file identifiers is read by SELECT")
    func noShortIdentifiers() throws {
        let chip = try Sample.chip()
        chip.habits.knowsShortIdentifiers = false
        #expect(try Self.readsWhole(chip))
    }

    @Test("A chip that refuses to read past the end of a file is read to its end exactly")
    func exactReads() throws {
        let chip = try Sample.chip()
        chip.habits.readsPastEnd = false
        #expect(try Self.readsWhole(chip))
    }

    @Test("A chip that answers SELECT with file control information alone is read")
    func controlInformation() throws {
        let chip = try Sample.chip()
        chip.habits.selectsSilently = false
        #expect(try Self.readsWhole(chip))
    }

    @Test("Answers fetched by GET RESPONSE, as over T=0, are read", arguments: [16, 256])
    func getResponse(_ size: Int) throws {
        let chip = try Sample.chip()
        chip.habits.pieceByteCount = size
        chip.habits.knowsExtendedLength = false
        #expect(try Self.readsWhole(chip))
    }

    @Test("A file longer than 32 767 bytes is read to its end with the odd instruction", arguments: [true, false])
    func oddInstruction(knowsExtended: Bool) throws {
        var files = Sample.files
        files[.dg2] = Sample.file(0x75, 65_000)
        let chip = try Sample.chip(files: files)
        chip.habits.knowsExtendedLength = knowsExtended
        chip.habits.answerLimit = 30_000
        let read = try ChipReader(channel: chip).read(ReadRequest(key: Self.key()))
        #expect(read.image[.dg2] == files[.dg2])
        #expect(chip.commands.contains { $0[1] == 0xB1 })
    }

    @Test("A file that is listed and is not there, or is not shown, is told and does not end the read")
    func missingFiles() throws {
        var files = Sample.files
        files[.dg15] = nil
        let chip = try Sample.chip(files: files)
        chip.denied = [ElementaryFile.dg14.fileIdentifier]
        let read = try ChipReader(channel: chip).read(ReadRequest(key: Self.key()))
        #expect(read.unread.contains(UnreadFile(file: .dg15, reason: .notPresent(.notFound))))
        #expect(read.unread.contains(UnreadFile(file: .dg14, reason: .accessDenied(.securityStatusNotSatisfied))))
        #expect(read.image[.dg2] == Sample.files[.dg2])
    }

    @Test("A chip that ends secure messaging over one file is opened again, and the others are read")
    func endsSessionOnFile() throws {
        let chip = try Sample.chip()
        chip.habits.endsSessionOn = ElementaryFile.dg14.fileIdentifier
        let read = try ChipReader(channel: chip).read(ReadRequest(key: Self.key()))
        guard case .endedSecureMessaging? = read.unread.first(where: { $0.file == .dg14 })?.reason else {
            Issue.record("\(read.unread)")
            return
        }
        #expect(read.image[.dg2] == Sample.files[.dg2] && read.image[.dg13] == Sample.files[.dg13])
        #expect(chip.resets == 2)
    }

    @Test(
        "A chip without EF.COM, or with one that makes no sense, is asked for the usual files",
        arguments: [nil, bytes("6003010203")])
    func withoutIndex(_ index: [UInt8]?) throws {
        var files = Sample.files
        files[.com] = index
        let read = try ChipReader(channel: Sample.chip(files: files)).read(ReadRequest(key: Self.key()))
        for file in [ElementaryFile.sod, .dg1, .dg2, .dg13, .dg14, .dg15] { #expect(read.image[file] == files[file]) }
    }

    @Test("A data group that EF.SOD lists is read though EF.COM hides it")
    func hiddenDataGroup() throws {
        var files = Sample.files
        files[.com] = bytes("6013 5F0104 30313037 5F3606 303430303030 5C01 61")
        files[.sod] = Sample.securityObject(listing: [1, 13, 14])
        let read = try ChipReader(channel: Sample.chip(files: files)).read(ReadRequest(key: Self.key()))
        #expect(Set(read.image.files.keys) == [.cardAccess, .com, .sod, .dg1, .dg13, .dg14])
    }

    @Test(
        "A file that announces more than it has, or more than is read, or nothing that makes sense, is told",
        arguments: [
            ("6D82010001020304", UnreadFile.Reason.truncated(announced: 260, received: 8)),
            ("6D83010000", .tooLong(announced: 65_541)),
            ("6D83FFFFFF00", .tooLong(announced: 16_777_220)),
            ("6D84000000010000", .malformed), ("6D80000000000000", .malformed), ("6DFFFFFFFFFFFFFFFFFF", .malformed),
            ("6E03010203", .malformed), ("6D82", .malformed), ("6D", .malformed),
        ])
    func hostileLength(_ content: String, _ reason: UnreadFile.Reason) throws {
        var files = Sample.files
        files[.dg13] = bytes(content)
        let read = try ChipReader(channel: Sample.chip(files: files)).read(
            ReadRequest(key: Self.key(), files: .withoutPortrait))
        #expect(read.unread.contains(UnreadFile(file: .dg13, reason: reason)), "\(read.unread)")
        #expect(read.image[.dg1] == files[.dg1])
    }

    @Test("The longest file that is read has 65 536 bytes")
    func longestFile() throws {
        var files = Sample.files
        files[.dg2] = Sample.file(0x75, 65_536 - 5)
        #expect(files[.dg2]?.count == 65_535)
        files[.dg2] = bytes("75 83 00FFFB") + [UInt8](repeating: 0x5A, count: 65_531)
        let read = try ChipReader(channel: Sample.chip(files: files)).read(ReadRequest(key: Self.key()))
        #expect(read.image[.dg2]?.count == 65_536)
    }

    @Test("What stands behind the announced end of a file is left out")
    func trailingBytes() throws {
        var files = Sample.files
        files[.dg1] = Sample.file(0x61, 93) + [0, 0, 0, 0]
        let read = try ChipReader(channel: Sample.chip(files: files)).read(ReadRequest(key: Self.key()))
        #expect(read.image[.dg1] == Sample.files[.dg1])
    }

    @Test(
        "An EF.CardAccess that is no SecurityInfos offers no PACE", arguments: ["3103010203", "3000", "31840000", ""])
    func malformedCardAccess(_ content: String) throws {
        let chip = try Sample.chip(cardAccess: nil)
        chip.masterFiles[0x011C] = bytes(content)
        let read = try ChipReader(channel: chip).read(ReadRequest(key: Self.key(), files: .withoutPortrait))
        #expect(read.access == .basicAccessControl)
    }
}

@Suite("The start of a file")
struct FileHeaderTests {
    @Test(
        "The header tells how long a file is",
        arguments: [
            ("6100", FileHeader.complete(2)), ("617F", .complete(129)), ("618180", .complete(131)),
            ("61820100FF", .complete(260)), ("6183010000", .complete(65_541)), ("", .incomplete), ("61", .incomplete),
            ("6182", .incomplete), ("618201", .incomplete), ("6180", .malformed), ("6184", .malformed),
            ("7500", .malformed),
        ])
    func header(_ content: String, _ header: FileHeader) {
        #expect(FileHeader(bytes(content), tag: 0x61) == header)
    }
}

@Suite("Answer to reset")
struct AnswerToResetTests {
    @Test("Extended length is known from the card capabilities among the historical bytes")
    func capabilities() {
        #expect(AnswerToReset(bytes("3B8980018073C021C0574E000A")).allowsExtendedLength == true)
        #expect(AnswerToReset(bytes("3B8980018073C02180574E000A")).allowsExtendedLength == false)
        #expect(AnswerToReset(bytes("3B8180018080")).allowsExtendedLength == nil)
        #expect(AnswerToReset(bytes("3B8980018073C021C0574E000A")).historicalBytes.count == 9)
    }

    @Test("An answer cut off anywhere tells nothing, and does no harm")
    func truncated() {
        let whole = bytes("3BFF1800FFC10A31FE55006B05082108250000000000000000000000")
        for count in whole.indices { _ = AnswerToReset(Array(whole.prefix(count))) }
        #expect(AnswerToReset([]).historicalBytes.isEmpty)
        #expect(AnswerToReset(bytes("3BFF")).historicalBytes.isEmpty)
        #expect(AnswerToReset([UInt8](repeating: 0xFF, count: 33)).allowsExtendedLength == nil)
    }
}

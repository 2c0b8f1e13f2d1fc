import Crypto
import Document
import Testing

@testable import CardReader

@Suite("Reading a chip")
struct ChipReaderTests {
    private static func request(
        _ key: AccessKey, _ files: ReadRequest.Selection = .everything
    ) -> ReadRequest { ReadRequest(key: key, files: files) }

    private static func numberKey() throws -> AccessKey { .personalNumber(try #require(Sample.personalNumber)) }
    private static func zoneKey() throws -> AccessKey { .mrz(try #require(Sample.fields)) }

    private static func isWhole(_ image: CardImage, cardAccess: [UInt8]?) -> Bool {
        var whole = CardImage(files: Sample.files)
        whole[.cardAccess] = cardAccess
        return image == whole
    }

    @Test("The personal number opens a card by PACE with its last six digits, and every file is read")
    func personalNumber() throws {
        let chip = try Sample.chip()
        let read = try ChipReader(channel: chip).read(Self.request(Self.numberKey()))
        #expect(Self.isWhole(read.image, cardAccess: Sample.cardAccess))
        #expect(read.unread == [UnreadFile(file: .dg3, reason: .needsTerminalAuthentication)])
        let oid = ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2])
        #expect(read.access == .pace(protocolOID: oid, parameterID: 13, password: .can))
        #expect(read.attempts.map(\.outcome) == [.opened])
        #expect(read.apduCount == chip.commands.count)
        #expect(read.atr == chip.atr)
    }

    @Test("Nothing but the master file, EF.CardAccess, EF.ATR/INFO and PACE is sent in the clear")
    func protectedAfterAccess() throws {
        let chip = try Sample.chip()
        _ = try ChipReader(channel: chip).read(Self.request(Self.numberKey()))
        let clear = chip.commands.prefix { $0[0] & 0x0C == 0 }
        #expect(clear.map { $0[1] } == [0xA4, 0xB0, 0xB0, 0x22, 0x86, 0x86, 0x86, 0x86])
        #expect(chip.commands.dropFirst(clear.count).allSatisfy { $0[0] & 0x0C == 0x0C })
    }

    @Test("The files come in the order in which a verdict needs them, the portrait last")
    func order() throws {
        var files: [ElementaryFile] = []
        var last = 0
        let chip = try Sample.chip()
        let read = try ChipReader(channel: chip).read(Self.request(Self.numberKey())) { progress in
            if files.last != progress.file { files.append(progress.file) }
            #expect(progress.bytesRead >= last && progress.fileBytesRead <= progress.fileByteCount)
            last = progress.bytesRead
        }
        #expect(files == [.sod, .com, .dg14, .dg13, .dg1, .dg15, .dg2])
        #expect(last == Sample.files.values.map(\.count).reduce(0, +))
        #expect(read.byteCount > last)
    }

    @Test("The portrait is left alone when it is not asked for")
    func withoutPortrait() throws {
        let read = try ChipReader(channel: Sample.chip()).read(Self.request(Self.numberKey(), .withoutPortrait))
        #expect(read.image[.dg2] == nil && read.image[.dg13] != nil)
        #expect(!read.unread.contains { $0.file == .dg2 })
    }

    @Test("Only the files that are asked for are read, and EF.COM and EF.SOD always")
    func selection() throws {
        let read = try ChipReader(channel: Sample.chip()).read(Self.request(Self.numberKey(), .only([.dg1, .dg11])))
        #expect(Set(read.image.files.keys) == [.cardAccess, .com, .sod, .dg1])
    }

    @Test("A wrong number is a wrong key, and BAC is not tried with it")
    func wrongNumber() throws {
        let chip = try Sample.chip(can: "999999")
        #expect {
            try ChipReader(channel: chip).read(Self.request(Self.numberKey()))
        } throws: { error in
            guard case CardReaderError.wrongKey(let attempts) = error else { return false }
            return attempts.map(\.outcome) == [.wrongKey(.authenticationFailed)]
        }
        #expect(!chip.commands.contains { $0[1] == 0x84 })
    }

    @Test("The fields of the machine readable zone open a card by PACE where it is offered, and by BAC where not")
    func machineReadableZone() throws {
        let withPACE = try ChipReader(channel: Sample.chip()).read(Self.request(Self.zoneKey()))
        guard case .pace(_, 13, .mrz) = withPACE.access else {
            Issue.record("\(withPACE.access)")
            return
        }
        let chip = try Sample.chip(cardAccess: nil)
        let withoutPACE = try ChipReader(channel: chip).read(Self.request(Self.zoneKey()))
        #expect(withoutPACE.access == .basicAccessControl)
        #expect(Self.isWhole(withoutPACE.image, cardAccess: nil))
    }

    @Test("Wrong fields are a wrong key, for PACE and for BAC", arguments: [true, false])
    func wrongFields(offersPACE: Bool) throws {
        let wrong = try AccessFields(documentNumber: "190012346", birthDate: "900215", expiryDate: "300215")
        let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil)
        #expect {
            try ChipReader(channel: chip).read(Self.request(.mrz(wrong)))
        } throws: { error in
            if case CardReaderError.wrongKey(let attempts) = error { attempts.count == 1 } else { false }
        }
    }

    @Test(
        "The QR code opens a card by the number in it, and a chip without PACE by the expiry dates that the law allows for"
    )
    func qrText() throws {
        let key = AccessKey.qr(try #require(Sample.qr))
        let withPACE = try ChipReader(channel: Sample.chip()).read(Self.request(key))
        guard case .pace(_, 13, .can) = withPACE.access else {
            Issue.record("\(withPACE.access)")
            return
        }
        let candidates = try #require(Sample.qr).accessCandidates
        let printed = try #require(candidates.firstIndex { $0 == Sample.fields })
        let withoutPACE = try ChipReader(channel: Sample.chip(cardAccess: nil)).read(Self.request(key))
        #expect(withoutPACE.access == .basicAccessControl)
        #expect(withoutPACE.attempts.count == printed + 1)
        #expect(withoutPACE.attempts.last?.candidate == printed)
    }

    @Test("A chip whose PACE does not know the CAN is opened by the fields that the QR code gives")
    func qrTextWithoutCAN() throws {
        let chip = try Sample.chip(can: nil)
        let read = try ChipReader(channel: chip).read(Self.request(.qr(#require(Sample.qr))))
        guard case .pace(_, 13, .mrz) = read.access,
            case .refused(.referencedDataNotFound, _)? = read.attempts.first?.outcome
        else {
            Issue.record("\(read.attempts)")
            return
        }
    }

    @Test("The number alone does not open a chip without PACE, and the error says what would")
    func numberWithoutPACE() throws {
        #expect {
            try ChipReader(channel: Sample.chip(cardAccess: nil)).read(Self.request(Self.numberKey()))
        } throws: { error in
            if case CardReaderError.keyNotUsable(.personalNumber, _) = error { true } else { false }
        }
    }

    @Test("A variant that nobody standardised leaves BAC", arguments: [10, 19, 3] as [UInt8])
    func unsupportedVariant(_ parameterID: UInt8) throws {
        let chip = try Sample.chip(cardAccess: Sample.cardAccess(protocolArcs: [4, 2], parameterID: parameterID))
        let read = try ChipReader(channel: chip).read(Self.request(Self.zoneKey()))
        #expect(read.access == .basicAccessControl)
    }

    @Test("A card access number is six digits", arguments: ["12345", "1234567", "12345a", "１２３４５６", ""])
    func invalidNumber(_ text: String) throws {
        #expect(throws: CardReaderError.invalidKey(reason: "a card access number has six digits")) {
            try ChipReader(channel: Sample.chip()).read(Self.request(.can(text)))
        }
    }

    @Test("A chip without access control is read as it is")
    func openChip() throws {
        let chip = try Sample.chip(cardAccess: nil)
        chip.accessSeed = nil
        for key in [try Self.numberKey(), try Self.zoneKey()] {
            let read = try ChipReader(channel: chip).read(Self.request(key, .withoutPortrait))
            #expect(read.access == .none)
            #expect(read.image[.dg13] == Sample.files[.dg13])
        }
    }

    @Test("A card without the ICAO application says so")
    func noApplication() throws {
        let chip = ScriptedChannel([
            ("00A4000C023F00", "6A82"), ("00B09C0000", "6A82"), ("00A4020C02011C", "6A82"),
            ("00A4040C07A0000002471001", "6A82"),
        ])
        #expect(throws: CardReaderError.applicationNotFound(.notFound)) {
            try ChipReader(channel: chip).read(Self.request(Self.zoneKey()))
        }
    }

    @Test("Of several variants one with AES is taken, and the chip is told which parameters")
    func severalVariants() throws {
        let weak = Sample.cardAccess(protocolArcs: [2, 1], parameterID: 12)
        let strong = Sample.cardAccess(protocolArcs: [2, 4], parameterID: 16)
        let both = TLVEncoder.element(.set, Array(weak.dropFirst(2) + strong.dropFirst(2)))
        let chip = try Sample.chip(cardAccess: both)
        let read = try ChipReader(channel: chip).read(Self.request(Self.numberKey(), .withoutPortrait))
        guard case .pace(_, 16, .can) = read.access else {
            Issue.record("\(read.access)")
            return
        }
        let template = try #require(chip.commands.first { $0[1] == 0x22 })
        #expect(Array(template.suffix(3)) == [0x84, 0x01, 0x10])
    }
}

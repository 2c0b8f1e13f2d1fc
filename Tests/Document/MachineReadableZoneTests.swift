import Document
import TestSupport
import Testing

@Suite("machine readable zone")
struct MachineReadableZoneTests {
    @Test("a Vietnamese card's zone is read")
    func vietnameseCard() throws {
        let zone = try MachineReadableZone(InventedZone.nguyenVanAn)
        #expect(zone.format == .td1)
        #expect(zone.failedCheckDigits.isEmpty)
        #expect(zone.documentCode == "ID")
        #expect(zone.issuingState == "VNM")
        #expect(zone.nationality == "VNM")
        #expect(zone.documentNumber == "085123456")
        #expect(try zone.personalNumber == PersonalNumber("079085123456"))
        #expect(zone.birthDate == "850315")
        #expect(zone.sex == .male)
        #expect(zone.expiry == CalendarDate(iso: "2025-03-15"))
        #expect(zone.primaryIdentifier == "NGUYEN")
        #expect(zone.secondaryIdentifier == "VAN AN")
        #expect(!zone.isNameTruncated)
        #expect(zone.text.utf8.count == 90)
        let fields = try AccessFields(documentNumber: "085123456", birthDate: "850315", expiryDate: "250315")
        #expect(zone.accessFields == fields)
    }

    @Test(
        "the specimens of Doc 9303 have all their check digits right",
        arguments: [
            // Doc 9303-5, appendix B; -6, appendix B; -4, appendix B.
            """
            I<UTOD231458907<<<<<<<<<<<<<<<
            7408122F1204159UTO<<<<<<<<<<<6
            ERIKSSON<<ANNA<MARIA<<<<<<<<<<
            """,
            """
            I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
            D231458907UTO7408122F1204159<<<<<<<6
            """,
            """
            P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
            L898902C36UTO7408122F1204159ZE184226B<<<<<10
            """,
        ])
    func specimens(text: String) throws {
        let zone = try MachineReadableZone(text)
        #expect(zone.failedCheckDigits.isEmpty)
        #expect(zone.issuingState == "UTO")
        #expect(zone.primaryIdentifier == "ERIKSSON")
        #expect(zone.secondaryIdentifier == "ANNA MARIA")
        #expect(zone.birthDate == "740812")
        #expect(zone.sex == .female)
        #expect(zone.expiryDate == "120415")
    }

    @Test("a passport's optional data are read, with their check digit")
    func passport() throws {
        let lines = [
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ]
        let zone = try MachineReadableZone(lines.joined())
        #expect(zone.format == .td3)
        #expect(zone.documentNumber == "L898902C3")
        #expect(zone.optionalData == ["ZE184226B"])
        let spoilt = try MachineReadableZone(lines.joined().replacing("ZE184226B", with: "ZE184226C"))
        #expect(spoilt.failedCheckDigits == [.optionalData, .composite])
    }

    @Test("a filler is a good check digit of empty optional data", .enabled(if: SharedVectors.arePresent))
    func emptyOptionalData() throws {
        let file = try SharedVectors.specimen("Datagroup1")
        let zone = try DataGroup1(file.span).mrz
        #expect(zone.failedCheckDigits.isEmpty)
        #expect(zone.documentNumber == "C11T002JM")
        #expect(zone.issuingState == "D")
        #expect(zone.primaryIdentifier == "MUSTERMANN")
    }

    @Test(
        "a number over nine characters goes on in the optional data",
        arguments: [
            (
                """
                I<UTOD23145890<7349<<<<<<<<<<<
                3407127M9507122UTO<<<<<<<<<<<2
                STEVENSON<<PETER<JOHN<<<<<<<<<
                """, MachineReadableZone.Format.td1
            ),
            (
                """
                I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<
                D23145890<UTO3407127M95071227349<<<8
                """, .td2
            ),
        ])
    func longNumber(text: String, format: MachineReadableZone.Format) throws {
        // Doc 9303-11, D.2.
        let zone = try MachineReadableZone(text)
        #expect(zone.format == format)
        #expect(zone.failedCheckDigits.isEmpty)
        #expect(zone.documentNumber == "D23145890734")
        #expect(zone.optionalData.joined().isEmpty)
        #expect(zone.accessFields.mrzInformation == "D23145890734934071279507122")
    }

    @Test(
        "a wrong character is told by the check digits over it",
        arguments: [
            (5, [MachineReadableZone.CheckedField.documentNumber, .composite]), (14, [.documentNumber, .composite]),
            (15, [.composite]), (30, [.birthDate, .composite]), (36, [.birthDate, .composite]),
            (38, [.expiryDate, .composite]), (44, [.expiryDate, .composite]), (48, [.composite]), (59, [.composite]),
            (45, []), (60, []),
        ])
    func wrongCharacter(index: Int, failed: [MachineReadableZone.CheckedField]) throws {
        var characters = InventedZone.nguyenVanAn.utf8.filter { $0 != UInt8(ascii: "\n") }
        characters[index] = characters[index] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
        let zone = try MachineReadableZone(String(decoding: characters, as: UTF8.self))
        #expect(zone.failedCheckDigits == failed)
    }

    @Test("line ends of every kind, and none, are the same")
    func lineEnds() throws {
        let zone = try MachineReadableZone(InventedZone.nguyenVanAn)
        for separator in ["", "\r\n", "\r", " \n "] {
            #expect(try MachineReadableZone(InventedZone.nguyenVanAn.replacing("\n", with: separator)) == zone)
        }
    }

    @Test(
        "what is no zone is refused",
        arguments: [
            "", "<", String(repeating: "<", count: 90), String(repeating: "\n", count: 500),
            InventedZone.nguyenVanAn + "<", String(InventedZone.nguyenVanAn.dropLast()),
            InventedZone.nguyenVanAn.lowercased(), InventedZone.nguyenVanAn.replacing("NGUYEN", with: "NGUYỄN"),
            InventedZone.nguyenVanAn.replacing("M2503", with: "Q2503"),
            InventedZone.nguyenVanAn.replacing("8503", with: "85O3"),
            InventedZone.nguyenVanAn + String(repeating: " ", count: 200),
        ])
    func refused(text: String) {
        #expect(throws: DocumentError.self) { try MachineReadableZone(text) }
    }

    @Test("a name that fills its field may have been cut")
    func truncation() throws {
        #expect(try MachineReadableZone(InventedZone.congTangTonNu).isNameTruncated)
    }

    @Test("a card of another State has no Vietnamese personal number")
    func foreignCard() throws {
        let foreign = InventedZone.nguyenVanAn.replacing("IDVNM", with: "IDUTO")
        #expect(try MachineReadableZone(foreign).personalNumber == nil)
    }

    @Test("a card without end has a far date")
    func withoutEnd() throws {
        #expect(try MachineReadableZone(InventedZone.congTangTonNu).expiry == CalendarDate(iso: "2099-12-31"))
    }
}

/// Zones of people who do not exist.
enum InventedZone {
    static let nguyenVanAn = """
        IDVNM0851234564079085123456<<4
        8503150M2503158VNM<<<<<<<<<<<2
        NGUYEN<<VAN<AN<<<<<<<<<<<<<<<<
        """

    /// The name is cut, the card has no end.
    static let congTangTonNu = """
        IDVNM1500000172001150000017<<3
        5001013F9912315VNM<<<<<<<<<<<2
        CONG<<TANG<TON<NU<THUY<HUYEN<T
        """
}

@Suite("DG1")
struct DataGroup1Tests {
    private static let zone = InventedZone.nguyenVanAn.utf8.filter { $0 != UInt8(ascii: "\n") }

    @Test("the zone is found")
    func reads() throws {
        let file = TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1F, Self.zone)])
        #expect(try DataGroup1(file.span).mrz == MachineReadableZone(InventedZone.nguyenVanAn))
    }

    @Test(
        "a malformed file is refused",
        arguments: [
            [], [0x61, 0], TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1F, zone)]) + [0],
            TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1F, zone), [0x5F, 0x1F, 0]]),
            TLVEncoder.element(0x60, [TLVEncoder.element(0x5F1F, zone)]),
            TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1E, zone)]),
            TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1F, zone + [0x3C])]),
            TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1F, Array(zone.dropLast()) + [0xFF])]),
        ])
    func refused(bytes: [UInt8]) {
        #expect(throws: DocumentError.self) { try DataGroup1(bytes.span) }
    }
}

import Crypto
import Document
import Foundation
import Testing

@testable import Simulator

@Suite("A personalised card")
struct PersonalisationTests {
    private static let demo = Result { try Personalisation(.demo).card(signedBy: TestPKI()) }

    @Test("EF.CardAccess is the real card's, byte for byte")
    func cardAccess() throws {
        let expected =
            "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D"
        #expect(try Self.demo.get().image[.cardAccess].map(Hexadecimal.text) == expected)
    }

    @Test("the machine readable zone has the card's layout")
    func machineReadableZone() throws {
        let zone = MachineReadableZoneWriter(.demo)
        let lines = stride(from: 0, to: 90, by: 30).map { String(zone.text.dropFirst($0).prefix(30)) }
        #expect(lines[0].hasPrefix("IDVNM090012345"))
        #expect(lines[0].dropFirst(15).hasPrefix("001090012345<<"))
        #expect(lines[1].hasPrefix("900315") && lines[1].dropFirst(7).hasPrefix("M300315"))
        #expect(lines[1].dropFirst(15).hasPrefix("VNM<<<<<<<<<<<"))
        #expect(lines[2] == "NGUYEN<<VAN<MINH<<<<<<<<<<<<<<")
        let image = try Self.demo.get().image
        let dg1 = try image.bytes(.dg1)
        let read = try DataGroup1(dg1.span)
        #expect(read.mrz.failedCheckDigits.isEmpty)
        #expect(read.mrz.accessFields.mrzInformation == zone.information)
    }

    @Test(
        "check digits are those of Doc 9303's examples",
        arguments: [("L898902C<", "3"), ("690806", "1"), ("940623", "6")])
    func checkDigits(_ text: String, _ digit: String) {
        #expect(MachineReadableZoneWriter.checkDigit(text) == digit)
    }

    @Test(
        "names lose their diacritics and nothing else",
        arguments: [
            ("Nguyễn Văn Minh", "NGUYEN<<VAN<MINH"), ("Đặng Thị Thùy", "DANG<<THI<THUY"), ("Phượng", "PHUONG"),
            ("Vũ Ngọc Ước", "VU<<NGOC<UOC"), ("Ngu\u{0079}e\u{0302}\u{0303}n Y\u{0309}", "NGUYEN<<Y"),
        ])
    func latinNames(_ name: String, _ expected: String) {
        #expect(MachineReadableZoneWriter.name(name) == expected)
    }

    @Test("DG13 gives every field of the holder back")
    func dataGroup13() throws {
        var citizen = Citizen.demo
        citizen.spouseName = "Lê Thị Hoa"
        let bytes = DataGroupWriter.dataGroup13(citizen)
        let read = try DataGroup13(bytes.span)
        #expect(read.personalNumber == citizen.personalNumber)
        #expect(read.fullName == citizen.fullName)
        #expect(read.sex == citizen.sex)
        #expect(read.nationality == citizen.nationality)
        #expect(read.ethnicity == citizen.ethnicity)
        #expect(read.religion == citizen.religion)
        #expect(read.placeOfOrigin == citizen.placeOfOrigin)
        #expect(read.residence == citizen.residence)
        #expect(read.identifyingFeatures == citizen.identifyingFeatures)
        #expect(read.fatherName == citizen.fatherName)
        #expect(read.motherName == citizen.motherName)
        #expect(read.spouseName == citizen.spouseName)
        #expect(read.oldNumber == citizen.oldNumber)
        #expect(read.chipSerial == citizen.chipSerial)
    }

    @Test("DG2 holds the placeholder, a JPEG 2000 file of at most twelve kibibytes")
    func dataGroup2() throws {
        let image = try Self.demo.get().image
        let dg2 = try image.bytes(.dg2)
        let portraits = try DataGroup2(dg2.span).images
        #expect(portraits.count == 1)
        #expect(Portrait.placeholder.bytes.starts(with: [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]))
        #expect(Portrait.placeholder.bytes.count <= 12 * 1024)
        #expect(portraits.first?.kind == .jpeg2000)
        #expect(portraits.first?.bytes == Portrait.placeholder.bytes)
    }

    @Test("DG14 repeats EF.CardAccess and adds the key of chip authentication")
    func dataGroup14() throws {
        let image = try Self.demo.get().image
        let cardAccess = try image.bytes(.cardAccess)
        let open = try SecurityInfos(cardAccess.span)
        let dg14 = try image.bytes(.dg14)
        let signed = try DataGroup14(dg14.span).securityInfos
        #expect(signed.pace == open.pace)
        #expect(signed.chipAuthentication == open.chipAuthentication)
        let key = try #require(signed.chipAuthenticationPublicKeys.first)
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        #expect(publicKey.kind == .ec(.brainpoolP256r1))
        #expect(publicKey.hasExplicitParameters)
    }

    @Test("EF.COM names the data groups that are there")
    func common() throws {
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups = [1, 2, 3, 13, 14]
        let image = try personalisation.card(signedBy: TestPKI()).image
        let com = try image.bytes(.com)
        let common = try CommonData(com.span)
        #expect(common.dataGroups == [1, 2, 3, 13, 14])
        #expect(image[.dg3] != nil)
    }

    @Test("a card without PACE has no EF.CardAccess and says nothing of PACE in DG14")
    func withoutPACE() throws {
        var personalisation = Personalisation(.demo)
        personalisation.pace = []
        let image = try personalisation.card(signedBy: TestPKI()).image
        #expect(image[.cardAccess] == nil)
        let dg14 = try image.bytes(.dg14)
        let signed = try DataGroup14(dg14.span)
        #expect(signed.securityInfos.pace.isEmpty)
    }

    @Test("an active authentication key stands in DG15, and DG14 tells the hash of an ECDSA one")
    func dataGroup15() throws {
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups.insert(15)
        personalisation.activeAuthentication = try ActiveAuthenticationKey(new: .ec(.secp256r1), digest: .sha256)
        let image = try personalisation.card(signedBy: TestPKI()).image
        let dg15 = try image.bytes(.dg15)
        let key = try DataGroup15(dg15.span).subjectPublicKeyInfo
        #expect(try PublicKey(subjectPublicKeyInfo: key).kind == .ec(.secp256r1))
        let dg14 = try image.bytes(.dg14)
        let signed = try DataGroup14(dg14.span)
        #expect(signed.securityInfos.activeAuthentication != nil)
        personalisation.activeAuthentication = nil
        #expect(throws: SimulatorError.unsupported(what: "DG15 without an active authentication key")) {
            try personalisation.card(signedBy: TestPKI())
        }
    }

    @Test("tampering flips the named byte and nothing else, and a byte that is not there is refused")
    func tampering() throws {
        var card = try Self.demo.get()
        let before = try card.image.bytes(.dg13)
        try card.tamper(with: .dg13, at: 40)
        let after = try card.image.bytes(.dg13)
        #expect(zip(before, after).enumerated().filter { $1.0 != $1.1 }.map(\.offset) == [40])
        #expect(throws: SimulatorError.self) { try card.tamper(with: .dg13, at: before.count) }
        #expect(throws: SimulatorError.self) { try card.tamper(with: .dg13, mask: 0) }
        #expect(throws: SimulatorError.self) { try card.tamper(with: .dg11) }
    }

    @Test("the same seed invents the same people, and each of them makes a readable card")
    func generator() throws {
        var first = CitizenGenerator(seed: 7)
        var second = CitizenGenerator(seed: 7)
        var other = CitizenGenerator(seed: 8)
        let people = (0..<500).map { _ in first.next() }
        #expect(people == (0..<500).map { _ in second.next() })
        #expect(people != (0..<500).map { _ in other.next() })
        for citizen in people {
            #expect(citizen.personalNumber.birthYear == citizen.birthDate.year)
            #expect(citizen.personalNumber.sex == citizen.sex)
            #expect(citizen.personalNumber.province != nil)
            let dg1 = DataGroupWriter.dataGroup1(MachineReadableZoneWriter(citizen).text)
            let zone = try DataGroup1(dg1.span).mrz
            #expect(zone.failedCheckDigits.isEmpty)
            let dg13 = DataGroupWriter.dataGroup13(citizen)
            let read = try DataGroup13(dg13.span)
            #expect(read.fullName == citizen.fullName)
            #expect(citizen.expiryDate.map { $0 > citizen.issueDate } ?? true)
        }
    }

    @Test("the QR text opens the chip by one of the expiry dates that the law allows for")
    func qrText() throws {
        var generator = CitizenGenerator(seed: 3)
        for citizen in [Citizen.demo] + (0..<200).map({ _ in generator.next() }) {
            let text = try QRText(citizen.qrText)
            #expect(text.personalNumber == citizen.personalNumber)
            let information = MachineReadableZoneWriter(citizen).information
            #expect(text.accessCandidates.map(\.mrzInformation).contains(information), "\(citizen)")
        }
    }

    @Test("chip authentication mapping's key is signed in EF.CardSecurity and in DG14, and is chip authentication's")
    func cardSecurity() throws {
        var personalisation = Personalisation(.demo)
        personalisation.pace = [PACEOffer(mapping: .chipAuthentication, parameterID: 12)]
        let pki = try TestPKI()
        let card = try personalisation.card(signedBy: pki)
        let key = try #require(card.secrets.mappingKeys.first)
        #expect(key.curve == .secp256r1 && card.secrets.chipAuthenticationKeys.map(\.curve) == [.secp256r1])
        let file = try card.image.bytes(.cardSecurity)
        var cursor = TLVCursor(file.span)
        let content = Array(file[try #require(try SignedData(from: &cursor).content)])
        let infos = try SecurityInfos(content.span)
        let bytes = try card.image.bytes(.dg14)
        let group = try DataGroup14(bytes.span)
        #expect(infos.chipAuthenticationPublicKeys == group.securityInfos.chipAuthenticationPublicKeys)
        #expect(infos.chipAuthenticationPublicKeys.count == 1)
    }
}

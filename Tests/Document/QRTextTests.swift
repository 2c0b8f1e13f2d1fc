import Document
import Testing

@Suite("QR text")
struct QRTextTests {
    private static let text =
        "079085123456|024123456|Nguyễn Văn An|15031985|Nam|12 Đường Số 3, Phường Một, Hồ Chí Minh|20042021"

    private static func text(birth: String, issue: String) -> String {
        "079085123456||Nguyễn Văn An|\(birth)|Nam|Hồ Chí Minh|\(issue)"
    }

    @Test("every field is read, whatever the scanner puts around", arguments: ["", "\n", "\r\n", " "])
    func reads(end: String) throws {
        let qr = try QRText(end + Self.text + end)
        #expect(qr.personalNumber.text == "079085123456")
        #expect(qr.oldNumber == "024123456")
        #expect(qr.fullName == "Nguyễn Văn An")
        #expect(qr.birthDate.date == CalendarDate(iso: "1985-03-15"))
        #expect(qr.sex == .male)
        #expect(qr.residence == "12 Đường Số 3, Phường Một, Hồ Chí Minh")
        #expect(qr.issueDate == CalendarDate(iso: "2021-04-20"))
        #expect(qr.furtherFields.isEmpty)
    }

    @Test("further fields are kept, empty ones too")
    func furtherFields() throws {
        let qr = try QRText(Self.text + "||Nguyễn Văn Bình|Trần Thị Cúc|")
        #expect(qr.furtherFields == ["", "Nguyễn Văn Bình", "Trần Thị Cúc", ""])
    }

    @Test("the old number may be empty")
    func noOldNumber() throws {
        #expect(try QRText(Self.text(birth: "15031985", issue: "20042021")).oldNumber == nil)
    }

    @Test("a birth date may lack a part, and then opens no chip by BAC", arguments: ["1950", "111950", "00001950"])
    func partialBirthDate(birth: String) throws {
        let qr = try QRText(Self.text(birth: birth, issue: "20042021"))
        #expect(qr.birthDate.year == 1950)
        #expect(qr.accessCandidates.isEmpty)
    }

    @Test(
        "what is no such text is refused",
        arguments: [
            "", "|", "||||||", "079085123456", text.replacing("|20042021", with: ""),
            text.replacing("20042021", with: "2004202"),
            text.replacing("20042021", with: "31022021"), text.replacing("079085123456", with: "07908512345"),
            text.replacing("Nguyễn Văn An", with: ""), text.replacing("|Nam|", with: "|M|"),
            text.replacing("15031985", with: "1503198x"), text + String(repeating: "|", count: QRText.maximumByteCount),
        ])
    func refused(text: String) {
        #expect(throws: DocumentError.self) { try QRText(text) }
    }

    @Test("a combining mark behind a separator does not hide it")
    func combiningMark() throws {
        #expect(try QRText(Self.text.replacing("|Nguyễn", with: "|\u{301}Nguyễn")).sex == .male)
    }

    @Test(
        "the expiry date follows from birth and issue date by the law's ages",
        arguments: [
            // At 25, 40 and 60; nobody is good for longer than to the next.
            ("15031985", "20042021", ["250315"]), ("15032005", "20042021", ["300315"]),
            ("15031970", "20042021", ["300315"]), ("15031961", "20042021", ["991231"]),
            ("15031950", "20042021", ["991231"]),
            // Within two years before an age: good until the next.
            ("15031997", "15032020", ["370315"]), ("15031997", "14032020", ["220315"]),
            ("15031983", "20042021", ["430315"]), ("15031963", "20042021", ["991231"]),
            // On the birthday itself the age is reached.
            ("15031981", "15032021", ["410315"]),
            // Children: to 14 by the law of 2023, which came into force on 1 July 2024, to 25 by the one before.
            ("15032015", "01072024", ["290315", "400315"]), ("15032015", "30062024", ["400315", "290315"]),
            ("15032012", "01082024", ["370315"]),
            // 29 February.
            ("29022000", "20042021", ["250228", "250301"]), ("29022000", "20042024", ["400229"]),
        ])
    func accessCandidates(birth: String, issue: String, expiries: [String]) throws {
        let qr = try QRText(Self.text(birth: birth, issue: issue))
        #expect(qr.accessCandidates.map(\.expiryDate) == expiries)
        #expect(qr.accessCandidates.allSatisfy { $0.documentNumber == "085123456" })
    }

    @Test("the first candidate is what the machine readable zone of the same card opens with")
    func sameAsZone() throws {
        let zone = try MachineReadableZone(InventedZone.nguyenVanAn)
        #expect(try QRText(Self.text).accessCandidates == [zone.accessFields])
    }
}

import Document
import Testing

@Suite("personal number")
struct PersonalNumberTests {
    @Test(
        "the fourth digit tells sex and century",
        arguments: [
            ("001050000001", Sex.male, 1950), ("001150000001", .female, 1950), ("001207000001", .male, 2007),
            ("001307000001", .female, 2007), ("001400000001", .male, 2100), ("001799000001", .female, 2299),
            ("001899000001", .male, 2399), ("001900000001", .female, 2300),
        ])
    func sexAndCentury(text: String, sex: Sex, birthYear: Int) throws {
        let number = try PersonalNumber(text)
        #expect(number.sex == sex)
        #expect(number.birthYear == birthYear)
    }

    @Test(
        "the first three digits are a province",
        arguments: [
            ("001", "Hà Nội"), ("048", "Đà Nẵng"), ("077", "Bà Rịa–Vũng Tàu"), ("079", "Hồ Chí Minh"),
            ("096", "Cà Mau"),
        ])
    func province(code: String, name: String) throws {
        let number = try PersonalNumber(code + "085123456")
        #expect(number.provinceCode == code)
        #expect(number.province == name)
    }

    @Test("there are 63 provinces")
    func provinceCount() throws {
        let known = try (1...999).filter { code in
            let digits = "00\(code)".suffix(3)
            return try PersonalNumber("\(digits)085123456").province != nil
        }
        #expect(known.count == 63)
        #expect(known.first == 1)
        #expect(known.last == 96)
    }

    @Test("a code of no province is that of a birth abroad", arguments: ["003", "097", "272", "999"])
    func abroad(code: String) throws {
        #expect(try PersonalNumber(code + "085123456").province == nil)
    }

    @Test("the chip's number and access number are its last digits")
    func chipNumbers() throws {
        let number = try PersonalNumber("079085123456")
        #expect(number.can == "123456")
        #expect(number.documentNumber == "085123456")
    }

    @Test(
        "anything but twelve digits with a place is refused",
        arguments: [
            "", "07908512345", "0790851234567", "07908512345A", " 079085123456", "079085123456\n", "079 085 123 456",
            "０７９０８５１２３４５６", "000085123456", "-79085123456",
        ])
    func refused(text: String) {
        #expect(throws: DocumentError.self) { try PersonalNumber(text) }
    }

    @Test("the refusal does not repeat the number")
    func noDisclosure() {
        let error = #expect(throws: DocumentError.self) { try PersonalNumber("000085123456") }
        #expect(error?.description.contains("085123456") == false)
    }
}

import Testing

@testable import Registry

@Suite("Days, numbers and names")
struct ValuesTests {
    @Test(
        "days and seconds since 1970 turn into each other",
        arguments: [0, 951_782_400, 951_868_800, 1_795_000_000, 4_102_444_799, 32_503_679_999])
    func seconds(_ seconds: Int) throws {
        let day = Day(secondsSince1970: seconds)
        #expect(day.daysSince1970 == seconds / 86_400)
        #expect(
            Timestamp(iso: Timestamp(secondsSince1970: seconds).description) == Timestamp(secondsSince1970: seconds))
    }

    @Test("known days have their known texts")
    func knownDays() {
        #expect(Day(secondsSince1970: 0).description == "1970-01-01")
        #expect(Day(secondsSince1970: 951_782_400).description == "2000-02-29")
        #expect(Timestamp(secondsSince1970: 1_700_000_000).description == "2023-11-14T22:13:20Z")
    }

    @Test(
        "days that do not exist are none",
        arguments: [
            "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-04-31", "20240401", "2024-4-1", "",
            "abcd-ef-gh",
        ])
    func noDay(_ text: String) { #expect(Day(iso: text) == nil) }

    @Test("the sixth birthday of someone born on 29 February is 1 March")
    func leapDay() {
        #expect(Day(year: 2020, month: 2, day: 29)?.adding(years: 6) == Day(year: 2026, month: 3, day: 1))
    }

    @Test(
        "a personal number states birth year and sex",
        arguments: [
            ("001090012345", 1990, true), ("001192000002", 1992, false), ("001224000005", 2024, true),
            ("001322000006", 2022, false),
        ])
    func personalNumber(_ number: String, _ year: Int, _ isMale: Bool) throws {
        let statement = try #require(PersonalNumber.statement(of: number))
        #expect(statement == (year, isMale))
    }

    @Test("a card number is known in both forms and with spaces")
    func cardNumber() throws {
        let card = try #require(CardNumber("gd 4 01 0190012345"))
        #expect(card.text == "GD4010190012345")
        #expect((card.group, card.level, card.province, card.socialInsuranceNumber) == ("GD", 4, "01", "0190012345"))
        let short = try #require(CardNumber("0190012345"))
        #expect((short.group, short.level, short.province) == (nil, nil, nil))
    }

    @Test(
        "names agree as a reader would have them agree",
        arguments: [
            ("Nguyễn Văn Minh", "NGUYỄN  VĂN MINH", NameAgreement.same),
            ("Nguyễn Văn Minh", "Nguye\u{302}\u{303}n Va\u{306}n Minh", .same),
            ("Trần Thị Hoà", "Trần Thị Hòa", .same), ("Đỗ Thúy Hằng", "DO<<THUY<HANG", .same),
            ("Nguyễn Văn Minh", "Nguyễn Văn Mình", .sameInitials), ("Nguyễn Văn Minh", "Nguyễn Văn", .different),
            ("Nguyễn Văn Minh", "Trần Văn Minh", .different), ("Nguyễn Văn Minh", "", .different),
        ])
    func names(_ one: String, _ other: String, _ agreement: NameAgreement) {
        #expect(NameAgreement(one, other) == agreement)
        #expect(NameAgreement(other, one) == agreement)
    }
}

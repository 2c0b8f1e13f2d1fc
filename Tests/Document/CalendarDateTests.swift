import Document
import Testing

@Suite("calendar dates")
struct CalendarDateTests {
    @Test(
        "a day that the calendar lacks is no date",
        arguments: [
            (2023, 2, 29), (1900, 2, 29), (2024, 4, 31), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0), (0, 1, 1),
            (10000, 1, 1), (2024, Int.max, 1), (2024, 1, Int.min),
        ])
    func noSuchDay(year: Int, month: Int, day: Int) {
        #expect(CalendarDate(year: year, month: month, day: day) == nil)
    }

    @Test("29 February is a date in leap years", arguments: [2024, 2000, 1600])
    func leapDay(year: Int) {
        #expect(CalendarDate(year: year, month: 2, day: 29) != nil)
    }

    @Test("ISO text is read and written alike", arguments: ["2026-11-23", "0001-01-01", "9999-12-31"])
    func iso(text: String) throws {
        #expect(try #require(CalendarDate(iso: text)).description == text)
    }

    @Test(
        "text that is not exactly YYYY-MM-DD is no date",
        arguments: [
            "", "2026-11-3", "2026/11/23", "2026-11-23 ", "２０２６-11-23", "+026-11-23", "2026-11-32", "26-11-2300",
        ])
    func notISO(text: String) {
        #expect(CalendarDate(iso: text) == nil)
    }

    @Test("dates are ordered as days follow each other")
    func order() throws {
        let days = try ["2025-12-31", "2026-01-01", "2026-01-02", "2026-02-01"].map {
            try #require(CalendarDate(iso: $0))
        }
        #expect(days.shuffled().sorted() == days)
    }

    @Test("years added keep the day, or end February early")
    func adding() throws {
        let leapDay = try #require(CalendarDate(iso: "2000-02-29"))
        #expect(leapDay.adding(years: 25)?.description == "2025-02-28")
        #expect(leapDay.adding(years: 40)?.description == "2040-02-29")
        #expect(leapDay.adding(years: -100)?.description == "1900-02-28")
        #expect(leapDay.adding(years: 8000) == nil)
        #expect(leapDay.adding(years: Int.max) == nil)
        #expect(leapDay.adding(years: Int.min) == nil)
    }

    @Test("the machine readable form has two digits for the year")
    func mrzText() throws {
        #expect(try #require(CalendarDate(iso: "2007-03-09")).mrzText == "070309")
    }
}

@Suite("partial dates")
struct PartialDateTests {
    @Test(
        "day, or day and month, may be missing or zero",
        arguments: [
            ("23/11/1950", "1950-11-23"), ("11/1950", "1950-11"), ("1950", "1950"), ("00/11/1950", "1950-11"),
            ("00/00/1950", "1950"), ("29/02/2000", "2000-02-29"),
        ])
    func forms(text: String, iso: String) throws {
        #expect(try #require(PartialDate(text)).description == iso)
    }

    @Test(
        "other text is no date",
        arguments: [
            "", "/", "//", "1/1/1950", "23-11-1950", "31/04/1950", "13/1950", "29/02/1900", "00/0000", "0000",
            "23/00/1950",
            "01/01/01/1950", "23/11/1950 ", "1950/11/23", "23/11/1950/", "231119/50",
        ])
    func noDate(text: String) {
        #expect(PartialDate(text) == nil)
    }

    @Test("only known parts are compared with the machine readable zone")
    func agreement() throws {
        let year = try #require(PartialDate("1950"))
        #expect(year.agrees(withMRZ: "500101"))
        #expect(year.agrees(withMRZ: "50<<<<"))
        #expect(!year.agrees(withMRZ: "510101"))
        let day = try #require(PartialDate("23/11/1950"))
        #expect(day.agrees(withMRZ: "501123"))
        #expect(!day.agrees(withMRZ: "501124"))
        #expect(!day.agrees(withMRZ: "501023"))
        #expect(!day.agrees(withMRZ: "50<<<<"))
        #expect(!day.agrees(withMRZ: "5011230"))
        #expect(day.agrees(with: year) && year.agrees(with: day))
        #expect(!day.agrees(with: try #require(PartialDate("24/11/1950"))))
        #expect(day.date == CalendarDate(iso: "1950-11-23"))
        #expect(year.date == nil)
    }
}

import Foundation
import Testing

@testable import Registry

@Suite("Answers without waiting")
final class PromptReaderTests {
    private let registry: InsuranceRegistry
    private let place: Place
    private let reader: PromptReader

    init() throws {
        (registry, place) = try Fixture.registry()
        reader = try PromptReader(path: place.path)
    }

    @Test("every person's decision is the registry's own")
    func agreement() throws {
        var numbers = try Fixture.table("insured.csv").lines.map { try $0.text("personalNumber") }
        numbers += try Fixture.table("lost.csv").lines.map { try $0.text("number") } + ["999999999999"]
        var codes: Set<String> = []
        for number in numbers where number.utf8.count == 12 {
            for shown in [nil, EligibilityQuestion.ShownCard(issuedOn: Day(iso: "2021-05-01"))] {
                var question = EligibilityQuestion(personalNumber: number, facility: "01001")
                question.shownCard = shown
                let before = try registry.decide(question)
                let prompt = try #require(reader.decide(question))
                let after = try registry.decide(question)
                // The data may have grown a second older between two of them.
                #expect(prompt == before || prompt == after)
                codes.insert(prompt.code)
            }
        }
        #expect(codes.count > 3)
    }

    @Test("a report of a lost card gets in while questions are answered, and is seen by them")
    func lostCard() throws {
        var question = EligibilityQuestion(personalNumber: "001090012345")
        question.shownCard = EligibilityQuestion.ShownCard(issuedOn: nil)
        #expect(reader.decide(question)?.code == "valid")
        try registry.reportLost(LostCard(identityCardOf: "001090012345"))
        let deadline = ContinuousClock.now + .seconds(10)
        var code = reader.decide(question)?.code
        while code == "valid" || code == nil, ContinuousClock.now < deadline { code = reader.decide(question)?.code }
        #expect(code == "cardReportedLost")
    }

    @Test("a load is seen, and what is no question by personal number is left to the registry")
    func load() throws {
        let question = EligibilityQuestion(personalNumber: "001090012345")
        #expect(reader.decide(question)?.code == "valid")
        _ = try RegistryImport(
            source: .bytes(Fixture.csv("079190000001,GD4790790000001,Lê Thị Thu,01/02/1990,01/01/2020,31/12/2035")),
            format: .csv
        ).run(into: place.path)
        let deadline = ContinuousClock.now + .seconds(10)
        while reader.decide(question)?.code != "notFound", ContinuousClock.now < deadline {}
        #expect(reader.decide(question)?.code == "notFound")
        #expect(reader.decide(EligibilityQuestion(personalNumber: "12")) == nil)
        #expect(reader.decide(EligibilityQuestion(cardNumber: "GD4790790000001")) == nil)
        #expect(try PromptReader(path: place.path + ".missing").decide(question) == nil)
    }

    /// The answer's text and code, until it has not grown a second older meanwhile than what `decision` says.
    private func answer(_ reader: PromptReader, _ number: String) throws -> (text: String, code: String) {
        var json = JSONText()
        let code = try #require(reader.answer(number, into: &json))
        return (String(decoding: json.bytes, as: UTF8.self), code)
    }

    private func decided(_ question: EligibilityQuestion) throws -> String {
        var json = JSONText()
        try registry.decide(question).write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(
        "an answer by outline is the decision, byte for byte, the first time and the next ones",
        arguments: [nil, "01001", "79001", "0100100000"] as [String?])
    func outlines(_ facility: String?) throws {
        let visit = EligibilityQuestion(personalNumber: "", facility: facility)
        let reader = try PromptReader(path: place.path, visit: visit)
        let numbers = try Fixture.table("insured.csv").lines.map { try $0.text("personalNumber") }
        for _ in 0..<3 {
            for number in numbers where number.utf8.count == 12 {
                let question = EligibilityQuestion(personalNumber: number, facility: facility)
                let before = try decided(question)
                let answered = try answer(reader, number).text
                #expect(try answered == before || answered == decided(question))
            }
        }
        var json = JSONText()
        #expect(reader.answer("12", into: &json) == nil)
        #expect(json.bytes == [])
    }

    /// Records of which every column takes values that matter to the rules, and some that are odd.
    private static func variedRows(_ count: Int) -> [String] {
        func one(of values: String...) -> String { values.randomElement() ?? "" }
        return (0..<count).map { index in
            let number = "0010\(90_000_000 + index / 5 * 4 + min(index % 5, 3))"
            let letters = one(of: "DN", "QN", "CA", "TE", "GD", "ZZ", "HT", "CC")
            let card = one(of: "\(letters)\(one(of: "1", "2", "3", "4", "5"))01\(1_000_000_000 + index)", "")
            return [
                number, card, one(of: "Trần Thị Bích", "\"Nguyễn \"\"An\"\" \\B\"", "Lê"),
                one(of: "15/03/1990", "1990", "02/1991"), one(of: "male", "female", ""),
                one(of: "01/01/2024", "01/01/2020", "01/01/2035"),
                one(of: "31/12/2036", "31/12/2023", ""), one(of: "01001", "79001", ""), one(of: "K1", "K3", ""),
                one(of: "01/01/2021", "01/01/2036", ""), one(of: letters, "DN", ""), one(of: "1", "4", "5", ""),
                one(of: "110", "121", "", "", ""),
            ].joined(separator: ",")
        }
    }

    @Test("answers by outline are the decisions also where every column varies")
    func variety() throws {
        let header =
            "personalNumber,cardNumber,fullName,birthDate,sex,validFrom,validTo,facilityCode,areaCode,fiveYearsFrom,group,level,status"
        let rows = Self.variedRows(3000)
        let report = try RegistryImport(
            source: .bytes(Array(([header] + rows).joined(separator: "\n").utf8)), format: .csv
        ).run(into: .file(place.path))
        #expect(report.kept > 1000)
        let registry = try InsuranceRegistry(path: place.path)
        let reader = try PromptReader(
            path: place.path, visit: EligibilityQuestion(personalNumber: "", facility: "01001"))
        var codes: Set<String> = []
        for number in Set(rows.map { String($0.prefix(12)) }) {
            let question = EligibilityQuestion(personalNumber: number, facility: "01001")
            var (before, after) = (JSONText(), JSONText())
            try registry.decide(question).write(to: &before)
            let (text, code) = try answer(reader, number)
            try registry.decide(question).write(to: &after)
            codes.insert(code)
            #expect([before.bytes, after.bytes].contains(Array(text.utf8)), "\(number)")
        }
        #expect(codes.count > 6)
    }

    @Test("a report of a lost card is in the answers that follow, and its being found too")
    func reportsAreReadAnew() throws {
        let note = "idCardLostReport"
        #expect(try !answer(reader, "001090012345").text.contains(note))
        func awaitNote(_ expected: Bool) throws {
            let deadline = ContinuousClock.now + .seconds(10)
            var found = !expected
            while found != expected, ContinuousClock.now < deadline {
                found = try answer(reader, "001090012345").text.contains(note)
            }
            #expect(found == expected)
        }
        try registry.reportLost(LostCard(identityCardOf: "001090012345"))
        try awaitNote(true)
        try registry.reportFound(identityCardOf: "001090012345")
        try awaitNote(false)
    }
}

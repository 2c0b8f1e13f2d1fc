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
}

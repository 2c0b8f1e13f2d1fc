import Foundation
import Testing

@testable import Registry

/// One line of `Fixtures/Registry/decisions.csv`.
struct DecisionCase: Sendable, CustomTestStringConvertible {
    let line: RulesTable.Line
    var testDescription: String { "line \(line.number): \(self["case"])" }

    subscript(column: String) -> String { (try? line.text(column)) ?? "(no column \(column))" }

    static let all: [DecisionCase] = (try? Fixture.table("decisions.csv").lines.map(DecisionCase.init)) ?? []

    func question() throws -> EligibilityQuestion {
        let number = self["number"]
        let subject: EligibilityQuestion.Subject =
            switch self["ask"] {
            case "person": .personalNumber(number)
            case "card": .cardNumber(number)
            case "child": .child(parentPersonalNumber: number)
            default: throw line.invalid("ask is neither person, card nor child")
            }
        return EligibilityQuestion(
            subject, on: try #require(Day(iso: self["on"])), facility: optional("facility"),
            facilityLevel: optional("facilityLevel"),
            arrival: try #require(EligibilityQuestion.Arrival(rawValue: optional("arrival") ?? "chosen")),
            care: try #require(EligibilityQuestion.Care(rawValue: optional("care") ?? "outpatient")),
            shownCard: optional("shownCard").map { .init(issuedOn: Day(iso: $0)) }, fullName: optional("fullName"),
            birthDate: optional("birthDate"))
    }

    func optional(_ column: String) -> String? { self[column].isEmpty ? nil : self[column] }
}

@Suite("Decisions")
final class DecisionTableTests {
    private let registry: InsuranceRegistry
    private let place: Place

    init() throws { (registry, place) = try Fixture.registry() }

    @Test("there are cases for every code that decides")
    func coverage() throws {
        let rules = try BenefitRules.standard()
        let shown = Set(DecisionCase.all.flatMap { [$0["code"]] + $0["notes"].split(separator: " ").map(String.init) })
        let missing = DecisionWord.allCases.map { rules.code($0).name }.filter { !shown.contains($0) }
        // What depends on the clock, and on which source answers.
        #expect(Set(missing) == ["dataOld", "fromCopy", "fromMemory", "gatewayNotReached"])
    }

    @Test("a case is decided as the table says", arguments: DecisionCase.all)
    func decision(_ expected: DecisionCase) throws {
        try expected.check(registry.decide(expected.question()), source: "registry")
    }
}

extension DecisionCase {
    /// Requires of a decision what the table says, whichever source it is from.
    func check(_ decision: EligibilityDecision, source: String, notes: [String] = []) {
        #expect(decision.code == self["code"])
        #expect(decision.gatewayCode == optional("gatewayCode"))
        #expect(decision.eligible == (self["eligible"] == "yes"))
        #expect(decision.benefitLevel.map(String.init) == optional("level"))
        #expect(decision.benefitPercent.map(String.init) == optional("percent"))
        #expect(decision.isPrimaryFacility.map { $0 ? "yes" : "no" } == optional("isPrimary") || !decision.eligible)
        #expect(decision.payablePercent.map(String.init) == optional("payable"))
        #expect(
            decision.reasons.map(\.code) == [self["code"]] + self["notes"].split(separator: " ").map(String.init)
                + notes)
        #expect(decision.dataAsOf == Fixture.dataAsOf)
        #expect(decision.source == source)
    }
}

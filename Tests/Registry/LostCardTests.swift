import Foundation
import Testing

@testable import Registry

@Suite("Lost cards")
final class LostCardTests {
    private let number = "001090012345"
    private let registry: InsuranceRegistry
    private let place: Place

    init() throws { (registry, place) = try Fixture.registry() }

    private func day(_ iso: String) throws -> Day { try #require(Day(iso: iso)) }

    @Test("a card is lost from its report until it is found")
    func lostAndFound() throws {
        #expect(try !registry.isLost(identityCardOf: number))
        let report = try registry.reportLost(
            LostCard(identityCardOf: number, lostOn: day("2026-10-01"), reportedBy: "desk 2"))
        #expect(try registry.lostReports(identityCardOf: number) == [report])
        #expect(try registry.isLost(identityCardOf: number))
        let found = try registry.reportFound(identityCardOf: number, by: "desk 1")
        #expect(found.map(\.id) == [report.id])
        #expect(found.first?.foundBy == "desk 1")
        #expect(try !registry.isLost(identityCardOf: number))
        #expect(try registry.reportFound(identityCardOf: number).isEmpty)
    }

    @Test("the same report twice is one report")
    func twice() throws {
        let before = try registry.status().lostCards
        let first = try registry.reportLost(LostCard(identityCardOf: number))
        let second = try registry.reportLost(LostCard(identityCardOf: number))
        #expect(first == second)
        #expect(try registry.status().lostCards == before + 1)
    }

    @Test("a report touches the card of its day of issue, or else every card issued up to the loss")
    func whichCard() throws {
        try registry.reportLost(LostCard(identityCardOf: number, lostOn: day("2026-10-01")))
        #expect(try registry.isLost(identityCardOf: number, issuedOn: day("2022-05-01")))
        #expect(try registry.isLost(identityCardOf: number, issuedOn: day("2026-10-01")))
        #expect(try !registry.isLost(identityCardOf: number, issuedOn: day("2026-10-02")))
        try registry.reportFound(identityCardOf: number)
        try registry.reportLost(
            LostCard(identityCardOf: number, issuedOn: day("2022-05-01"), lostOn: day("2026-10-01")))
        #expect(try registry.isLost(identityCardOf: number, issuedOn: day("2022-05-01")))
        #expect(try !registry.isLost(identityCardOf: number, issuedOn: day("2021-05-01")))
        #expect(try registry.isLost(identityCardOf: number))
    }

    @Test(
        "a decision and the reports agree on which card is lost", arguments: ["2022-05-01", "2026-10-01", "2026-10-02"])
    func agree(_ issuedOn: String) throws {
        try registry.reportLost(LostCard(identityCardOf: number, lostOn: day("2026-10-01")))
        let issuedOn = try day(issuedOn)
        let decision = try registry.decide(
            EligibilityQuestion(.personalNumber(number), on: day("2026-11-23"), shownCard: .init(issuedOn: issuedOn)))
        #expect(
            (decision.code == "cardReportedLost") == (try registry.isLost(identityCardOf: number, issuedOn: issuedOn)))
    }

    @Test("an insurance card is lost under its long number and under its ten digits")
    func insuranceCard() throws {
        try registry.reportLost(LostCard(insuranceCard: "GD4010190012345"))
        #expect(try registry.isLost(insuranceCard: "0190012345"))
        #expect(try registry.decide(.init(cardNumber: "0190012345")).code == "insuranceCardReportedLost")
        #expect(try registry.decide(.init(personalNumber: number)).eligible)
        try registry.reportFound(insuranceCard: "0190012345")
        #expect(try !registry.isLost(insuranceCard: "GD4010190012345"))
    }

    @Test("reports outlive full loads, also those taken while one runs")
    func outlive() async throws {
        let bytes = try Fixture.bytes("insured.csv")
        let people = (0..<40).map { "\(300_000_000_000 + $0)" }
        let (registry, path) = (registry, place.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for person in people { try registry.reportLost(LostCard(identityCardOf: person)) }
            }
            group.addTask {
                for _ in 0..<8 { _ = try RegistryImport(source: .bytes(bytes), format: .csv).run(into: path) }
            }
            try await group.waitForAll()
        }
        for person in people { #expect(try registry.isLost(identityCardOf: person)) }
        #expect(try registry.isLost(identityCardOf: "001089000021"))
    }

    @Test("a report needs a number of the right form")
    func wrongNumber() {
        #expect(throws: RegistryError.self) { try LostCard(identityCardOf: "123") }
        #expect(throws: RegistryError.self) { try LostCard(insuranceCard: "123") }
    }
}

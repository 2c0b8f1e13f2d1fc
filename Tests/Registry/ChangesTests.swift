import Foundation
import Testing

@testable import Registry

@Suite("Loads of changes")
struct ChangesTests {
    private func change(
        _ lines: String..., in place: Place, asOf: Timestamp? = nil
    ) throws -> ImportReport {
        let header = "operation,personalNumber,cardNumber,fullName,birthDate,validFrom,validTo,level"
        let bytes = Array(([header] + lines).joined(separator: "\n").utf8)
        return try RegistryImport(source: .bytes(bytes), format: .csv, mode: .changes, dataAsOf: asOf).run(
            into: place.path)
    }

    private func start() throws -> (Place, InsuranceRegistry) {
        let place = try Place()
        let bytes = Fixture.csv(
            "001090012345,GD4010190012345,Minh,1990,01/01/2024,31/12/2035", ",0190000001,Hoa,1990,01/01/2024,31/12/2035"
        )
        _ = try RegistryImport(source: .bytes(bytes), format: .csv).run(into: place.path)
        return (place, try InsuranceRegistry(path: place.path))
    }

    private let day = Day(year: 2026, month: 11, day: 23)

    @Test("a put alters the record of the same person and first day, and adds any other")
    func put() throws {
        let (place, registry) = try start()
        let report = try change(
            ",001090012345,HT3010190012345,Minh,1990,01/01/2024,31/12/2035,",
            "put,001090012399,,Tú,1990,01/01/2024,31/12/2035,2",
            "bad,001090012345,,Minh,1990,01/01/2024,,", in: place)
        #expect((report.read, report.inserted, report.updated, report.rejected, report.total) == (3, 1, 1, 1, 3))
        #expect(
            report.rejectedLines == [
                RejectedLine(line: 4, field: "operation", reason: .form(expected: "put or delete"))
            ])
        let day = try #require(day)
        #expect(try registry.decide(.init(personalNumber: "001090012345", on: day)).benefitPercent == 95)
        #expect(try registry.decide(.init(personalNumber: "001090012399", on: day)).benefitPercent == 100)
        #expect(try registry.decide(.init(cardNumber: "0190000001", on: day)).code == "valid")
        #expect(try registry.status().rows == 3)
    }

    @Test("the same changes once more change nothing")
    func repeatedChanges() throws {
        let (place, registry) = try start()
        let lines = [
            "put,001090012399,,Tú,1990,01/01/2024,31/12/2035,2", "put,001090012345,,Minh,1991,01/01/2024,31/12/2035,4",
        ]
        let first = try change(lines[0], lines[1], in: place)
        #expect((first.inserted, first.updated, first.unchanged) == (1, 1, 0))
        let second = try change(lines[0], lines[1], in: place)
        #expect((second.inserted, second.updated, second.unchanged) == (0, 0, 2))
        #expect(try registry.status().rows == 3)
    }

    @Test("a put with a personal number completes the record that had only the card's")
    func completes() throws {
        let (place, registry) = try start()
        let report = try change("put,001190000001,GD4010190000001,Hoa,1990,01/01/2024,31/12/2035,", in: place)
        #expect((report.inserted, report.updated, report.total) == (0, 1, 2))
        #expect(try registry.decide(.init(personalNumber: "001190000001", on: try #require(day))).code == "valid")
    }

    @Test("a delete takes the record away, and tells when there is none")
    func delete() throws {
        let (place, registry) = try start()
        let report = try change(
            "delete,001090012345,,,,01/01/2024,,", "delete,,0190000001,,,2024-01-01,,",
            "delete,001090012345,,,,01/01/2024,,",
            in: place)
        #expect((report.deleted, report.rejected, report.total) == (2, 1, 0))
        #expect(report.rejectedLines == [RejectedLine(line: 4, field: nil, reason: .nothingToDelete)])
        #expect(try registry.decide(.init(personalNumber: "001090012345")).code == "notFound")
    }

    @Test("changes make the data younger, never older")
    func dataAsOf() throws {
        let (place, registry) = try start()
        let loaded = try #require(try registry.status().dataAsOf)
        let later = Timestamp(secondsSince1970: loaded.secondsSince1970 + 100)
        _ = try change("put,001090012345,,Minh,1990,01/01/2024,,", in: place, asOf: later)
        #expect(try registry.status().dataAsOf == later)
        _ = try change("put,001090012345,,Minh,1990,01/01/2024,,", in: place, asOf: loaded)
        #expect(try registry.status().dataAsOf == later)
    }

    @Test("many changes are made in a copy, with the same result")
    func many() throws {
        let (place, registry) = try start()
        try registry.reportLost(LostCard(identityCardOf: "001090012345"))
        var text = "personalNumber,fullName,birthDate,validFrom,validTo\n"
        for index in 0..<60_000 { text += "\(200_000_000_000 + index),An,1990,01/01/2024,31/12/2035\n" }
        #expect(text.utf8.count > 2_097_152)
        let file = try place.file("many.csv", Array(text.utf8))
        let load = RegistryImport(source: .file(file), format: .csv, mode: .changes)
        #expect(try load.run(into: place.path).inserted == 60_000)
        let again = try load.run(into: place.path)
        #expect((again.unchanged, again.total) == (60_000, 60_002))
        #expect(try registry.status().rows == 60_002)
        #expect(try registry.isLost(identityCardOf: "001090012345"))
        #expect(place.fileNames == ["many.csv", "registry.sqlite", "registry.sqlite.lock"])
    }

    @Test("there must be a registry to change")
    func missing() throws {
        let place = try Place()
        #expect(throws: RegistryError.missing(path: place.path)) {
            try change("put,001090012345,,Minh,1990,01/01/2024,,", in: place)
        }
    }
}

import Foundation
import Testing

@testable import Registry

@Suite("The order of the records")
struct RowOrderTests {
    private struct Row: Equatable {
        var line: Int
        var values: [[UInt8]?]
    }

    /// Records of few people, so that many have several, and of some without a number; with values of all lengths.
    private func rows(_ count: Int) -> [Row] {
        var generator = SeededRandom(seed: 7)
        return (1...count).map { line in
            var values: [[UInt8]?] = InsuredRow.Column.allCases.map { _ in
                Bool.random(using: &generator)
                    ? nil
                    : (0..<Int.random(in: 0...40, using: &generator)).map { _ in .random(in: 0...255, using: &generator)
                    }
            }
            let person = Int.random(in: 0...count / 3, using: &generator)
            values[0] = person % 7 == 0 ? nil : Array(String(format: "%012d", person * 1_000_003).utf8)
            values[2] = Array(repeating: UInt8(ascii: "x"), count: person % 50 == 1 ? 3000 : 5)
            return Row(line: line, values: values)
        }
    }

    private func add(_ row: Row, to sort: RowSort) throws {
        var bytes: [UInt8] = [0xAA]
        let ranges = row.values.map { value in
            value.map { value in
                bytes += value
                return bytes.count - value.count..<bytes.count
            }
        }
        try sort.add(bytes, ranges, line: row.line)
    }

    @Test("records come out by person and line, whole, from one run and from many", arguments: [1 << 20, 4000, 20_000])
    func sort(_ runByteCount: Int) throws {
        let rows = rows(900)
        let sort = try RowSort(runByteCount: runByteCount)
        for row in rows { try add(row, to: sort) }
        var sorted: [Row] = []
        try sort.drain { row in
            sorted.append(Row(line: row.key.line, values: row.values.map { $0.map { Array(row.bytes[$0]) } }))
        }
        let nobody = rows.filter { $0.values[0] == nil }.reversed()
        let people = rows.filter { $0.values[0] != nil }.sorted {
            (String(decoding: $0.values[0] ?? [], as: UTF8.self), $0.line)
                < (String(decoding: $1.values[0] ?? [], as: UTF8.self), $1.line)
        }
        #expect(sorted == nobody + people)
    }

    @Test("no records are no records")
    func empty() throws {
        try RowSort().drain { row in Issue.record("line \(row.key.line)") }
    }

    /// What is wrong with the ids of a registry's records.
    private func misplaced(in place: Place) throws -> Int {
        try Connection(path: place.path, access: .readOnly).integer(
            """
            SELECT count(*) FROM insured WHERE CASE WHEN personal_number IS NULL THEN id >= 0
                ELSE id / \(RowOrder.perPerson) <> CAST(personal_number AS INTEGER) END
            """)
    }

    private func change(_ lines: [String], in place: Place) throws -> ImportReport {
        let header = "operation,personalNumber,cardNumber,fullName,birthDate,validFrom,validTo"
        let bytes = Array(([header] + lines).joined(separator: "\n").utf8)
        return try RegistryImport(source: .bytes(bytes), format: .csv, mode: .changes).run(into: place.path)
    }

    @Test("a load and changes put every record where its person's are")
    func places() throws {
        let (registry, place) = try Fixture.registry()
        #expect(try misplaced(in: place) == 0)
        let day = try #require(Day(iso: "2026-11-23"))
        let (with, without) = ("put,001090099999", "put,")
        for (owner, rest) in [(without, "An"), (with, "An"), (without, "Anh"), (with, "Anh"), (with, "Anh")] {
            let report = try change(["\(owner),0190099999,\(rest),1990,01/01/2024,31/12/2035"], in: place)
            #expect(report.rejected == 0)
            #expect(try misplaced(in: place) == 0)
            let found = try registry.decide(EligibilityQuestion(personalNumber: "001090099999", on: day))
            #expect(found.person?.fullName == (owner == with ? rest : nil))
            #expect(try registry.decide(.init(cardNumber: "0190099999", on: day)).person?.fullName == rest)
        }
        _ = try change(["put,001090099999,,An,1990,01/01/2023,31/12/2023"], in: place)
        _ = try change(["delete,001090099999,0190099999,,,01/01/2024,"], in: place)
        _ = try change(["put,001090099999,,An,1990,01/02/2024,31/12/2035"], in: place)
        #expect(try misplaced(in: place) == 0)
        #expect(try registry.decide(EligibilityQuestion(personalNumber: "001090099999", on: day)).code == "valid")
    }

    @Test("a person has room for so many records, and what is more is refused with its line")
    func room() throws {
        let place = try Place()
        let lines = (0..<RowOrder.perPerson + 2).map { index in
            "001090012345,,An,1950,\(Day(secondsSince1970: index * 86_400)),"
        }
        let text = (["personalNumber,cardNumber,fullName,birthDate,validFrom,validTo"] + lines).joined(separator: "\n")
        let report = try RegistryImport(source: .bytes(Array(text.utf8)), format: .csv).run(into: place.path)
        let full = RejectionReason.moreRecordsThan(limit: RowOrder.perPerson)
        #expect((report.inserted, report.rejected) == (RowOrder.perPerson, 2))
        #expect(report.rejectedLines.map(\.line) == [RowOrder.perPerson + 2, RowOrder.perPerson + 3])
        #expect(report.rejectedLines.map(\.reason) == [full, full])
        let change = try change(["put,001090012345,,An,1950,01/01/2020,"], in: place)
        #expect((change.inserted, change.rejectedLines.map(\.reason)) == (0, [full]))
        _ = try self.change(["delete,001090012345,,,,03/01/1970,"], in: place)
        #expect(try self.change(["put,001090012345,,An,1950,01/01/2020,"], in: place).inserted == 1)
        #expect(try misplaced(in: place) == 0)
    }

    @Test("questions about a person go straight to the person's records")
    func plans() throws {
        let (_, place) = try Fixture.registry()
        let connection = try Connection(path: place.path, access: .readOnly)
        for query in [
            FindingsQuery.byPerson(.sqlite), FindingsQuery.recordsOfPerson, ChipComparison.query(.sqlite),
        ] {
            let plan = try connection.prepare("EXPLAIN QUERY PLAN \(query)")
            var steps: [String] = []
            while try plan.step() { steps.append(plan.text(3) ?? "") }
            #expect(steps.contains { $0.contains("USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)") }, "\(steps)")
            #expect(!steps.contains { $0.contains("AUTOMATIC") }, "\(steps)")
        }
    }

    @Test("a full load takes the place of a registry of the version before, and keeps its reports; changes do not")
    func versionBefore() throws {
        let (registry, place) = try Fixture.registry()
        let reports = try registry.status().lostCards
        #expect(reports > 0)
        try Connection(path: place.path, access: .readWrite).execute("PRAGMA user_version = 1")
        let error = RegistryError.otherVersion(path: place.path, found: 1, expected: Schema.version)
        #expect(throws: error) { try InsuranceRegistry(path: place.path) }
        #expect(throws: error) { try change(["put,001090012345,,An,1950,01/01/2020,"], in: place) }
        #expect(error.description.hasSuffix("load it anew in full, which keeps the reports of lost cards"))
        try Fixture.load(into: .file(place.path))
        #expect(try InsuranceRegistry(path: place.path).status().lostCards == reports)
    }
}

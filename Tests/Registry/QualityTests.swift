import Foundation
import Testing

@testable import Registry

@Suite("Quality of the data")
final class QualityTests {
    private let place: Place
    private let now = Timestamp(secondsSince1970: 1_795_000_000)

    init() throws { place = try Place() }

    private func registry(_ lines: String..., promisedAge: Int? = nil) throws -> InsuranceRegistry {
        let header =
            "personalNumber,cardNumber,fullName,birthDate,sex,validFrom,validTo,facilityCode,parentPersonalNumber,updatedOn"
        let bytes = Array(([header] + lines).joined(separator: "\n").utf8)
        let load = RegistryImport(source: .bytes(bytes), format: .csv, dataAsOf: now, promisedAge: promisedAge)
        let report = try load.run(into: place.path)
        try #require(report.rejected == 0)
        return try InsuranceRegistry(path: place.path)
    }

    private func faults(_ registry: InsuranceRegistry) throws -> [String: Int] {
        let report = try registry.quality(now: now)
        return Dictionary(uniqueKeysWithValues: report.measures.filter { $0.faulty > 0 }.map { ($0.fault, $0.faulty) })
    }

    static let good =
        "001090012345,GD4010190012345,Nguyễn Văn Minh,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,23/11/2026"

    @Test("good data has no fault")
    func good() throws {
        let registry = try registry(Self.good, promisedAge: 86_400)
        let report = try registry.quality(now: now)
        #expect(report.rows == 1)
        #expect(report.measures.allSatisfy { $0.faulty == 0 })
        #expect(DataVirtue.allCases.map(report.percentGood) == [100, 100, 100, 100])
    }

    @Test(
        "each fault is found by itself",
        arguments: [
            ("missing.personalNumber", ",GD4010190012345,Minh,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,"),
            ("missing.sex", "001090012345,GD4010190012345,Minh,15/03/1990,,01/01/2024,31/12/2035,01001,,"),
            ("missing.validTo", "001090012345,GD4010190012345,Minh,15/03/1990,Nam,01/01/2024,,01001,,"),
            ("missing.facilityCode", "001090012345,GD4010190012345,Minh,15/03/1990,Nam,01/01/2024,31/12/2035,,,"),
            ("missing.level", "001090012345,0190012345,Minh,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,"),
            ("missing.birthDay", "001090012345,GD4010190012345,Minh,1990,Nam,01/01/2024,31/12/2035,01001,,"),
            ("number.birthYear", "001090012345,GD4010190012345,Minh,15/03/1991,Nam,01/01/2024,31/12/2035,01001,,"),
            ("number.sex", "001090012345,GD4010190012345,Minh,15/03/1990,Nữ,01/01/2024,31/12/2035,01001,,"),
            ("number.place", "000090012345,GD4010190012345,Minh,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,"),
            ("card.groupLevel", "001090012345,GD1010190012345,Minh,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,"),
            (
                "child.ownParent",
                "001090012345,GD4010190012345,Minh,15/03/1990,Nam,01/01/2024,31/12/2035,01001,001090012345,"
            ),
            ("birth.afterFirstDay", "001224012345,TE1010190012345,Minh,15/03/2024,Nam,01/01/2024,31/12/2035,01001,,"),
            ("birth.tooLongAgo", "001000012345,GD4010190012345,Minh,15/03/1900,Nam,01/01/2024,31/12/2035,01001,,"),
        ])
    func single(_ fault: String, _ line: String) throws {
        let registry = try registry(line)
        #expect(try faults(registry) == [fault: 1])
        var findings: [QualityFinding] = []
        _ = try registry.quality(now: now) { findings.append($0) }
        #expect(findings.map(\.fault) == [fault])
        #expect(findings.first?.validFrom == "2024-01-01")
    }

    @Test("records of one person with days in common, and two people on one card, are found on both sides")
    func pairs() throws {
        #expect(
            try faults(
                registry(
                    Self.good,
                    "001090012345,HT3010190012345,Nguyễn Văn Minh,15/03/1990,Nam,31/12/2035,31/12/2036,01001,,",
                    "001092000001,DN4010192000001,Trần Văn Tú,01/01/1992,Nam,01/01/2024,31/12/2024,01001,,",
                    "001092000001,DN4010192000001,Trần Văn Tú,01/01/1992,Nam,01/01/2025,31/12/2025,01001,,",
                    "001093000002,DN4010192000001,Lê Văn Ba,01/01/1993,Nam,01/01/2024,31/12/2024,01001,,"))
                == ["overlap": 2, "card.twoPeople": 3])
    }

    @Test("a record is old by its own date, or else by the load's")
    func old() throws {
        let registry = try registry(
            Self.good, "001090012346,GD4010190012346,Tú,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,21/11/2026",
            "001090012347,GD4010190012347,Ba,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,", promisedAge: 86_400)
        #expect(Day(secondsSince1970: now.secondsSince1970) == Day(year: 2026, month: 11, day: 18))
        let later = Timestamp(secondsSince1970: now.secondsSince1970 + 5 * 86_400)
        let measure = try #require(registry.quality(now: later).measures.first { $0.virtue == .alive })
        #expect((measure.examined, measure.faulty) == (3, 2))
    }

    @Test("what chips said is proposed for mending and never written over the data")
    func chips() throws {
        let registry = try registry(
            Self.good, "001092000001,DN4010192000001,Trần Văn Tú,1992,,01/01/2024,31/12/2035,01001,,")
        let same = try ChipStatement(
            personalNumber: "001090012345", fullName: "NGUYỄN VĂN MINH", birthDate: "15/03/1990", sex: "male")
        let other = try ChipStatement(
            personalNumber: "001092000001", fullName: "Trần Văn Tứ", birthDate: "02/04/1992", sex: "male", seenAt: now)
        let stranger = try ChipStatement(personalNumber: "001093000009", fullName: "Ai", birthDate: "1993", sex: nil)
        #expect(try registry.keep(same))
        #expect(try registry.keep(other))
        #expect(try !registry.keep(stranger))
        let proposals = try registry.proposals()
        #expect(proposals.map(\.field) == ["fullName", "birthDate", "sex"])
        #expect(proposals.map(\.registered) == ["Trần Văn Tú", "1992", nil])
        #expect(proposals.map(\.stated) == ["Trần Văn Tứ", "1992-04-02", "male"])
        let report = try registry.quality(now: now)
        #expect(report.measures.prefix(3).map(\.examined) == [2, 2, 2])
        #expect(report.percentGood(.correct) == 50)
        #expect(try registry.decide(.init(personalNumber: "001092000001")).person?.fullName == "Trần Văn Tú")
    }

    @Test("an older statement does not replace a newer one, and statements outlive a load")
    func latest() throws {
        let registry = try registry(Self.good)
        func statement(_ name: String, _ seconds: Int) throws -> ChipStatement {
            try ChipStatement(
                personalNumber: "001090012345", fullName: name, birthDate: "15/03/1990", sex: "male",
                seenAt: Timestamp(secondsSince1970: seconds))
        }
        #expect(try registry.keep(statement("Mới", 200)))
        #expect(try !registry.keep(statement("Cũ", 100)))
        _ = try self.registry(Self.good)
        #expect(try registry.proposals().map(\.stated) == ["Mới"])
    }

    @Test("the table names each virtue, and each fault that was found")
    func table() throws {
        let registry = try registry(
            Self.good, "001090012346,GD4010190012346,Tú,15/03/1990,,01/01/2024,31/12/2035,01001,,",
            "001090012347,GD4010190012347,Ba,15/03/1990,Nam,01/01/2024,31/12/2035,01001,,")
        #expect(
            try registry.quality(now: now).description == """
                3 records, true as of \(now)
                đúng: not measured
                đủ: 66.66 % of 3 without its most frequent fault
                    missing.sex: 1 records, no sex
                sạch: 100.00 % of 3 without its most frequent fault
                sống: not measured
                """)
    }
}

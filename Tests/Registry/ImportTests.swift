import Foundation
import Testing

@testable import Registry

@Suite("Loading")
struct ImportTests {
    static let header =
        "personalNumber,cardNumber,fullName,birthDate,validFrom,validTo,sex,level,facilityCode,areaCode,status"
    static let good = "001090012345,GD4010190012345,Nguyễn Văn Minh,15/03/1990,01/01/2024,31/12/2035,Nam,,01001,,"

    private func load(
        _ text: String, into place: Place, format: ImportFormat = .csv, mode: ImportMode = .full, isDryRun: Bool = false
    ) throws -> ImportReport {
        try RegistryImport(source: .bytes(Array(text.utf8)), format: format, mode: mode, isDryRun: isDryRun)
            .run(into: place.path)
    }

    private func code(_ number: String, in place: Place) throws -> String {
        try InsuranceRegistry(path: place.path).decide(
            EligibilityQuestion(personalNumber: number, on: #require(Day(iso: "2026-11-23")))
        ).code
    }

    struct BadLine: Sendable, CustomTestStringConvertible {
        let field: String
        let reason: RejectionReason
        let text: String
        var testDescription: String { "\(field): \(reason)" }

        init(_ field: String, _ reason: RejectionReason, _ text: String) {
            (self.field, self.reason, self.text) = (field, reason, text)
        }

        static let date = RejectionReason.form(expected: "a date as dd/mm/yyyy or yyyy-mm-dd")
        static let card = RejectionReason.form(expected: "two letters and 13 digits, or ten digits")
        static let all = [
            BadLine("personalNumber", .missing, ",,An,1990,01/01/2024,31/12/2035,,,,,"),
            BadLine("personalNumber", .form(expected: "12 digits"), "00109001234,,An,1990,01/01/2024,,,,,,"),
            BadLine("personalNumber", .form(expected: "12 digits"), "00109001234x,,An,1990,01/01/2024,,,,,,"),
            BadLine("personalNumber", .form(expected: "12 digits"), "00109001234５,,An,1990,01/01/2024,,,,,,"),
            BadLine("cardNumber", card, "001090012346,GD6010190012345,An,1990,01/01/2024,,,,,,"),
            BadLine("cardNumber", card, "001090012346,123,An,1990,01/01/2024,,,,,,"),
            BadLine("cardNumber", card, "001090012346,4G4010190012345,An,1990,01/01/2024,,,,,,"),
            BadLine("fullName", .missing, "001090012346,,  ,1990,01/01/2024,,,,,,"),
            BadLine("fullName", .notText, "001090012346,,A\u{7}n,1990,01/01/2024,,,,,,"),
            BadLine(
                "fullName", .longerThan(limit: 160),
                "001090012346,,\(String(repeating: "n", count: 161)),1990,01/01/2024,,,,,,"),
            BadLine("birthDate", .missing, "001090012346,,An,,01/01/2024,,,,,,"),
            BadLine("birthDate", date, "001090012346,,An,31/02/1990,01/01/2024,,,,,,"),
            BadLine("birthDate", date, "001090012346,,An,90,01/01/2024,,,,,,"),
            BadLine("birthDate", date, "001090012346,,An,29/02/1900,01/01/2024,,,,,,"),
            BadLine("validFrom", .missing, "001090012346,,An,1990,,,,,,,"),
            BadLine("validFrom", .form(expected: "a whole date"), "001090012346,,An,1990,2024,,,,,,"),
            BadLine("validTo", .endsBeforeItBegins, "001090012346,,An,1990,02/01/2024,01/01/2024,,,,,"),
            BadLine(
                "sex", .form(expected: "male or female, Nam or Nữ, 1 or 2"), "001090012346,,An,1990,01/01/2024,,x,,,,"),
            BadLine("level", .form(expected: "a level from 1 to 5"), "001090012346,,An,1990,01/01/2024,,,6,,,"),
            BadLine(
                "facilityCode", .form(expected: "a facility code of five letters or digits"),
                "001090012346,,An,1990,01/01/2024,,,,0100,,"),
            BadLine("areaCode", .form(expected: "K1, K2 or K3"), "001090012346,,An,1990,01/01/2024,,,,,K4,"),
            BadLine("status", .form(expected: "000, 110 or 120 to 124"), "001090012346,,An,1990,01/01/2024,,,,,,999"),
        ]
    }

    @Test(
        "a bad line is told by number, field and reason, and the good ones around it are kept", arguments: BadLine.all)
    func badLine(_ bad: BadLine) throws {
        let place = try Place()
        let next = Self.good.replacing("001090012345", with: "001090012399")
        let report = try load([Self.header, Self.good, bad.text, next].joined(separator: "\n"), into: place)
        #expect(report.rejectedLines == [RejectedLine(line: 3, field: bad.field, reason: bad.reason)])
        #expect((report.read, report.inserted, report.rejected, report.total) == (3, 2, 1, 2))
        #expect(try code("001090012345", in: place) == "valid")
        #expect(try code("001090012399", in: place) == "valid")
    }

    @Test("bytes that are not UTF-8 are refused where text is kept")
    func notUTF8() throws {
        let place = try Place()
        let bytes = Fixture.csv("001090012345,,A,1990,01/01/2024,", "001090012346,,#,1990,01/01/2024,").map {
            $0 == 0x23 ? 0xC3 : $0
        }
        let report = try RegistryImport(source: .bytes(bytes), format: .csv).run(into: place.path)
        #expect(report.rejectedLines == [RejectedLine(line: 3, field: "fullName", reason: .notText)])
    }

    @Test("a date may be written in any of the field's ways")
    func dates() throws {
        let place = try Place()
        let bytes = Fixture.csv(
            "001090012345,,An,15/03/1990,20240101,2035-12-31", "001090012346,,Bình,03/1990,2024-01-01,31/12/2035")
        #expect(try RegistryImport(source: .bytes(bytes), format: .csv).run(into: place.path).inserted == 2)
        let registry = try InsuranceRegistry(path: place.path)
        let decision = try registry.decide(EligibilityQuestion(personalNumber: "001090012345"))
        #expect(decision.validFrom == Day(year: 2024, month: 1, day: 1))
        #expect(decision.validTo == Day(year: 2035, month: 12, day: 31))
        #expect(decision.person?.birthDate == "1990-03-15")
        #expect(try registry.decide(EligibilityQuestion(personalNumber: "001090012346")).person?.birthDate == "1990-03")
    }

    @Test("the gateway's names of columns are known in any order and case, and others are told")
    func gatewayNames() throws {
        let place = try Place()
        let report = try load(
            """
            GTTHEDEN;gtTheTu;Ho_Ten;ngaySinh;diaChi;maThe;maDKBD;soCCCD;gioiTinh
            31/12/2035;01/01/2024;Nguyễn Văn Minh;15/03/1990;Hà Nội, Việt Nam;GD4010190012345;01001;001090012345;1
            """, into: place)
        #expect(report.inserted == 1)
        #expect(report.ignoredColumns == ["diaChi"])
        #expect(try code("001090012345", in: place) == "valid")
    }

    @Test(
        "a header without a needed column, or with one twice, loads nothing",
        arguments: [
            "personalNumber,fullName,birthDate,validFrom\n", "fullName,birthDate,validFrom,validTo\n",
            "personalNumber,cccd,fullName,birthDate,validFrom,validTo\n",
        ])
    func badHeader(_ text: String) throws {
        let place = try Place()
        #expect { try load(text, into: place) } throws: {
            if case RegistryError.invalidHeader = $0 { true } else { false }
        }
        #expect(!FileManager.default.fileExists(atPath: place.path))
    }

    @Test("tab-separated and JSON lines say the same as CSV")
    func formats() throws {
        let tabs =
            "cccd\thoTen\tngaySinh\tgtTheTu\tgtTheDen\n001090012345\tNguyễn Văn Minh\t1990\t01/01/2024\t31/12/2035\n"
        let json = """
            {"cccd": "001090012345", "hoTen": "Nguy\\u1ec5n Văn Minh", "ngaySinh": 1990, "gtTheTu": "01/01/2024", "gtTheDen": "31/12/2035", "note": null}

            {"cccd": "001090012346", "hoTen": ["Nguyễn"]}
            [1]
            {"cccd": "001090012347"}
            """
        for (format, text, rejected) in [(ImportFormat.tsv, tabs, 0), (.jsonLines, json, 3)] {
            let place = try Place()
            let report = try load(text, into: place, format: format)
            #expect((report.inserted, report.rejected) == (1, rejected))
            let decision = try InsuranceRegistry(path: place.path).decide(
                EligibilityQuestion(personalNumber: "001090012345"))
            #expect(decision.person?.fullName == "Nguyễn Văn Minh")
            if format == .jsonLines {
                #expect(report.rejectedLines.map(\.line) == [3, 4, 5])
                #expect(report.rejectedLines.last?.field == "validFrom")
                #expect(report.ignoredColumns == ["note"])
            }
        }
    }

    @Test("a full load replaces everything and can be repeated")
    func fullLoad() throws {
        let place = try Place()
        let other = Self.good.replacing("001090012345", with: "001090012399")
        #expect(try load("\(Self.header)\n\(Self.good)", into: place).total == 1)
        for _ in 0..<2 {
            #expect(try load("\(Self.header)\n\(other)", into: place).total == 1)
            #expect(try code("001090012345", in: place) == "notFound")
            #expect(try code("001090012399", in: place) == "valid")
        }
        #expect(place.fileNames == ["registry.sqlite", "registry.sqlite.lock"])
    }

    @Test("of lines with the same person and first day the first is kept")
    func repeated() throws {
        let place = try Place()
        let bytes = Fixture.csv(
            "001090012345,,Minh,1990,01/01/2024,31/12/2035", "001090012345,,Khác,1990,01/01/2024,31/12/2025",
            "001090012345,,Minh,1990,01/01/2036,31/12/2036", ",0190000001,Hoa,1990,01/01/2024,",
            ",GD4010190000001,Hoa,1990,01/01/2024,", "001090012345,,Nữa,1990,01/01/2024,")
        let report = try RegistryImport(source: .bytes(bytes), format: .csv).run(into: place.path)
        #expect(report.rejectedLines.map(\.line) == [3, 7, 6])
        #expect(report.rejectedLines.map(\.reason) == [2, 2, 5].map { .repeated(line: $0) })
        #expect((report.inserted, report.total) == (3, 3))
        let decision = try InsuranceRegistry(path: place.path).decide(
            EligibilityQuestion(personalNumber: "001090012345"))
        #expect(decision.person?.fullName == "Minh")
    }

    @Test("a file without one good line leaves the registry as it was")
    func nothingGood() throws {
        let place = try Place()
        _ = try load("\(Self.header)\n\(Self.good)", into: place)
        let before = try Data(contentsOf: URL(filePath: place.path))
        #expect(throws: RegistryError.nothingToLoad(rejected: 1)) {
            try load("\(Self.header)\nx,,,,,,,,,,", into: place)
        }
        #expect(throws: RegistryError.nothingToLoad(rejected: 0)) { try load(Self.header, into: place) }
        #expect(try Data(contentsOf: URL(filePath: place.path)) == before)
        #expect(place.fileNames == ["registry.sqlite", "registry.sqlite.lock"])
    }

    @Test("a dry run tells what a load would do and writes nothing", arguments: [ImportMode.full, .changes])
    func dryRun(_ mode: ImportMode) throws {
        let place = try Place()
        _ = try load("\(Self.header)\n\(Self.good)", into: place)
        let before = try Data(contentsOf: URL(filePath: place.path))
        let other = Self.good.replacing("001090012345", with: "001090012399")
        let text = "\(Self.header)\n\(other)\nbad,,,,,,,,,,"
        let dry = try load(text, into: place, mode: mode, isDryRun: true)
        #expect(try Data(contentsOf: URL(filePath: place.path)) == before)
        let wet = try load(text, into: place, mode: mode)
        #expect(dry.isDryRun && !wet.isDryRun)
        #expect((dry.read, dry.inserted, dry.rejected, dry.total) == (wet.read, wet.inserted, wet.rejected, wet.total))
        #expect(dry.rejectedLines == wet.rejectedLines)
    }

    @Test("a stopped load leaves the registry as it was", arguments: [ImportMode.full, .changes])
    func stopped(_ mode: ImportMode) throws {
        let place = try Place()
        _ = try load("\(Self.header)\n\(Self.good)", into: place)
        let before = try Data(contentsOf: URL(filePath: place.path))
        let bytes = Array("\(Self.header)\n\(Self.good.replacing("Minh", with: "Khác"))".utf8)
        #expect(throws: RegistryError.stopped) {
            try RegistryImport(source: .bytes(bytes), format: .csv, mode: mode).run(
                into: place.path, progress: { _ in false })
        }
        #expect(try Data(contentsOf: URL(filePath: place.path)) == before)
    }

    @Test("progress counts up to the file's size and ends with publishing")
    func progress() throws {
        let place = try Place()
        var lines = [Self.header]
        for index in 0..<70_000 { lines.append("\(100_000_000_000 + index),,An,1990,01/01/2024,,,,,,") }
        let path = try place.file("many.csv", Array(lines.joined(separator: "\n").utf8))
        var told: [ImportProgress] = []
        let report = try RegistryImport(source: .file(path), format: .csv).run(
            into: place.path,
            progress: {
                told.append($0); return true
            })
        #expect(report.inserted == 70_000)
        #expect(told.map(\.phase) == [.reading, .indexing, .publishing])
        #expect(told.last?.byteCount == told.last?.totalByteCount)
        #expect(told.first?.read == 65_536)
    }

    @Test("no bytes make a load crash or lose count", arguments: 0..<40)
    func anyBytes(_ seed: UInt64) throws {
        let place = try Place()
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let original = try Fixture.bytes("insured.csv")
        let special: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x00, 0xFF, 0x2F, 0x3B, 0x09, 0x7B]
        for _ in 0..<25 {
            var bytes = original
            for _ in 0...random(12) {
                let at = random(bytes.count)
                switch random(3) {
                case 0: bytes[at] = special[random(special.count)]
                case 1: bytes.insert(special[random(special.count)], at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + random(40)))
                }
            }
            let format = ImportFormat.allCases[random(3)]
            let load = RegistryImport(source: .bytes(bytes), format: format, isDryRun: true)
            let outcome = Result { () throws(RegistryError) in try load.run(into: place.path) }
            switch outcome {
            case .success(let report):
                #expect(report.read == report.inserted + report.rejected)
                #expect(report.rejectedLines.allSatisfy { $0.line > 1 || format == .jsonLines })
            case .failure(.invalidHeader), .failure(.nothingToLoad): continue
            case .failure(let error): Issue.record(error)
            }
        }
    }

    @Test("a report says in words what was read and what became of it")
    func words() throws {
        let place = try Place()
        let bytes = Array("\(Self.header),note\n\(Self.good),x\nbad,,,,,,,,,,,\n".utf8)
        let load = RegistryImport(source: .bytes(bytes), format: .csv, isDryRun: true, dataAsOf: Fixture.dataAsOf)
        let report = try load.run(into: place.path)
        #expect(
            report.description == """
                Read 2 lines and kept 1 record.
                1 line was not kept; above is told which and why.
                The column note was passed over: nothing here is called so.
                This was a dry run: nothing was written.
                The registry would now have 1 record, true as of \(Fixture.dataAsOf).
                """)
        #expect(report.rejectedLines.map(\.description) == ["line 3, personalNumber: not 12 digits"])
    }
}

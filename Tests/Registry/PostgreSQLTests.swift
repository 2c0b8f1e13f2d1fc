import Foundation
import TestSupport
import Testing

@testable import Registry

/// Everything that asks a real server.
@Suite("On PostgreSQL", .enabled(if: PostgreSQLServer.isInstalled, "postgresql is not installed"))
struct OnPostgreSQL {
    /// A database of its own with the invented people and their lost cards.
    static func fixture(_ server: PostgreSQLServer? = nil) throws -> (registry: PostgreSQLRegistry, url: String) {
        let url = try (server ?? PostgreSQLServer.shared).database()
        let address = try PostgreSQLAddress(url)
        try Fixture.load(into: .server(address))
        let registry = PostgreSQLRegistry(address)
        try Fixture.reportLost(to: registry)
        return (registry, url)
    }

    /// Makes the same loads into a server's registry and into a file.
    final class Twins {
        let url: String
        let address: PostgreSQLAddress
        let place: Place
        let copy: LocalCopy

        init() throws {
            url = try PostgreSQLServer.shared.database()
            address = try PostgreSQLAddress(url)
            place = try Place()
            copy = LocalCopy(path: place.folder.appending(path: "copy.sqlite").path)
        }

        /// Requires the same report of both.
        @discardableResult
        func load(
            _ bytes: [UInt8], _ mode: ImportMode = .full, format: ImportFormat = .csv, isDryRun: Bool = false
        ) throws -> ImportReport {
            let load = RegistryImport(
                source: .bytes(bytes), format: format, mode: mode, isDryRun: isDryRun, dataAsOf: Fixture.dataAsOf)
            let onFile = try load.run(into: place.path)
            var onServer = try load.run(into: .server(address))
            // Found when the lines are compared, and not in their order.
            let isInOrder = { (one: RejectedLine, other: RejectedLine) in one.line < other.line }
            #expect(onServer.rejectedLines.sorted(by: isInOrder) == onFile.rejectedLines.sorted(by: isInOrder))
            onServer.rejectedLines = onFile.rejectedLines
            #expect(onServer == onFile)
            return onServer
        }

        private static let columns = ChangeWriter.columns.joined(separator: ", ")

        static func rows(_ path: String) throws -> [String] {
            let connection = try Connection(path: path, access: .readOnly)
            let select = try connection.prepare("SELECT \(columns) FROM insured")
            var rows: [String] = []
            while try select.step() {
                rows.append((0..<15).map { select.text($0) ?? "NULL" }.joined(separator: "|"))
            }
            let facilities = try connection.prepare("SELECT code || '=' || name FROM facility")
            while try facilities.step() { rows.append(facilities.text(0) ?? "NULL") }
            return rows.sorted()
        }

        /// Requires the same rows of the file, of the refreshed copy, and of a copy that is made anew.
        func compare() throws {
            let refresh = try copy.refresh(from: address)
            let anew = place.folder.appending(path: "anew-\(UUID().uuidString).sqlite").path
            _ = try LocalCopy(path: anew).refresh(from: address)
            let rows = try Self.rows(place.path)
            for path in [copy.path, anew] {
                let others = try Self.rows(path)
                #expect(
                    others.filter { !rows.contains($0) } == [],
                    "only in \(path == anew ? "the new copy" : "\(refresh)")")
                #expect(
                    rows.filter { !others.contains($0) } == [],
                    "missing in \(path == anew ? "the new copy" : "\(refresh)")")
                #expect(others.count == rows.count)
            }
            let states = try [place.path, copy.path].map { path in
                let status = try InsuranceRegistry(path: path).status()
                return [status.rows, status.dataAsOf?.secondsSince1970, status.promisedAge]
            }
            #expect(states[0] == states[1])
        }
    }
}

extension OnPostgreSQL {
    @Suite("Decisions")
    struct Decisions {
        private static let shared = Result { try OnPostgreSQL.fixture().registry }

        @Test("a case is decided as the table says", arguments: DecisionCase.all)
        func decision(_ expected: DecisionCase) throws {
            expected.check(try Self.shared.get().decide(expected.question()), source: "postgresql")
        }

        @Test("the status is that of the data")
        func status() throws {
            let status = try Self.shared.get().status()
            #expect(status.rows == Fixture.insuredCount)
            #expect(status.dataAsOf == Fixture.dataAsOf)
            #expect(status.lostCards == 3)
        }

        @Test("many threads are answered at once")
        func threads() async throws {
            let registry = try Self.shared.get()
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        (try? registry.decide(EligibilityQuestion(personalNumber: "001090012345")).person) != nil
                    }
                }
                for await isFound in group { #expect(isFound) }
            }
        }

        @Test("both databases find the same faults in the same records")
        func quality() throws {
            let (file, place) = try Fixture.registry()
            defer { _ = place }
            let (server, _) = try OnPostgreSQL.fixture()
            let now = Timestamp(secondsSince1970: Fixture.dataAsOf.secondsSince1970 + 86_400)
            for store in [file, server] as [any InsuranceStore] {
                try store.keep(
                    ChipStatement(
                        personalNumber: "001090012345", fullName: "Nguyễn Văn Mình", birthDate: "15/03/1990",
                        sex: "male",
                        seenAt: now))
                #expect(
                    try !store.keep(
                        ChipStatement(personalNumber: "001090099999", fullName: "Ai", birthDate: "1990", sex: nil)))
            }
            var findings: [[QualityFinding]] = [[], []]
            let reports = [
                try file.quality(now: now) { findings[0].append($0) },
                try server.quality(now: now) { findings[1].append($0) },
            ]
            #expect(reports[0] == reports[1])
            #expect(findings[0] == findings[1])
            #expect(findings[0].contains { $0.fault == "chip.fullName" })
            #expect(try file.proposals() == server.proposals())
        }

        @Test("a lost card is lost until it is found, under both its numbers")
        func lost() throws {
            let (registry, _) = try OnPostgreSQL.fixture()
            let number = "001090012345"
            let report = try registry.reportLost(LostCard(identityCardOf: number, reportedBy: "desk 1"))
            #expect(try registry.reportLost(LostCard(identityCardOf: number)) == report)
            #expect(try registry.isLost(identityCardOf: number))
            let later = try #require(Day.todayInVietnam.adding(years: 1))
            #expect(try !registry.isLost(identityCardOf: number, issuedOn: later))
            #expect(try registry.reportFound(identityCardOf: number, by: "desk 2").map(\.foundBy) == ["desk 2"])
            #expect(try registry.reportFound(identityCardOf: number).isEmpty)
            #expect(try !registry.isLost(identityCardOf: number))
            try registry.reportLost(LostCard(insuranceCard: "GD4010190012345"))
            #expect(try registry.decide(.init(cardNumber: "0190012345")).code == "insuranceCardReportedLost")
        }
    }

    @Suite("Loads")
    struct Loads {
        @Test(
            "give the same report and the same records as into a file, and leave a copy the same by its changes alone")
        func twins() throws {
            let twins = try Twins()
            try twins.load(Fixture.bytes("insured.csv"))
            try twins.compare()
            let header =
                "operation,personalNumber,cardNumber,fullName,birthDate,validFrom,validTo,level,facilityCode,facilityName\n"
            let changes = [
                // New, changed, as before, taken away, not there; one line after another about the same record.
                "put,001199000001,,Bùi Thị Mới,1999,01/01/2024,31/12/2035,4,01001,Bệnh viện Minh Họa",
                "put,001199000001,,Bùi Thị Mới,1999,01/01/2024,31/12/2035,4,01001,Bệnh viện Minh Họa",
                "put,001199000001,,Bùi Thị Cũ,1999,01/01/2024,31/12/2035,3,01001,Bệnh viện Minh Họa",
                "delete,001199000002,,,,01/01/2024,,,,",
                "delete,001081000010,,,,01/01/2024,,,,",
                "delete,001081000010,,,,01/01/2024,,,,",
                "put,001081000010,DN4010181000010,\"Bùi \\ Văn, \"\"Long\"\"\",1981,01/01/2024,31/12/2035,,01009,Viện \\N",
                // Gains its personal number.
                "put,001325000007,TE1010225000007,Lê Gia Khang,19/06/2025,19/06/2025,30/09/2031,,01001,Bệnh viện Đổi Tên",
                "wrong,001199000003,,Ai,1999,01/01/2024,31/12/2035,,,",
            ]
            let report = try twins.load(Array((header + changes.joined(separator: "\n")).utf8), .changes)
            #expect(
                (report.inserted, report.updated, report.unchanged, report.deleted, report.rejected) == (2, 2, 1, 1, 3))
            try twins.compare()
            // Back to the whole truth, of which most is as it was.
            try twins.load(Fixture.bytes("insured.csv"))
            try twins.compare()
        }

        @Test("with repeated and bad lines give the same report as into a file", arguments: [ImportFormat.csv, .tsv])
        func badLines(_ format: ImportFormat) throws {
            let separator = format == .csv ? "," : "\t"
            let lines = [
                "personalNumber,cardNumber,fullName,birthDate,validFrom,validTo",
                "001090012345,,Minh,1990,01/01/2024,31/12/2035", "001090012345,,Minh Hai,1990,01/01/2024,31/12/2035",
                ",0190000001,Hoa,1990,01/01/2024,31/12/2035", ",DN4010190000001,Hoa Hai,1990,01/01/2024,31/12/2035",
                "001090012345,,Minh Ba,1990,01/01/2024,31/12/2036", "123,,Ai,1990,01/01/2024,31/12/2035", "too,few",
            ].map { $0.split(separator: ",", omittingEmptySubsequences: false).joined(separator: separator) }
            let twins = try Twins()
            let report = try twins.load(Array(lines.joined(separator: "\n").utf8), format: format)
            #expect((report.inserted, report.rejected) == (2, 5))
            try twins.compare()
        }

        @Test("at random leave file, server and copy the same", arguments: 0..<4)
        func random(_ seed: Int) throws {
            var random = SeededRandom(seed: UInt64(seed))
            let twins = try Twins()
            func line(_ operation: String) -> String {
                let person = Int.random(in: 0..<12, using: &random)
                let number = Bool.random(using: &random) ? "0010900000\(10 + person)" : ""
                let card = Bool.random(using: &random) || number.isEmpty ? "DN40101900000\(10 + person)" : ""
                let year = Int.random(in: 2020..<2023, using: &random)
                return
                    "\(operation),\(number),\(card),Người \(Int.random(in: 0..<3, using: &random)),1990,01/01/\(year),"
            }
            let header = "operation,personalNumber,cardNumber,fullName,birthDate,validFrom,validTo"
            for round in 0..<6 {
                let isFull = round == 0 || Int.random(in: 0..<3, using: &random) == 0
                let lines = (0..<30).map { _ in
                    line(!isFull && Int.random(in: 0..<4, using: &random) == 0 ? "delete" : "put")
                }
                try twins.load(Array(([header] + lines).joined(separator: "\n").utf8), isFull ? .full : .changes)
                try twins.compare()
            }
        }

        @Test("that are dry write nothing, and tell the same")
        func dry() throws {
            let twins = try Twins()
            try twins.load(Fixture.bytes("insured.csv"), isDryRun: true)
            #expect(throws: RegistryError.missing(path: twins.address.description)) {
                try PostgreSQLRegistry(twins.address).status()
            }
            try twins.load(Fixture.bytes("insured.csv"))
            try twins.load(Fixture.csv("001090012345,,Minh,1990,01/01/2024,31/12/2035"), .changes, isDryRun: true)
            try twins.compare()
        }

        @Test("that are stopped, hold no good line or come into a running one leave the registry as it was")
        func stopped() throws {
            let (registry, url) = try OnPostgreSQL.fixture()
            let location = RegistryLocation.server(registry.address)
            let other = RegistryImport(
                source: .bytes(Fixture.csv("001090012345,,Minh,1990,01/01/2024,31/12/2035")), format: .csv)
            for phase in [ImportProgress.Phase.indexing, .publishing] {
                #expect(throws: RegistryError.stopped) {
                    try other.run(into: location, progress: { $0.phase != phase })
                }
            }
            #expect(throws: RegistryError.nothingToLoad(rejected: 1)) {
                try RegistryImport(source: .bytes(Fixture.csv("1,,Minh,1990,01/01/2024,")), format: .csv)
                    .run(into: location)
            }
            var inner: RegistryError?
            _ = try other.run(
                into: location,
                progress: { progress in
                    if progress.phase == .publishing {
                        do throws(RegistryError) { _ = try other.run(into: location) } catch { inner = error }
                        // Readers see the old data all the while.
                        #expect((try? registry.status().rows) == Fixture.insuredCount)
                    }
                    return true
                })
            #expect(inner == .loadRunning(path: registry.address.description))
            #expect(try registry.status().rows == 1)
            #expect(
                try PostgreSQLServer.shared.run("SELECT to_regclass('cccd.insured_loading') IS NULL", in: url) == "t\n")
        }

        @Test("leave the rights of readers as they were, and readers may not write")
        func rights() throws {
            let (registry, url) = try OnPostgreSQL.fixture()
            let server = try PostgreSQLServer.shared
            let database = try #require(url.split(separator: "?").first?.split(separator: "/").last.map(String.init))
            let role = "reader_\(database)"
            try server.run(
                "CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA cccd TO \(role); GRANT SELECT ON ALL TABLES IN SCHEMA cccd TO \(role)",
                in: url)
            let reader = PostgreSQLRegistry(try PostgreSQLAddress(server.address(of: database, user: role)))
            #expect(try reader.decide(.init(personalNumber: "001090012345")).eligible)
            try Fixture.load(into: .server(registry.address))
            #expect(try reader.decide(.init(personalNumber: "001090012345")).eligible)
            #expect {
                try reader.reportLost(LostCard(identityCardOf: "001090012345"))
            } throws: { error in
                if case RegistryError.serverRefused = error { true } else { false }
            }
        }

        @Test("wait for a reader who takes long, and hold up no other")
        func longReader() throws {
            let (registry, url) = try OnPostgreSQL.fixture()
            let reader = try HeldReader(url)
            let asking = AskingThread { () throws(RegistryError) in
                // At worst held up for the second that a load asks for its lock.
                try registry.decide(.init(personalNumber: "001090012345"))
            }
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 2.5)
                reader.end()
            }
            try Fixture.load(into: .server(registry.address))
            let (answers, errors) = asking.end()
            #expect(errors == [])
            #expect(answers.map(\.code) == ["valid"])
            #expect(try registry.status().rows == Fixture.insuredCount)
        }
    }
}

/// A reader in the middle of a long transaction.
private final class HeldReader: @unchecked Sendable {
    private let connection: PostgreSQLConnection

    init(_ url: String) throws {
        connection = try PostgreSQLConnection(PostgreSQLAddress(url), answerLimit: .seconds(10))
        try connection.execute("BEGIN; SELECT count(*) FROM cccd.insured")
    }

    func end() { _ = try? connection.execute("COMMIT") }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

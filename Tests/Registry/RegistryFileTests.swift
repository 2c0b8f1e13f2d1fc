import Foundation
import Testing

@testable import Registry

@Suite("The registry file")
struct RegistryFileTests {
    private func load(_ number: String, into place: Place) throws {
        let bytes = Fixture.csv("\(number),,Minh,1990,01/01/2024,31/12/2035")
        _ = try RegistryImport(source: .bytes(bytes), format: .csv).run(into: place.path)
    }

    @Test("a new registry is empty, answers, and is readable by its owner and group alone")
    func create() throws {
        let place = try Place()
        let registry = try InsuranceRegistry.create(path: place.path)
        let decision = try registry.decide(.init(personalNumber: "001090012345"))
        #expect(
            (decision.code, decision.gatewayCode, decision.eligible, decision.dataAsOf) == (
                "notFound", "050", false, nil
            ))
        let status = try registry.status()
        #expect((status.rows, status.loadedAt, status.age) == (0, nil, nil))
        let mode = try FileManager.default.attributesOfItem(atPath: place.path)[.posixPermissions] as? Int
        #expect(mode == 0o640)
        #expect(throws: RegistryError.alreadyExists(path: place.path)) {
            try InsuranceRegistry.create(path: place.path)
        }
    }

    @Test("a load keeps the mode that the file was given")
    func keepsMode() throws {
        let place = try Place()
        try load("001090012345", into: place)
        try FileManager.default.setAttributes([.posixPermissions: 0o660], ofItemAtPath: place.path)
        try load("001090012345", into: place)
        #expect(try FileManager.default.attributesOfItem(atPath: place.path)[.posixPermissions] as? Int == 0o660)
    }

    @Test("a path without a file, a file that is no database, and another program's database are told apart")
    func wrongFiles() throws {
        let place = try Place()
        #expect(throws: RegistryError.missing(path: place.path)) { try InsuranceRegistry(path: place.path) }
        _ = try place.file("registry.sqlite", Array(repeating: 0x41, count: 5000))
        #expect { try InsuranceRegistry(path: place.path) } throws: {
            if case RegistryError.notADatabase = $0 { true } else { false }
        }
        // A load must not destroy what it cannot be sure is a registry.
        #expect { try load("001090012345", into: place) } throws: {
            if case RegistryError.notADatabase = $0 { true } else { false }
        }
        let other = place.folder.appending(path: "other.sqlite").path
        try Connection(path: other, access: .create).execute("CREATE TABLE t (a); PRAGMA user_version = 1")
        #expect(throws: RegistryError.notARegistry(path: other)) { try InsuranceRegistry(path: other) }
    }

    @Test("a registry of another version is not read")
    func otherVersion() throws {
        let place = try Place()
        try load("001090012345", into: place)
        try Connection(path: place.path, access: .readWrite).execute("PRAGMA user_version = 99")
        #expect(throws: RegistryError.otherVersion(path: place.path, found: 99, expected: Schema.version)) {
            try InsuranceRegistry(path: place.path)
        }
    }

    @Test("a damaged registry is told as damaged")
    func damaged() throws {
        let place = try Place()
        var text = "personalNumber,fullName,birthDate,validFrom,validTo\n"
        for index in 0..<5_000 { text += "\(200_000_000_000 + index),An,1990,01/01/2024,31/12/2035\n" }
        _ = try RegistryImport(source: .bytes(Array(text.utf8)), format: .csv).run(into: place.path)
        let handle = try FileHandle(forUpdating: URL(filePath: place.path))
        let size = try handle.seekToEnd()
        for page in stride(from: UInt64(20_480), to: size, by: 4096) {
            try handle.seek(toOffset: page)
            try handle.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        }
        try handle.close()
        #expect {
            let registry = try InsuranceRegistry(path: place.path)
            for index in 0..<5_000 { _ = try registry.decide(.init(personalNumber: "\(200_000_000_000 + index)")) }
        } throws: { if case RegistryError.damaged = $0 { true } else { false } }
    }

    @Test("a registry opened for reading answers and refuses to write")
    func readOnly() throws {
        let place = try Place()
        try load("001090012345", into: place)
        let registry = try InsuranceRegistry(path: place.path, readOnly: true)
        #expect(try registry.decide(.init(personalNumber: "001090012345")).eligible)
        #expect { try registry.reportLost(LostCard(identityCardOf: "001090012345")) } throws: {
            if case RegistryError.readOnly(_, let failure) = $0 { failure.code & 0xFF == 8 } else { false }
        }
    }

    @Test("an open registry answers from the new data as soon as a load is whole")
    func seesNewData() throws {
        let place = try Place()
        try load("001090012345", into: place)
        let registry = try InsuranceRegistry(path: place.path)
        #expect(try registry.decide(.init(personalNumber: "001090012345")).eligible)
        try load("001090012399", into: place)
        #expect(try registry.decide(.init(personalNumber: "001090012345")).code == "notFound")
        #expect(try registry.decide(.init(personalNumber: "001090012399")).eligible)
    }

    @Test("no session holds on to a replaced file")
    func letsGo() async throws {
        let place = try Place()
        try load("001090012345", into: place)
        let registry = try InsuranceRegistry(path: place.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<200 { _ = try registry.decide(.init(personalNumber: "001090012345")) } }
            }
            try await group.waitForAll()
        }
        try load("001090012345", into: place)
        _ = try registry.decide(.init(personalNumber: "001090012345"))
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(open.filter { $0 == place.path + " (deleted)" }.isEmpty)
        #expect(open.contains(place.path))
    }

    @Test("a load through a symbolic link replaces what the link names, not the link")
    func symbolicLink() throws {
        let place = try Place()
        let folder = place.folder.appending(path: "data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let target = folder.appending(path: "real.sqlite").path
        let bytes = Fixture.csv("001090012345,,Minh,1990,01/01/2024,31/12/2035")
        _ = try RegistryImport(source: .bytes(bytes), format: .csv).run(into: target)
        try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: target)
        try load("001090012399", into: place)
        #expect(place.fileNames == ["data", "registry.sqlite"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.path) == target)
        #expect(try InsuranceRegistry(path: target).decide(.init(personalNumber: "001090012399")).eligible)
    }

    @Test("readers on many threads see the old data or the new during loads, and never anything else")
    func readersDuringLoads() async throws {
        let place = try Place()
        func file(_ level: Int) -> [UInt8] {
            var text = "personalNumber,fullName,birthDate,validFrom,validTo,level\n"
            for index in 0..<2_000 { text += "\(200_000_000_000 + index),An,1990,01/01/2024,31/12/2099,\(level)\n" }
            return Array(text.utf8)
        }
        _ = try RegistryImport(source: .bytes(file(3)), format: .csv).run(into: place.path)
        let registry = try InsuranceRegistry(path: place.path)
        let answers = try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for reader in 0..<4 {
                group.addTask {
                    var seen: Set<String> = []
                    for index in 0..<2_000 {
                        let number = "\(200_000_000_000 + (index * 7 + reader) % 2_000)"
                        let decision = try registry.decide(.init(personalNumber: number))
                        seen.insert("\(decision.code) \(decision.benefitLevel ?? 0)")
                    }
                    return seen
                }
            }
            group.addTask {
                for round in 0..<6 {
                    _ = try RegistryImport(source: .bytes(file(round % 2 + 3)), format: .csv).run(into: place.path)
                }
                return []
            }
            return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        #expect(answers.isSubset(of: ["valid 3", "valid 4"]))
        #expect(answers.contains("valid 3"))
    }

    @Test("only one load runs at a time")
    func oneLoad() throws {
        let place = try Place()
        try load("001090012345", into: place)
        let lock = try LoadLock(for: place.path)
        #expect(throws: RegistryError.loadRunning(path: place.path)) { try load("001090012345", into: place) }
        _ = consume lock
        try load("001090012345", into: place)
    }

    @Test("what a killed load left behind is cleared by the next, and never read")
    func leftBehind() throws {
        let place = try Place()
        try load("001090012345", into: place)
        _ = try place.file("registry.sqlite.loading", Array("half a file".utf8))
        _ = try place.file("registry.sqlite.loading-journal", Array("half a journal".utf8))
        #expect(try InsuranceRegistry(path: place.path).decide(.init(personalNumber: "001090012345")).eligible)
        try load("001090012345", into: place)
        #expect(place.fileNames == ["registry.sqlite", "registry.sqlite.lock"])
    }

    @Test("data older than its source promises is told with each answer")
    func oldData() throws {
        let place = try Place()
        let bytes = Fixture.csv("001090012345,,Minh,1990,01/01/2024,31/12/2035")
        var load = RegistryImport(
            source: .bytes(bytes), format: .csv,
            dataAsOf: Timestamp(secondsSince1970: Timestamp.now.secondsSince1970 - 7200),
            promisedAge: 3600)
        _ = try load.run(into: place.path)
        let registry = try InsuranceRegistry(path: place.path)
        let decision = try registry.decide(.init(personalNumber: "001090012345"))
        #expect(decision.eligible)
        #expect(decision.reasons.map(\.code) == ["valid", "levelUnknown", "dataOld"])
        #expect(try registry.status().isOlderThanPromised == true)
        // The promise outlives a load that makes none.
        load.promisedAge = nil
        load.dataAsOf = .now
        _ = try load.run(into: place.path)
        let status = try registry.status()
        #expect((status.promisedAge, status.isOlderThanPromised) == (3600, false))
    }

    @Test(
        "a question that breaks the rules of its numbers is refused by field",
        arguments: [
            (EligibilityQuestion(personalNumber: "12345"), "personalNumber"),
            (EligibilityQuestion(personalNumber: "00109001234\u{0665}"), "personalNumber"),
            (EligibilityQuestion(cardNumber: "GD0010190012345"), "cardNumber"),
            (EligibilityQuestion(cardNumber: String(repeating: "1", count: 1_000_000)), "cardNumber"),
            (EligibilityQuestion(.child(parentPersonalNumber: "")), "parentPersonalNumber"),
            (EligibilityQuestion(.personalNumber("001090012345"), birthDate: "yesterday"), "birthDate"),
        ])
    func badQuestion(_ question: EligibilityQuestion, _ field: String) throws {
        let test = try Fixture.registry()
        #expect { try test.registry.decide(question) } throws: {
            if case RegistryError.invalidQuestion(let wrong, _) = $0 { wrong == field } else { false }
        }
    }

    @Test("a decision as JSON has the names of its properties")
    func json() throws {
        let test = try Fixture.registry()
        let decision = try test.registry.decide(
            .init(personalNumber: "001090012345", on: try #require(Day(iso: "2026-11-23")), facility: "01001"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let data = try encoder.encode(decision)
        #expect(try JSONDecoder().decode(EligibilityDecision.self, from: data) == decision)
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "benefitLevel", "benefitPercent", "cardNumber", "code", "dataAge", "dataAsOf", "eligible",
                "facilityShare",
                "fiveYearsFrom", "fiveYearsReached", "gatewayCode", "group", "isPrimaryFacility", "payablePercent",
                "person", "primaryFacility", "reasons", "source", "validFrom", "validTo",
            ])
        #expect(object["validTo"] as? String == "2035-12-31")
        #expect(object["dataAsOf"] as? String == Fixture.dataAsOf.description)
        #expect((object["primaryFacility"] as? [String: String]) == ["code": "01001", "name": "Bệnh viện Minh Họa"])
    }

    @Test("SQLite's refusals are told apart by what to do about them")
    func refusals() throws {
        let place = try Place()
        try load("001090012345", into: place)
        let full = try Connection(path: place.path, access: .readWrite)
        try full.execute("PRAGMA max_page_count = 1")
        #expect {
            try full.transaction { () throws(RegistryError) in
                let insert = try full.prepare("INSERT INTO facility VALUES (?1, ?2)")
                for index in 0..<1000 {
                    try insert.bind("\(index)", at: 1)
                    try insert.bind(String(repeating: "n", count: 500), at: 2)
                    try insert.run()
                }
            }
        } throws: { if case RegistryError.diskFull(_, let failure) = $0 { failure.code == 13 } else { false } }
        let folder = place.folder.path
        #expect { try InsuranceRegistry(path: folder) } throws: {
            if case RegistryError.failed(let path, let failure) = $0 {
                path == folder && failure.operation == "open"
            } else {
                false
            }
        }
        #expect(throws: RegistryError.missing(path: folder + "/none.csv")) {
            try RegistryImport(source: .file(folder + "/none.csv"), format: .csv).run(into: place.path)
        }
    }

    @Test("numbers in the file that no clock ever showed do no harm")
    func wildNumbers() throws {
        let place = try Place()
        try load("001090012345", into: place)
        try Connection(path: place.path, access: .readWrite).execute(
            """
            UPDATE state SET data_as_of = -9223372036854775807 - 1, promised_age = -9223372036854775807 - 1,
                row_count = 9223372036854775807;
            UPDATE insured SET benefit_level = 9223372036854775807
            """)
        let registry = try InsuranceRegistry(path: place.path)
        #expect(try registry.decide(.init(personalNumber: "001090012345")).benefitPercent == nil)
        #expect(try registry.status().isOlderThanPromised == true)
        #expect(try registry.quality().rows == 1)
        let change = Fixture.csv("001090012346,,Minh,1990,01/01/2024,31/12/2035")
        #expect(
            try RegistryImport(source: .bytes(change), format: .csv, mode: .changes).run(into: place.path).total == 2)
    }
}

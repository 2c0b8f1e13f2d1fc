import Foundation
import TestSupport
import Testing

@Suite("cccd registry import")
struct RegistryCommandTests {
    static let insured = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/Registry/insured.csv").path

    private static let header = "personalNumber,cardNumber,fullName,birthDate,sex,validFrom,validTo\n"

    @Test("loads the people of the fixtures into a new file")
    func fixtures() throws {
        let folder = try TemporaryFolder()
        let registry = folder.path("registry.sqlite")
        let result = try CommandLineTool.run("registry", "import", "--registry", registry, Self.insured)
        #expect(result.status == 0, "\(result.errors)")
        #expect(FileManager.default.fileExists(atPath: registry))
    }

    @Test("a dry run writes nothing")
    func dryRun() throws {
        let folder = try TemporaryFolder()
        let registry = folder.path("registry.sqlite")
        let result = try CommandLineTool.run("registry", "import", "--dry-run", "--registry", registry, Self.insured)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: registry))
    }

    @Test("keeps the good lines and tells the bad one by its number, without repeating what it holds")
    func badLine() throws {
        let folder = try TemporaryFolder()
        let lines = """
            001090012345,GD4010190012345,Nguyễn Văn Minh,15/03/1990,Nam,01/01/2024,31/12/2035
            001090012399,GD4010190012399,Nguyễn Văn Sai,31/02/1990,Nam,01/01/2024,31/12/2035

            """
        let file = try folder.write(Array((Self.header + lines).utf8), to: "insured.csv")
        let result = try CommandLineTool.run("registry", "import", "--registry", folder.path("registry.sqlite"), file)
        #expect(result.status == 1)
        #expect(result.errors.contains("3"))
        #expect(!result.errors.contains("001090012399"))
        #expect(!result.errors.contains("Nguyễn"))
    }

    @Test("an input that is not there leaves the old registry as it was")
    func missingInput() throws {
        let folder = try TemporaryFolder()
        let registry = folder.path("registry.sqlite")
        #expect(try CommandLineTool.run("registry", "import", "--registry", registry, Self.insured).status == 0)
        let before = try Data(contentsOf: URL(filePath: registry))
        let result = try CommandLineTool.run("registry", "import", "--registry", registry, folder.path("nowhere.csv"))
        #expect(result.status == 2)
        #expect(try Data(contentsOf: URL(filePath: registry)) == before)
    }

    @Test("a file that is no registry is not overwritten")
    func notARegistry() throws {
        let folder = try TemporaryFolder()
        let letter = try folder.write(Array("Dear doctor".utf8), to: "letter.txt")
        let result = try CommandLineTool.run("registry", "import", "--registry", letter, Self.insured)
        #expect(result.status == 2)
        #expect(try String(contentsOfFile: letter, encoding: .utf8) == "Dear doctor")
    }

    @Test("without --registry there is nothing to load into")
    func noRegistry() throws {
        let result = try CommandLineTool.run("registry", "import", Self.insured)
        #expect(result.status == 2)
        #expect(result.errors.contains("--registry is missing"))
    }
}

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

@Suite("Command line: asking a registry")
struct RegistryAskingTests {
    private static let insured = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/Registry/insured.csv").path

    /// A loaded registry in a file, or on a server of the test run's own.
    private static func registry(_ folder: TemporaryFolder, onServer: Bool) throws -> String {
        let registry = onServer ? try PostgreSQLServer.shared.database() : folder.path("registry.sqlite")
        let result = try CommandLineTool.run(
            "registry", "import", "--registry", registry, "--data-as-of", "2026-11-01", "--promised-age", "36500d",
            insured)
        try #require(result.status == 0, "\(result.errors)")
        return registry
    }

    private static let kinds = PostgreSQLServer.isInstalled ? [false, true] : [false]

    @Test("eligible is 0, not eligible is 1, and a question that cannot be asked is 2", arguments: kinds)
    func ask(_ onServer: Bool) throws {
        let folder = try TemporaryFolder()
        let registry = try Self.registry(folder, onServer: onServer)
        func ask(_ words: String...) throws -> ShellCommand.Result {
            try ShellCommand.run(
                [CommandLineTool.path, "registry", "ask", "--registry", registry, "--on", "2026-11-23"] + words)
        }
        let yes = try ask("--personal-number", "001090012345", "--facility", "01001", "--lang", "en")
        #expect(yes.status == 0, "\(yes.errors)")
        #expect(yes.output.hasPrefix("ELIGIBLE\n"))
        #expect(yes.output.contains("Paid here: 80 %"))
        #expect(try ask("--personal-number", "001192000002", "--lang", "vi").output.hasPrefix("KHÔNG ĐỦ ĐIỀU KIỆN\n"))
        #expect(try ask("--personal-number", "001192000002").status == 1)
        #expect(try ask("--card-number", "0190012345").status == 0)
        #expect(try ask("--parent", "001090012345").status == 0)
        #expect(try ask("--personal-number", "1").status == 2)
        #expect(try ask().status == 2)
        let json = try ask("--personal-number", "001090012345", "--json").output
        #expect(json.contains(#""code" : "valid""#))
        #expect(json.contains(onServer ? #""source" : "postgresql""# : #""source" : "registry""#))
    }

    @Test("a card is lost until it is found", arguments: kinds)
    func lost(_ onServer: Bool) throws {
        let folder = try TemporaryFolder()
        let registry = try Self.registry(folder, onServer: onServer)
        let card = ["--registry", registry, "--card-number", "GD4010190012345"]
        func run(_ words: [String]) throws -> Int32 {
            try ShellCommand.run([CommandLineTool.path, "registry"] + words + card).status
        }
        #expect(try run(["ask", "--on", "2026-11-23"]) == 0)
        #expect(try run(["lost", "--by", "desk 1"]) == 0)
        #expect(try run(["ask", "--on", "2026-11-23"]) == 1)
        #expect(try run(["found"]) == 0)
        #expect(try run(["found"]) == 1)
        #expect(try run(["ask", "--on", "2026-11-23"]) == 0)
    }

    @Test(
        "status and quality tell what the data is worth, and the rows to mend are for their owner alone",
        arguments: kinds)
    func quality(_ onServer: Bool) throws {
        let folder = try TemporaryFolder()
        let registry = try Self.registry(folder, onServer: onServer)
        let status = try CommandLineTool.run("registry", "status", "--registry", registry)
        #expect(status.status == 0, "\(status.errors)")
        #expect(status.output.contains("true as of 2026-11-01T00:00:00Z"))
        let rows = folder.path("rows.csv")
        let quality = try CommandLineTool.run("registry", "quality", "--registry", registry, "--rows", rows)
        #expect(quality.status == 0, "\(quality.errors)")
        #expect(quality.output.contains("card.twoPeople: 2 records"))
        #expect(
            try String(contentsOfFile: rows, encoding: .utf8).contains(
                "complete,missing.personalNumber,,TE1010225000007"))
        let mode = try FileManager.default.attributesOfItem(atPath: rows)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test(
        "a copy is made, and answers when there is no server",
        .enabled(if: PostgreSQLServer.isInstalled, "postgresql is not installed"))
    func copy() throws {
        let folder = try TemporaryFolder()
        let registry = try Self.registry(folder, onServer: true)
        let copy = folder.path("copy.sqlite")
        let made = try CommandLineTool.run("registry", "copy", "--registry", registry, "--copy", copy)
        #expect(made.status == 0, "\(made.errors)")
        let answer = try CommandLineTool.run(
            "registry", "ask", "--registry", "postgresql:///x?host=\(folder.path)", "--copy", copy, "--on",
            "2026-11-23",
            "--personal-number", "001090012345", "--json")
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(answer.output.contains(#""source" : "copy""#))
        #expect(answer.output.contains("fromCopy"))
    }

    @Test(
        "what cannot be is refused in words",
        arguments: [
            (["import", "--registry", "x", "--promised-age", "soon", "y.csv"], "--promised-age must be"),
            (["import", "--registry", "x", "--data-as-of", "2999-01-01", "y.csv"], "lies in the future"),
            (["status", "--registry", "mysql://x"], "neither an SQLite file nor postgresql://"),
            (["status"], "--registry is missing"), (["copy", "--registry", "x"], "a copy needs"),
            (["ask", "--registry", "x", "--personal-number", "1", "--on", "today"], "--on must be a day"),
            (["lost", "--registry", "x"], "give exactly one of"),
        ])
    func refused(_ words: [String], _ message: String) throws {
        let result = try ShellCommand.run([CommandLineTool.path, "registry"] + words)
        #expect(result.status == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
    }
}

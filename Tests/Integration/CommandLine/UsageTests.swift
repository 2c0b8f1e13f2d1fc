import TestSupport
import Testing

@Suite("Command line")
struct UsageTests {
    @Test("help is printed to standard output, and asking for it succeeds", arguments: ["--help", "-h", "help"])
    func help(_ word: String) throws {
        let result = try CommandLineTool.run(word)
        #expect(result.status == 0)
        #expect(result.output.contains("Usage: cccd COMMAND"))
        #expect(result.errors.isEmpty)
    }

    @Test("every command that the overview lists explains itself")
    func everyCommand() throws {
        let overview = try CommandLineTool.run("--help").output
        let commands = overview.split(separator: "\n").filter { $0.hasPrefix("  ") }.compactMap { line in
            line.dropFirst(2).split(separator: "  ", maxSplits: 1).first.map(String.init)
        }
        #expect(commands.contains("verify"))
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            let result = try ShellCommand.run([CommandLineTool.path] + words + ["--help"])
            #expect(result.status == 0, "\(command)")
            #expect(result.output.contains("Usage: cccd \(command)"), "\(command)")
        }
    }

    @Test("a family of commands lists them when it is asked for help", arguments: ["trust", "registry", "archive"])
    func family(_ name: String) throws {
        let result = try CommandLineTool.run(name, "--help")
        #expect(result.status == 0)
        #expect(result.output.split(separator: "\n").count > 1)
        #expect(result.output.split(separator: "\n").allSatisfy { $0.hasPrefix("  cccd \(name) ") })
        #expect(result.errors.isEmpty)
    }

    @Test("without a command there is nothing to answer")
    func noCommand() throws {
        let result = try CommandLineTool.run()
        #expect(result.status == 2)
        #expect(result.output.contains("Usage: cccd COMMAND"))
    }

    @Test("the version stands on a line of its own, before what it was built from and runs on")
    func version() throws {
        let result = try CommandLineTool.run("--version")
        #expect(result.status == 0)
        #expect(result.output.prefixMatch(of: /cccd \d+\.\d+\.\d+\n/) != nil)
        let facts = result.output.split(separator: "\n").dropFirst().map { $0.split(separator: " ").first }
        #expect(facts == ["commit", "Swift", "OpenSSL", "libIPSec_MB"])
        #expect(result.output.contains(/\nOpenSSL +3\.\d+\.\d+, built with 3\.\d+\.\d+\n/))
    }

    @Test(
        "what was typed wrong is named on standard error, and nothing is answered",
        arguments: [
            (["frobnicate"], "unknown command frobnicate"),
            (["trust"], "trust what?"),
            (["verify"], "expected IMAGE"),
            (["verify", "one", "two"], "expected IMAGE"),
            (["verify", "--frobnicate", "image"], "unknown option --frobnicate"),
            (["verify", "image", "--at"], "--at needs a value"),
            (["verify", "image", "--at", "2026-01-01", "--at", "2026-01-02"], "--at stands twice"),
            (["verify", "image", "--json=yes"], "--json takes no value"),
            (["trust", "list"], "PATH"),
        ])
    func wrongUsage(_ words: [String], _ message: String) throws {
        let result = try ShellCommand.run([CommandLineTool.path] + words)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(message), "\(result.errors)")
    }
}

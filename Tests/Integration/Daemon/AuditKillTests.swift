import Foundation
import TestSupport
import Testing

@Suite("Audit log under SIGKILL")
struct AuditKillTests {
    @Test("a daemon killed under load has every answered check-in in a whole log")
    func kill() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = root.appending(path: "Scripts/audit-kill-test.sh").path
        let result = try ShellCommand.run(["env", "CCCD=\(try CommandLineTool.path)", script, "3"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("3 kills: the audit log was whole each time"))
    }
}

extension ThroughPCSC {
    @Suite("Audit commands")
    struct AuditCommandTests {
        @Test("the commands prove, export and find records by person; a cut end shows against a kept head")
        func commands() throws {
            let daemon = try RunningDaemon()
            _ = try daemon.ask("/v1/insurance", body: "{\"personalNumber\": \"001090012345\"}")
            #expect(daemon.stop() == 0)
            let log = daemon.stateFile("audit.sqlite")
            let whole = try CommandLineTool.run("audit", "verify", "--log", log, "--json")
            #expect(whole.status == 0, "\(whole.output)")
            let export = try CommandLineTool.run(
                "audit", "export", "--log", log, "--personal-number", "001090012345", "--key",
                daemon.stateFile("audit.key"))
            #expect(export.output.split(separator: "\n").count == 1)
            #expect(export.output.contains("\"event\":\"insurance\""))
            #expect(!export.output.contains("001090012345"))
            let head = try CommandLineTool.run("audit", "head", "--log", log)
            let file = daemon.stateFile("head")
            try head.output.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(
                try CommandLineTool.run(
                    "audit", "verify", "--log", log, "--head", file, "--certificate", daemon.stateFile("terminal.crt")
                ).status == 0)
            _ = try ShellCommand.run([
                "sqlite3", log, "DELETE FROM records WHERE number > 1; DELETE FROM heads WHERE number > 1",
            ])
            let cut = try CommandLineTool.run("audit", "verify", "--log", log, "--head", file)
            #expect(cut.status == 1)
            #expect(cut.output.contains("its end was cut off"))
            #expect(try CommandLineTool.run("audit", "verify", "--log", "/nowhere/audit.sqlite").status == 2)
        }
    }
}

import Foundation
import Simulator
import TestSupport
import Testing

@Suite("cccd simulate")
struct SimulateCommandTests {
    private static let page = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/simulator.md")

    @Test("tells every fault in its help and in its page")
    func faults() throws {
        let help = try CommandLineTool.run("simulate", "card", "--help").output
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        for entry in FaultCatalogue.entries {
            #expect(help.contains("  \(entry.form) "), "\(entry.form)")
            #expect(help.contains(entry.summary), "\(entry.form)")
            let row = page.split(separator: "\n").first {
                $0.hasPrefix("| `\(entry.name)`") || $0.hasPrefix("| `\(entry.name)=")
                    || $0.hasPrefix("| `\(entry.name)@")
            }
            #expect(row != nil, "\(entry.name) in \(Self.page.lastPathComponent)")
        }
    }

    @Test(
        "refuses a fault, a way of PACE or a key that there is not",
        arguments: [
            (["--fault", "nothing"], "there is none of that name"), (["--fault", "mute"], "it needs a place"),
            (["--pace", "gm-13"], "--pace must be as gm-13-aes128"),
            (["--pace", "cam-13-3des"], "Doc 9303 has no PACE by cam-13-3des"),
            (["--active-authentication", "dsa"], "--active-authentication must be ec or rsa"),
        ])
    func refusals(_ words: [String], _ message: String) throws {
        let folder = try TemporaryFolder()
        try TestState.shared.state.save(to: folder.path("pki"))
        let result = try ShellCommand.run(
            [CommandLineTool.path, "simulate", "card", "--pki", folder.path("pki"), "--port", "1"] + words)
        #expect(result.status == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test("makes a terminal's certificates and key, and a card that holds DG3 for it")
    func terminals() throws {
        let folder = try TemporaryFolder()
        let pki = folder.path("pki")
        #expect(try CommandLineTool.run("simulate", "pki", "--out", pki, "--terminals").status == 0)
        for name in ["cvca.cvc", "dv.cvc", "terminal.cvc", "terminal.pk8"] {
            #expect(FileManager.default.fileExists(atPath: "\(pki)/\(name)"), "\(name)")
        }
        let permissions = try FileManager.default.attributesOfItem(atPath: "\(pki)/terminal.pk8")[.posixPermissions]
        #expect(permissions as? Int == 0o600)
        let card = folder.path("card")
        let made = try CommandLineTool.run(
            "simulate", "card", "--pki", pki, "--terminals", pki, "--pace", "cam-12-aes256",
            "--active-authentication", "ec", "--out", card)
        #expect(made.status == 0, "\(made.errors)")
        for name in ["EF_DG3.bin", "EF_DG15.bin", "EF_CardSecurity.bin"] {
            #expect(FileManager.default.fileExists(atPath: "\(card)/\(name)"), "\(name)")
        }
    }
}

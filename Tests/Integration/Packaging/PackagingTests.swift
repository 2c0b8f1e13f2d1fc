import Daemon
import Foundation
import TestSupport
import Testing

@Suite("Package")
struct PackagingTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    private static func isInstalled(_ program: String) -> Bool {
        (try? ShellCommand.run(["sh", "-c", "command -v \(program)"]).status) == 0
    }

    /// What a unit file says of `directive`.
    private func directive(_ name: String, of unit: String) throws -> String? {
        try text("Packaging/debian/\(unit)").split(separator: "\n").first { $0.hasPrefix("\(name)=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// The manual pages as the package has them.
    private func manual(_ page: String) throws -> String {
        let folder = try TemporaryFolder()
        let generator = Self.root.appending(path: "Packaging/man/generate.py").path
        let result = try ShellCommand.run([generator, CommandLineTool.path, folder.path])
        #expect(result.status == 0, "\(result.errors)")
        return try String(contentsOf: folder.url.appending(path: page), encoding: .utf8).replacing("\\-", with: "-")
    }

    @Test("cccd(1) has every command with every option")
    func manualOfCommands() throws {
        let page = try manual("cccd.1")
        let sections = page.split(separator: "\n.Ss cccd ").dropFirst()
        let overview = try CommandLineTool.run("--help").output
        let commands = overview.matches(of: /\n {2}(\w+(?: \w+)?) {2}/).map { String($0.1) }
        #expect(commands.count > 20)
        #expect(sections.compactMap { $0.split(separator: "\n").first.map(String.init) } == commands)
        for (section, command) in zip(sections, commands) {
            let help = try ShellCommand.run(
                [CommandLineTool.path] + command.split(separator: " ").map(String.init) + ["--help"]
            ).output
            let options = help.matches(of: /\n {2}(--[\w-]+)/).map { String($0.1) }
            #expect(section.matches(of: /\n\.It Fl (-[\w-]+)/).map { "-" + $0.1 } == options, "\(command)")
        }
    }

    @Test("cccd.json5(5) has every key that the daemon decodes")
    func manualOfKeys() throws {
        let page = try manual("cccd.json5.5")
        let folder = "Sources/Daemon/Configuration"
        var names: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: folder).path) {
            for keys in try text("\(folder)/\(file)").matches(of: /enum \w*Keys: String, CodingKey \{\s*case ([^}]*)\}/)
            {
                names.formUnion(keys.1.matches(of: /\w+/).map { String($0.0) })
            }
        }
        #expect(names.isSuperset(of: ["socket", "path", "gateway", "passwordFile", "requestsPerMinute", "sha256"]))
        // As a key, part of one's path, or in the text about one.
        let told = Set(page.matches(of: /\w+/).map { String($0.0) })
        #expect(names.subtracting(told).isEmpty)
        for key in page.matches(of: /\n\.It Cm "([\w.]+)"/) {
            #expect(key.1.split(separator: ".").allSatisfy { names.contains(String($0)) }, "\(key.1)")
        }
    }

    @Test("manual pages are formatted without a warning", .enabled(if: isInstalled("mandoc"), "there is no mandoc"))
    func format() throws {
        let folder = try TemporaryFolder()
        let generator = Self.root.appending(path: "Packaging/man/generate.py").path
        _ = try ShellCommand.run([generator, CommandLineTool.path, folder.path])
        let pages = ["cccd.1", "cccd-serve.8", "cccd.json5.5"].map { folder.path($0) }
        let result = try ShellCommand.run(["mandoc", "-T", "lint", "-W", "warning"] + pages)
        #expect(result.output.isEmpty && result.status == 0, "\(result.output)")
    }

    @Test("each shell completes commands and options as the program has them")
    func completions() throws {
        let folder = try TemporaryFolder()
        for (file, place) in [
            ("cccd.bash", "bash-completion/completions/cccd"), ("cccd.zsh", "zsh/vendor-completions/_cccd"),
            ("cccd.fish", "fish/vendor_completions.d/cccd.fish"),
        ] {
            let target = folder.url.appending(path: place)
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text("Packaging/completions/\(file)").utf8).write(to: target)
        }
        let script = Self.root.appending(path: "Packaging/test/completions.sh").path
        let result = try ShellCommand.run([script, CommandLineTool.path, folder.path])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains(/bash: \d+ commands/))
    }

    @Test("the installed configuration is the defaults")
    func configuration() throws {
        #expect(try Configuration(json5: Data(text("Packaging/cccd.json5").utf8)) == Configuration())
    }

    @Test("every key that the installed configuration offers behind slashes can be used")
    func offeredKeys() throws {
        let used = try text("Packaging/cccd.json5").replacing(/(?m)^  \/\/ (?=\w+: \{)/, with: "  ")
        let configuration = try Configuration(json5: Data(used.utf8))
        #expect(configuration.registry.url == "sqlite:/var/lib/cccd/registry.sqlite")
        #expect(configuration.facility.code == "01001")
        #expect(configuration.terminal.name == "Desk 1")
    }

    @Test("the units agree with the daemon's defaults")
    func units() throws {
        let defaults = Configuration()
        #expect(try directive("ListenStream", of: "cccd.socket") == defaults.socket.path)
        let mode = try #require(try directive("SocketMode", of: "cccd.socket"))
        #expect(UInt32(mode, radix: 8) == defaults.socket.mode)
        let state = try #require(try directive("StateDirectory", of: "cccd.service"))
        #expect("/var/lib/\(state)" == defaults.state.folder)
        let patience = try #require(try directive("TimeoutStopSec", of: "cccd.service").flatMap(Int.init))
        #expect(patience > defaults.stop.timeLimit)
        let user = try #require(try directive("User", of: "cccd.service"))
        let users = try text("Packaging/debian/cccd.sysusers")
        #expect(users.contains("\nu \(user) "))
        #expect(users.contains("\ng \(try #require(try directive("SocketGroup", of: "cccd.socket"))) "))
        #expect(
            try text("Packaging/debian/cccd.tmpfiles").contains("\nd \(defaults.state.folder) 0700 \(user) \(user)"))
    }

    @Test("systemd understands the units", .enabled(if: isInstalled("systemd-analyze"), "there is no systemd-analyze"))
    func verifiedUnits() throws {
        let script = Self.root.appending(path: "Packaging/test/units.sh").path
        let result = try ShellCommand.run([script, Self.root.appending(path: "Packaging/debian").path])
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test("the package has the program's version")
    func version() throws {
        let version = try #require(try CommandLineTool.run("--version").output.firstMatch(of: /cccd (\S+)\n/)).1
        #expect(try text("Packaging/debian/changelog").hasPrefix("cccd (\(version)-"))
    }
}

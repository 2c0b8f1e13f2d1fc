import Foundation
import TestSupport
import Testing

@Suite("The commands in README and docs")
struct CommandTests {
    @Test(
        "run as they stand, each document's in order, and print what is shown",
        .enabled(if: CommandSession.isPossible, "no private virtual reader can be started here"),
        arguments: CommandSession.documents)
    func run(_ document: MarkdownDocument) throws {
        let result = try #require(try CommandSession.result(of: document))
        let commands = CommandSession.commands(of: document)
        for (command, output) in zip(commands, result.outputs) {
            guard let shown = command.output, !shown.isEmpty else { continue }
            let isAsShown = ShownOutput.fits(output, shown)
            let printed = output.prefix(12).joined(separator: "\n")
            #expect(isAsShown, "\(document.path):\(command.line): `\(command.text)` printed\n\(printed)")
        }
        let last = result.outputs.count - 1
        #expect(
            result.status == 0,
            """
            \(document.path):\(last >= 0 ? commands[last].line : 0): failed with
            \(last >= 0 ? result.outputs[last].joined(separator: "\n") : "nothing")
            """)
    }

    @Test("stand in blocks that say what they are, and are left out for few reasons", arguments: MarkdownDocument.all)
    func blocks(_ document: MarkdownDocument) {
        for block in document.commandBlocks {
            #expect(
                block.isRun || (block.remarks.count == 1 && CommandBlock.Reason(rawValue: block.remarks[0]) != nil),
                "\(document.path):\(block.line): \(block.remarks.joined(separator: " ")) is no reason")
            #expect(!block.commands.contains { $0.text.isEmpty }, "\(document.path):\(block.line): no command")
        }
        let start = /^\s*(\$ |sudo |cccd |curl |make |swift |apt |apt-get |systemctl |openssl |psql )/
        for block in document.blocks where CommandBlock(block) == nil {
            for (index, line) in block.lines.enumerated() where block.info.isEmpty {
                #expect(
                    !line.contains(start), "\(document.path):\(block.line + index): a command outside sh and console")
            }
        }
        var previous = ""
        for (number, line) in document.prose {
            let isIndented = line.hasPrefix("    ") && (previous.isEmpty || previous.hasPrefix("    "))
            #expect(
                !isIndented || !line.contains(start), "\(document.path):\(number): a command outside sh and console")
            previous = line
        }
    }

    @Test("are run for the most part")
    func share() {
        let blocks = MarkdownDocument.all.flatMap { document in document.commandBlocks.map { (document, $0) } }
        let left = blocks.filter { !$0.1.isRun }
        for (document, block) in left { print("not run: \(document.path):\(block.line): \(block.remarks.joined())") }
        #expect(left.count * 2 < blocks.count, "\(left.count) of \(blocks.count)")
    }

    @Test(
        "call commands of cccd and of make that exist, with options that they have",
        arguments: MarkdownDocument.all + MarkdownDocument.besideCode)
    func options(_ document: MarkdownDocument) throws {
        let known = try KnownCommands.shared.get()
        let blocks = document.commandBlocks.flatMap { block in
            block.commands.flatMap { command in
                command.text.replacing("\\\n", with: " ").split(separator: "\n").map { (command.line, String($0)) }
            }
        }
        let spans = document.prose.flatMap { line in
            line.text.matches(of: /`([^`]+)`/).map { (line.line, String($0.output.1)) }
        }
        let indented = document.prose.filter { $0.text.hasPrefix("    ") }.map { ($0.line, $0.text) }
        for (line, text) in blocks + indented + spans.filter({ $0.1.contains(/^(cccd|make) [a-z]/) }) {
            for fault in known.faults(in: text) { Issue.record("\(document.path):\(line): \(fault)") }
        }
    }

    @Test(
        "are known to be wrong where a command, an option or a target does not exist",
        arguments: [
            ("cccd frobnicate", 1), ("cccd verify --frobnicate card", 1), ("sudo -u cccd cccd verify --at x card", 0),
            ("cccd trust frobnicate --store x", 1), ("cccd trust --help", 0), ("cccd read --json | cccd verfy -", 1),
            ("make frobnicate", 1), ("make test", 0), ("cccd verify card # --frobnicate", 0),
            ("echo 'cccd frobnicate'", 0), ("/usr/bin/cccd audit head --json", 1),
        ])
    func wrongCommands(_ line: String, _ count: Int) throws {
        #expect(try KnownCommands.shared.get().faults(in: line).count == count)
    }

    @Test(
        "are compared with what is shown, where … stands for anything",
        arguments: [
            (["a", "b"], ["a", "b"], true), (["a"], ["b"], false), (["a", "b"], ["a"], false),
            (["x 12 y"], ["x … y"], true), (["x 12 z"], ["x … y"], false), (["1", "2", "3"], ["…", "3"], true),
            (["1", "2"], ["1", "2", "…"], true), (["1", "2"], ["…", "1"], false), ([], ["…"], true),
            (["x"], ["x…x"], false),
        ])
    func comparison(_ printed: [String], _ shown: [String], _ fits: Bool) {
        #expect(ShownOutput.fits(printed, shown) == fits)
    }
}

/// The commands that there are, as `--help` tells them.
struct KnownCommands {
    static let shared = Result { try KnownCommands() }

    /// The help of each command of cccd by its name.
    private var help: [String: String] = [:]
    private let targets: Set<String>

    private init() throws {
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(filePath: runner).deletingLastPathComponent().appending(path: "cccd").path
        let overview = try ShellCommand.run([program, "--help"]).output
        for line in overview.split(separator: "\n") where line.hasPrefix("  ") {
            let name = line.dropFirst(2).split(separator: "  ").first.map(String.init) ?? ""
            help[name] = try ShellCommand.run([program] + name.split(separator: " ").map(String.init) + ["--help"])
                .output
        }
        let makefile = try String(
            contentsOf: MarkdownDocument.repository.appending(path: "Makefile"), encoding: .utf8)
        targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.output.1) })
    }

    /// What is wrong with the calls in a line.
    func faults(in line: String) -> [String] {
        // Quoted text calls nothing; a comment neither.
        let text = line.replacing(/'[^']*'|"[^"]*"/, with: "QUOTED").replacing(/(^|\s)#.*$/, with: "")
        return text.split(whereSeparator: { "|;&()".contains($0) }).flatMap { part -> [String] in
            let words = part.split(separator: " ").map(String.init).drop {
                $0.contains("=") || ["sudo", "$"].contains($0)
            }
            guard let first = words.first else { return [] }
            let arguments = Array(words.dropFirst())
            if first == "make" {
                return arguments.filter { $0.contains(/^[a-z-]+$/) && !targets.contains($0) }.map { "make \($0)" }
            }
            guard first == "cccd" || first.hasSuffix("/cccd") else { return [] }
            return faults(of: arguments)
        }
    }

    private func faults(of words: [String]) -> [String] {
        guard let first = words.first, !["--help", "--version", "COMMAND", "…"].contains(first) else { return [] }
        let name = [words.prefix(2).joined(separator: " "), first].first { help[$0] != nil }
        guard let name, let help = help[name] else {
            let isFamily =
                help.keys.contains { $0.hasPrefix(first + " ") } && words.count == 1 || words.dropFirst() == ["--help"]
            return isFamily ? [] : ["cccd \(words.prefix(2).joined(separator: " ")) is no command"]
        }
        return words.filter { $0.hasPrefix("--") && $0 != "--" }.compactMap { word in
            let option = String(word.prefix { $0 != "=" })
            return help.contains("  \(option) ") ? nil : "cccd \(name) has no option \(option)"
        }
    }
}

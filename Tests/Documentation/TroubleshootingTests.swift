import Foundation
import Testing

/// An error of a part, as its source declares and words it.
struct DeclaredError: Sendable, CustomTestStringConvertible {
    let name: String
    /// The cases, each with the first words that its description always has.
    let cases: [(name: String, words: String)]

    var testDescription: String { name }

    /// The public errors of the parts; the Simulator's are for whoever tests.
    static let all: [DeclaredError] = {
        let sources = MarkdownDocument.repository.appending(path: "Sources")
        let paths = (FileManager.default.enumerator(atPath: sources.path)?.allObjects as? [String]) ?? []
        return paths.sorted().filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Simulator/") }.flatMap { path in
            let text = (try? String(contentsOf: sources.appending(path: path), encoding: .utf8)) ?? ""
            return text.matches(of: /(?m)^public (?:indirect )?enum (\w+): Error/).compactMap {
                DeclaredError(name: String($0.output.1), in: text)
            }
        }
    }()

    /// Nil for one that has no description of its own.
    private init?(name: String, in text: String) {
        guard let declaration = Self.block(after: "enum \(name): Error", in: text),
            let conformance = Self.block(after: "extension \(name): CustomStringConvertible", in: text)
        else { return nil }
        self.name = name
        cases = declaration.matches(of: /(?m)^    case (\w+)/).map { match in
            let name = String(match.output.1)
            let start = conformance.range(of: "\n        case .\(name)[:(]", options: .regularExpression)?.lowerBound
            let rest = start.map { conformance[$0...].dropFirst() } ?? ""
            let end = rest.range(of: "\n        case .")?.lowerBound ?? rest.endIndex
            return (name, Self.words(in: rest[..<end]))
        }
    }

    private static func block(after start: String, in text: String) -> Substring? {
        guard let start = text.range(of: start)?.upperBound else { return nil }
        return text[start..<(text.range(of: "\n}", range: start..<text.endIndex)?.lowerBound ?? text.endIndex)]
    }

    /// The longest text between two interpolations of the string literals.
    private static func words(in source: Substring) -> String {
        var words: [String] = []
        var current = ""
        var depth = 0
        var isInside = false
        var characters = source[...]
        while let character = characters.popFirst() {
            if depth > 0 {
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
            } else if isInside, character == "\\" {
                guard characters.popFirst() == "(" else { continue }
                depth = 1
                words.append(current)
                current = ""
            } else if character == "\"" {
                isInside.toggle()
                if !isInside {
                    words.append(current)
                    current = ""
                }
            } else if isInside {
                current.append(character)
            }
        }
        return words.map { $0.trimmingCharacters(in: .whitespaces) }.max { $0.count < $1.count } ?? ""
    }
}

@Suite("The pages on troubleshooting", .serialized)
struct TroubleshootingTests {
    private static let pages = ["docs/en/troubleshooting.md", "docs/vi/troubleshooting.md"]

    @Test("have a row for each case of each error, with the words of its message", arguments: DeclaredError.all, pages)
    func errors(_ error: DeclaredError, _ path: String) throws {
        let page = try MarkdownDocument(path).text
        let table = page.range(of: "\n`\(error.name)`\n")
        let start = try #require(table, "\(path) has no table of \(error.name)").upperBound
        let section = page[start..<(page.range(of: "\n## ", range: start..<page.endIndex)?.lowerBound ?? page.endIndex)]
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for entry in error.cases {
            let row = rows.first { $0.hasPrefix("| `\(entry.name)` |") }
            let isTold = row.map { entry.words.isEmpty || $0.contains(entry.words) }
            #expect(isTold == true, "\(path): \(error.name).\(entry.name): \(entry.words)")
        }
        #expect(rows.count == error.cases.count)
    }

    @Test("have a row for each problem of the API", arguments: pages)
    func problems(_ path: String) throws {
        let page = try MarkdownDocument(path).text
        let source = try String(
            contentsOf: MarkdownDocument.repository.appending(path: "Sources/Daemon/HTTP/Problem.swift"),
            encoding: .utf8)
        let types = source.matches(of: /(?m)^        case \w+ = "([a-z-]+)"$/).map { String($0.output.1) }
        #expect(types.count > 40)
        let missing = types.filter { !page.contains("\n| `\($0)` | ") }
        #expect(missing.isEmpty, "\(path)")
    }

    @Test("name every error that there is: the tables cover the parts")
    func parts() {
        let names = DeclaredError.all.map(\.name)
        for name in [
            "CardReaderError", "TrustStoreError", "RegistryError", "DaemonError", "AuditError", "PortraitError",
        ] {
            #expect(names.contains(name))
        }
    }
}

@Suite("The page on architecture")
struct ArchitectureTests {
    @Test("draws the parts' imports as the package declares them")
    func imports() throws {
        let page = try MarkdownDocument("docs/architecture.md").text
        let package = try String(
            contentsOf: MarkdownDocument.repository.appending(path: "Package.swift"), encoding: .utf8)
        let parts = [
            "cccd", "Daemon", "Simulator", "CardReader", "Registry", "Verifier", "Portrait", "Document", "Crypto",
        ]
        let edges = Set(
            page.matches(of: /(?m)^    (\w+)(?:\["[^"]*"\])? --> (\w+)/).map { "\($0.output.1) → \($0.output.2)" })
        // What the page says in words beside the drawing: these two every part above may import.
        let everywhere: Set = ["Document", "Crypto"]
        for part in parts {
            let declaration = try #require(
                package.firstRange(
                    of: try Regex(#"argets?\(\s*name: "\#(part)",(.*?)(swiftSettings|resources|exclude|path):"#)
                        .dotMatchesNewlines()),
                "Package.swift has no target \(part)")
            let imported = parts.filter { package[declaration].contains("\"\($0)\"") && $0 != part }
            for other in imported where !(["cccd", "Daemon"].contains(part) && everywhere.contains(other)) {
                let isDrawn = edges.contains("\(part) → \(other)")
                #expect(isDrawn, "\(part) → \(other) is not drawn")
            }
            for other in parts where edges.contains("\(part) → \(other)") {
                #expect(imported.contains(other), "\(part) → \(other) is drawn and not so")
            }
        }
    }
}

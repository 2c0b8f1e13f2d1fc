import Foundation
import Testing

/// A document of this project, taken apart as far as the tests ask.
struct MarkdownDocument: Sendable, CustomTestStringConvertible {
    /// A fenced block.
    struct Block: Sendable {
        /// The words behind the fence: the language, and what else is said of the block.
        let info: [String]
        let lines: [String]
        /// The number of the first line within the fence.
        let line: Int
    }

    /// A link in the text.
    struct Link: Sendable {
        let target: String
        let line: Int
    }

    /// The path below the repository.
    let path: String
    let text: String
    let blocks: [Block]
    /// The lines outside the fenced blocks, with their numbers.
    let prose: [(line: Int, text: String)]

    var testDescription: String { path }

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// README, what stands beside it for people, and everything in docs and of the examples; in the order of their names.
    static let all: [MarkdownDocument] = {
        let folders = ["", "Examples", "docs"] + Self.folders(in: "docs")
        let paths = folders.flatMap { folder in
            names(in: folder).filter { $0.hasSuffix(".md") && $0 != "CHANGELOG.md" }
                .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
        }
        return paths.compactMap { try? MarkdownDocument($0) }
    }()

    /// What stands beside the code, for whoever works on it: its commands are checked, and not run.
    static let besideCode: [MarkdownDocument] = [
        "Benchmarks", "Benchmarks/HostileSecurityObjects", "Benchmarks/Load", "Benchmarks/Reading",
        "Benchmarks/Registry",
        "Benchmarks/Trust", "Fixtures/Portrait", "Fixtures/Registry", "Packaging", "Scale",
    ].map { "\($0)/README.md" }.compactMap { try? MarkdownDocument($0) }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: repository.appending(path: folder).path).sorted()) ?? []
    }

    private static func folders(in folder: String) -> [String] {
        names(in: folder).map { "\(folder)/\($0)" }.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: repository.appending(path: $0).path, isDirectory: &isFolder) && isFolder.boolValue
        }
    }

    init(_ path: String) throws {
        self.path = path
        text = try String(contentsOf: Self.repository.appending(path: path), encoding: .utf8)
        var blocks: [Block] = []
        var prose: [(Int, String)] = []
        var open: (info: [String], indent: Int, line: Int)?
        var lines: [String] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.drop { $0 == " " }
            guard content.hasPrefix("```") else {
                if let open {
                    lines.append(String(line.dropFirst(min(open.indent, line.count - content.count))))
                } else {
                    prose.append((index + 1, String(line)))
                }
                continue
            }
            if let fence = open {
                blocks.append(Block(info: fence.info, lines: lines, line: fence.line))
                open = nil
            } else {
                let info = content.dropFirst(3).split(separator: " ").map(String.init)
                open = (info, line.count - content.count, index + 2)
            }
            lines = []
        }
        self.blocks = blocks
        self.prose = prose
    }

    /// Links to other places, but none in code.
    var links: [Link] {
        prose.flatMap { line in
            line.text.replacing(/`[^`]*`/, with: "").matches(of: /\]\(([^)\s]+)\)/).map {
                Link(target: String($0.output.1), line: line.line)
            }
        }
    }

    /// The names by which links lead to headings, as GitHub makes them.
    var anchors: Set<String> {
        var seen: [String: Int] = [:]
        var anchors: Set<String> = []
        for line in prose.map(\.text) where line.hasPrefix("#") {
            let title = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
            let name = String(title.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }).replacing(
                " ", with: "-")
            let count = seen[name, default: 0]
            seen[name] = count + 1
            anchors.insert(count == 0 ? name : "\(name)-\(count)")
        }
        return anchors
    }
}

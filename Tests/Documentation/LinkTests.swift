import Foundation
import Testing

@Suite("The documents")
struct LinkTests {
    @Test("link to files and headings that exist", arguments: MarkdownDocument.all)
    func links(_ document: MarkdownDocument) throws {
        let folder = MarkdownDocument.repository.appending(path: document.path).deletingLastPathComponent()
        for link in document.links where !link.target.contains("://") && !link.target.hasPrefix("mailto:") {
            let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            let file =
                parts[0].isEmpty
                ? MarkdownDocument.repository.appending(path: document.path) : folder.appending(path: parts[0])
            guard FileManager.default.fileExists(atPath: file.path) else {
                Issue.record("\(document.path):\(link.line): there is no \(parts[0])")
                continue
            }
            guard parts.count > 1, file.pathExtension == "md" else { continue }
            let path = file.standardizedFileURL.path.dropFirst(MarkdownDocument.repository.path.count)
                .drop { $0 == "/" }
            let anchors = try MarkdownDocument(String(path)).anchors
            #expect(
                anchors.contains(parts[1].removingPercentEncoding ?? parts[1]),
                "\(document.path):\(link.line): \(parts[0]) has no heading #\(parts[1])")
        }
    }

    /// The guides of the English folder.
    private static let guides = MarkdownDocument.all.filter { $0.path.hasPrefix("docs/en/") }

    @Test("that are guides exist in English and Vietnamese, with the same commands and headings", arguments: guides)
    func translations(_ guide: MarkdownDocument) throws {
        let other = try MarkdownDocument(guide.path.replacing("docs/en/", with: "docs/vi/"))
        #expect(guide.commandBlocks.flatMap(\.essence) == other.commandBlocks.flatMap(\.essence))
        #expect(guide.commandBlocks.map(\.remarks) == other.commandBlocks.map(\.remarks))
        let levels = [guide, other].map {
            $0.prose.map(\.text).filter { $0.hasPrefix("#") }.map { $0.prefix { $0 == "#" }.count }
        }
        #expect(levels[0] == levels[1])
    }

    @Test("that are guides are all listed by the index of their language", arguments: ["en", "vi"])
    func index(_ language: String) throws {
        let index = try MarkdownDocument("docs/\(language)/README.md")
        let targets = Set(index.links.map(\.target))
        let guides = MarkdownDocument.all.map(\.path).filter {
            $0.hasPrefix("docs/\(language)/") && !$0.hasSuffix("README.md")
        }
        #expect(!guides.isEmpty)
        for guide in guides { #expect(targets.contains(String(guide.dropFirst("docs/en/".count))), "\(guide)") }
    }

    @Test("that record decisions are all listed by their index")
    func decisions() throws {
        let targets = Set(try MarkdownDocument("docs/decisions/README.md").links.map(\.target))
        for path in MarkdownDocument.all.map(\.path)
        where path.hasPrefix("docs/decisions/") && !path.hasSuffix("README.md") {
            #expect(targets.contains(String(path.dropFirst("docs/decisions/".count))), "\(path)")
        }
    }
}

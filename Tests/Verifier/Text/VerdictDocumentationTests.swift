import Document
import Foundation
import Testing
import Verifier

/// `docs/verdict.md` against the code: what a verdict can say stands there, in the words of the verdict.
@Suite("The documentation of the verdict")
struct VerdictDocumentationTests {
    private let text: String

    init() throws {
        text = try String(contentsOf: CheckSources.repository.appending(path: "docs/verdict.md"), encoding: .utf8)
    }

    /// The part under a check's heading.
    private func section(_ id: CheckIdentifier) throws -> Substring {
        let start = try #require(text.range(of: "\n### `\(id.rawValue)`"), "no section on \(id.rawValue)").upperBound
        let end = text.range(of: "\n##", range: start..<text.endIndex)?.lowerBound ?? text.endIndex
        return text[start..<end]
    }

    @Test(
        "every check has a section, and in it a row for each thing that it can find",
        arguments: CheckIdentifier.allCases)
    func findings(_ id: CheckIdentifier) throws {
        let section = try section(id)
        let findings = CheckSources.findings.filter { $0.id == id }
        for finding in findings {
            let check = try finding.outcome()
            let row = [
                "`\(finding.reason.rawValue)`", finding.result.rawValue,
                VerdictText.sentence(for: check, language: .english),
                VerdictText.advice(for: check, language: .english) ?? "–",
            ].joined(separator: " | ")
            #expect(section.contains("| \(row) |"), "missing: | \(row) |")
        }
        #expect(section.split(separator: "\n").count { $0.hasPrefix("| `") } == findings.count)
        #expect(section.contains("Doc 9303-") || id == .documentLost, "no section of the standard")
    }

    @Test("every reason is named", arguments: CheckReason.allCases)
    func reason(_ reason: CheckReason) { #expect(text.contains("| `\(reason.rawValue)` |")) }

    @Test("every outcome and every remark on validity is explained")
    func outcomes() {
        for name in Outcome.allCases.map(\.rawValue) + ValidityRemark.allCases.map(\.rawValue) {
            #expect(text.contains("| `\(name)` |"), "\(name)")
        }
    }

    @Test("every tolerance is listed")
    func tolerances() {
        let names = SecurityObject.Tolerance.allCases.map(\.rawValue) + SignatureTolerance.allCases.map(\.rawValue)
        for name in names { #expect(text.contains("| `\(name)` |"), "\(name)") }
    }
}

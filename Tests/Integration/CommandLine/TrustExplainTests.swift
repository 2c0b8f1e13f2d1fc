import Document
import Foundation
import Simulator
import TestSupport
import Testing
import Verifier

@Suite("cccd trust explain, and the language of cccd verify")
struct TrustExplainTests {
    private let folder: TemporaryFolder
    private let anchor: String

    init() throws {
        folder = try TemporaryFolder()
        anchor = try folder.write(TestState.shared.anchor, to: "csca.cer")
    }

    private func write(_ kind: TestState.Kind) throws -> String {
        let path = folder.path("card")
        try TestState.shared.card(kind).image.write(folder: path)
        return path
    }

    @Test("a good card's anchor is named, from a store as from a file, and in JSON")
    func good() throws {
        let card = try write(.good)
        let store = folder.path("trust.store")
        #expect(try CommandLineTool.run("trust", "import", "--store", store, anchor).status == 0)
        for trust in [["--store", store], ["--trust", anchor]] {
            let words = [try CommandLineTool.path, "trust", "explain", "--at", "2026-06-01"] + trust
            let text = try ShellCommand.run(words + [card])
            #expect(text.status == 0 && text.errors.isEmpty)
            #expect(text.output.contains("✓ trust anchor from csca.cer"))
            let vietnamese = try ShellCommand.run(words + ["--lang", "vi", card])
            #expect(vietnamese.output.contains("✓ neo tin cậy lấy từ csca.cer"))
            let json = try ShellCommand.run(words + ["--json", card])
            let explanation = try JSONDecoder().decode(TrustExplanation.self, from: Data(json.output.utf8))
            #expect(explanation.signers.map(\.chain) == [.ok] && explanation.date == "2026-06-01")
        }
    }

    @Test("the holder stands in no explanation")
    func nothingPersonal() throws {
        let image = try write(.good)
        let text = try CommandLineTool.run("trust", "explain", "--trust", anchor, image)
        let verdict = CardVerifier(trust: TrustStore()).verify(Evidence(image: try CardImage(path: image)))
        let holder = try #require(verdict.holder)
        for value in [holder.fullName, holder.personalNumber, holder.documentNumber].compactMap({ $0 }) {
            #expect(!text.output.contains(value))
        }
    }

    @Test("a stranger's card is not answered with yes, and without trust nothing is explained")
    func stranger() throws {
        let image = try write(.stranger)
        #expect(try CommandLineTool.run("trust", "explain", "--trust", anchor, image).status != 0)
        let untrusted = try CommandLineTool.run("trust", "explain", image)
        #expect(untrusted.status == 2 && untrusted.errors.contains("--store FILE or --trust PATH"))
    }

    @Test("the verdict comes in the language that is asked for, first by --lang, then by the environment")
    func language() throws {
        let image = try write(.good)
        let vietnamese = VerdictText.sentence(for: .authenticData, language: .vietnamese)
        let english = VerdictText.sentence(for: .authenticData, language: .english)
        let cases: [(environment: [String], options: [String], sentence: String)] = [
            (["LC_ALL=vi_VN.UTF-8"], [], vietnamese), (["LC_ALL=C"], [], english),
            (["LC_ALL=vi_VN.UTF-8"], ["--lang", "en"], english), (["LC_ALL=C"], ["--lang", "vi"], vietnamese),
        ]
        for (environment, options, sentence) in cases {
            let words =
                ["env"] + environment + [try CommandLineTool.path, "verify", "--trust", anchor, "--at", "2026-06-01"]
            let result = try ShellCommand.run(words + options + [image])
            #expect(result.output.hasPrefix(sentence + "\n"), "\(environment) \(options)")
        }
        let wrong = try CommandLineTool.run("verify", "--lang", "fr", image)
        #expect(wrong.status == 2 && wrong.errors.contains("--lang must be vi or en"))
    }
}

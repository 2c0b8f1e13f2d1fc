import Document
import Foundation
import Testing
import Verifier

@Suite("Verdicts in two languages")
struct VerdictTextTests {
    @Test("every check says in its source what it can find")
    func sources() {
        for id in CheckIdentifier.allCases {
            #expect(CheckSources.findings.contains { $0.id == id && $0.result == .passed }, "\(id)")
        }
        #expect(CheckSources.findings.count > 80)
        #expect(Set(CheckSources.findings.map(\.reason)) == Set(CheckReason.allCases))
    }

    @Test("no check has two results for one reason")
    func oneResult() {
        let pairs = CheckSources.findings.map { "\($0.id) \($0.reason)" }
        #expect(Set(pairs).count == pairs.count)
    }

    @Test("every finding has a sentence of its own in each language", arguments: VerdictLanguage.allCases)
    func ownSentence(_ language: VerdictLanguage) throws {
        var known: [String: CheckSources.Finding] = [:]
        for finding in CheckSources.findings {
            let sentence = VerdictText.sentence(for: try finding.outcome(), language: language)
            #expect(sentence.count > 10 && sentence.hasSuffix(".") && !sentence.hasSuffix(".."), "\(finding)")
            #expect(known.updateValue(finding, forKey: sentence) == nil, "\(finding): \(sentence)")
        }
    }

    @Test("no sentence, name or advice is the same in both languages")
    func languagesDiffer() throws {
        for finding in CheckSources.findings {
            let check = try finding.outcome()
            let sentences = VerdictLanguage.allCases.map { VerdictText.sentence(for: check, language: $0) }
            #expect(Set(sentences).count == 2, "\(finding)")
            let advice = VerdictLanguage.allCases.compactMap { VerdictText.advice(for: check, language: $0) }
            #expect(advice.isEmpty || Set(advice).count == 2, "\(finding)")
        }
        for id in CheckIdentifier.allCases {
            #expect(Set(VerdictLanguage.allCases.map { VerdictText.name(of: id, language: $0) }).count == 2)
        }
    }

    @Test("who may act is told what to do about whatever failed or was not performed, and about nothing else")
    func advice() throws {
        for finding in CheckSources.findings {
            let needsAdvice = finding.result == .failed || finding.result == .notPerformed
            #expect((Advice(try finding.outcome()) != nil) == needsAdvice, "\(finding)")
        }
    }

    @Test("no one is told to keep a card", arguments: VerdictLanguage.allCases)
    func keeping(_ language: VerdictLanguage) throws {
        for finding in CheckSources.findings {
            let advice = VerdictText.advice(for: try finding.outcome(), language: language) ?? ""
            for word in ["keep", "seize", "giữ thẻ", "giữ lại", "thu thẻ"] { #expect(!advice.contains(word)) }
        }
    }

    @Test("Vietnamese has its diacritics, and English none")
    func diacritics() throws {
        for finding in CheckSources.findings {
            let check = try finding.outcome()
            #expect(!VerdictText.line(for: check, language: .vietnamese).allSatisfy { $0.isASCII }, "\(finding)")
            let english = VerdictText.sentence(for: check, language: .english)
            #expect(english.allSatisfy { $0.isASCII }, "\(english)")
            let vietnamese = VerdictText.sentence(for: check, language: .vietnamese)
            #expect(vietnamese == vietnamese.precomposedStringWithCanonicalMapping)
            #expect(vietnamese.count { !$0.isASCII } >= 3, "\(vietnamese)")
        }
    }

    @Test("checks come failed, not performed, passed, not applicable, each group in the order of the verdict")
    func order() throws {
        let verdict = CardVerifier(trust: TrustStore()).verify(Evidence(image: InventedCard.image()))
        let ordered = VerdictText.ordered(verdict.checks)
        let ranks: [CheckResult] = [.failed, .notPerformed, .passed, .notApplicable]
        let positions = try ordered.map { check in
            let position = try #require(CheckIdentifier.allCases.firstIndex(of: check.id))
            return try #require(ranks.firstIndex(of: check.result)) * 100 + position
        }
        #expect(positions == positions.sorted() && ordered.count == verdict.checks.count)
    }

    @Test(
        "the outcome comes first, then validity, holder, and one line for each check",
        arguments: VerdictLanguage.allCases)
    func lines(_ language: VerdictLanguage) throws {
        var evidence = Evidence(image: InventedCard.image())
        evidence.lossReport = .reported
        let verdict = CardVerifier(trust: TrustStore()).verify(evidence)
        let lines = VerdictText.lines(of: verdict, language: language)
        #expect(lines.first == VerdictText.sentence(for: verdict.outcome, language: language))
        #expect(lines[1] == "! " + VerdictText.sentence(for: .reportedLost, language: language))
        #expect(lines[2].contains("Trần Thị Bưởi") && lines[2].contains("079090000001"))
        let checks = VerdictText.ordered(verdict.checks).map { "  " + VerdictText.line(for: $0, language: language) }
        #expect(Array(lines.dropFirst(3)) == checks)
        #expect(lines.allSatisfy { !$0.contains { $0.isNewline } })
    }

    @Test("nothing of the holder's stands in a line about a check", arguments: VerdictLanguage.allCases)
    func nothingPersonal(_ language: VerdictLanguage) throws {
        for isMalformed in [false, true] {
            var evidence = Evidence(image: InventedCard.image(isMalformed: isMalformed))
            evidence.qrText = try QRText(InventedCard.qrText)
            evidence.personalNumber = try PersonalNumber("001203000002")
            let verdict = CardVerifier(trust: TrustStore()).verify(evidence)
            #expect(verdict.check(.holderConsistency)?.reason == (isMalformed ? .malformedData : .contradiction))
            #expect(verdict.holder != nil)
            let text = verdict.checks.map { VerdictText.line(for: $0, language: language) }.joined(separator: "\n")
            for value in InventedCard.values {
                #expect(!text.localizedCaseInsensitiveContains(value), "\(value)")
            }
        }
    }

    @Test("contradictions are told in the reader's language")
    func contradictions() throws {
        let check = try CheckSources.Finding(id: .holderConsistency, result: .failed, reason: .contradiction)
            .outcome(detail: ["name: DG1, DG13", "personalNumber: chip, given"])
        #expect(
            VerdictText.sentence(for: check, language: .vietnamese)
                == "Thông tin về chủ thẻ ở các nơi không khớp nhau (họ và tên: DG1, DG13; số định danh cá nhân: chip, số đã nhập)."
        )
        #expect(
            VerdictText.sentence(for: check, language: .english)
                == "Two places say different things of the holder (name: DG1, DG13; personal number: chip, number typed)."
        )
    }

    @Test("of altered data groups those altered are named, in the order of their numbers")
    func alteredDataGroups() throws {
        let check = try CheckSources.Finding(id: .dataGroupsHash, result: .failed, reason: .hashMismatch)
            .outcome(detail: ["DG13": "differs", "DG2": "differs", "DG1": "matches"])
        #expect(
            VerdictText.sentence(for: check, language: .english)
                == "A data group is not what was signed: it was altered (DG2, DG13).")
    }

    @Test("days are written as the language writes them")
    func days() throws {
        let check = try CheckSources.Finding(id: .signerRevocation, result: .notPerformed, reason: .staleRevocationList)
            .outcome(detail: ["thisUpdate": "2026-01-02T00:00:00Z", "nextUpdate": "none"])
        #expect(
            VerdictText.sentence(for: check, language: .vietnamese).contains("phát hành 02/01/2026, kỳ sau không có"))
        #expect(VerdictText.sentence(for: check, language: .english).contains("issued 2026-01-02, next due none"))
    }

    @Test(
        "what a terminal would obey is not printed",
        arguments: ["\u{1B}[2J", "\n  ✓", "\u{202E}", "\u{9B}2J", "\u{2028}"])
    func controlCharacters(_ attack: String) throws {
        let check = try CheckSources.Finding(id: .signerChain, result: .notPerformed, reason: .unknownIssuer)
            .outcome(detail: "CN=A\(attack)B")
        let line = VerdictText.line(for: check, language: .english)
        #expect(!line.contains(attack) && line.contains("\u{FFFD}"))
    }

    @Test(
        "the environment asks for a language as POSIX says",
        arguments: [
            (["LANG": "vi_VN.UTF-8"], VerdictLanguage.vietnamese), (["LANG": "vi"], .vietnamese), ([:], .english),
            (["LANG": "vi_VN", "LC_ALL": "C"], .english), (["LANG": "en_US", "LC_ALL": "vi_VN"], .vietnamese),
            (["LANG": "vi_VN", "LC_ALL": ""], .vietnamese), (["LANG": "vie"], .english), (["LANG": "de_DE"], .english),
            (["LANG": "de_DE", "LC_MESSAGES": "VI_vn"], .vietnamese),
        ])
    func environment(_ environment: [String: String], _ language: VerdictLanguage) {
        #expect(VerdictLanguage(environment: environment) == language)
    }
}

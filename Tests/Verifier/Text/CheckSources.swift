import Foundation
import Verifier

/// What the source of each check says that it can find: the truth that texts and documentation are compared with.
enum CheckSources {
    struct Finding: Hashable, Sendable, CustomStringConvertible {
        let id: CheckIdentifier
        let result: CheckResult
        let reason: CheckReason

        var description: String { "\(id.rawValue) \(result.rawValue) \(reason.rawValue)" }

        /// The finding as a check's outcome, with particulars as JSON has them.
        func outcome(detail: Any? = nil) throws -> CheckOutcome {
            var object: [String: Any] = ["id": id.rawValue, "result": result.rawValue, "reason": reason.rawValue]
            object["detail"] = detail
            return try JSONDecoder().decode(CheckOutcome.self, from: JSONSerialization.data(withJSONObject: object))
        }
    }

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let findings: [Finding] = {
        let folder = repository.appending(path: "Sources/Verifier/Checks")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().flatMap { name in
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).map(findings) ?? []
        }
    }()

    /// The findings that a check's source names: `.failed(.wrongSignature`, `.passed`.
    private static func findings(_ source: String) -> [Finding] {
        guard let line = source.firstMatch(of: /static let id = CheckIdentifier\.(\w+)/),
            let id = CheckIdentifier.allCases.first(where: { "\($0)" == line.1 })
        else { return [] }
        let named = source.matches(of: /\.(passed|failed|notPerformed|notApplicable)\(\s*\.(\w+)/).compactMap { match in
            CheckResult(rawValue: String(match.1)).flatMap { result in
                CheckReason(rawValue: String(match.2)).map { Finding(id: id, result: result, reason: $0) }
            }
        }
        var passes: [CheckReason] = source.contains(/\.passed\b(?!\()/) ? [.ok] : []
        // Passed with or without tolerances, as a set of them says.
        if source.contains(/\.passed\((\w+\.)?tolerances\)/) { passes += [.ok, .okWithTolerances] }
        return Set(named + passes.map { Finding(id: id, result: .passed, reason: $0) })
            .sorted { $0.description < $1.description }
    }
}

import Crypto
import Daemon
import FoundationEssentials

extension Command {
    /// `cccd audit verify`: proves that an audit log is whole.
    static let auditVerify = Command(
        name: "audit verify",
        usage: "[--config FILE | --log FILE] [--head FILE]… [--certificate FILE]… [--json]",
        summary: "Prove that no audit record was altered, removed, inserted or reordered.",
        options: [
            ServeCommand.configOption, AuditCommands.log,
            Option(
                name: "--head", value: "FILE",
                help: "A head kept elsewhere (`cccd audit head`): shows that the end was not cut off.",
                isRepeatable: true),
            Option(
                name: "--certificate", value: "FILE",
                help: "The terminal's certificate. Default: any, and its fingerprint is told.", isRepeatable: true),
            Option(name: "--json", value: nil, help: "Print JSON."),
        ],
        notes: "Exit status: 0 when the log is whole, 1 when it is not.",
        run: AuditCommands.verify)

    /// `cccd audit export`: prints records as JSON lines.
    static let auditExport = Command(
        name: "audit export",
        usage: "[--config FILE | --log FILE] [--from N] [--personal-number DIGITS [--key FILE]]",
        summary: "Print the audit records as JSON lines.",
        options: [
            ServeCommand.configOption, AuditCommands.log,
            Option(name: "--from", value: "N", help: "The number of the first record. Default: the oldest there is."),
            Option(name: "--personal-number", value: "DIGITS", help: "Only the records about this person."),
            Option(name: "--key", value: "FILE", help: "The log's key. Default: audit.key of the configuration."),
        ],
        notes: """
            Each line holds as `previous` the SHA-256 hash of the line before it, without its line end. A head that the
            terminal signed (`cccd audit head`) says how the last line's hash has to be.
            """,
        run: AuditCommands.export)

    /// `cccd audit head`: prints the newest signed head.
    static let auditHead = Command(
        name: "audit head",
        usage: "[--config FILE | --log FILE]",
        summary: "Print the terminal's signed statement of how its audit log ends.",
        options: [ServeCommand.configOption, AuditCommands.log],
        notes: "Keep it where this machine cannot reach it: with it `cccd audit verify --head` finds an end cut off.",
        run: AuditCommands.head)
}

enum AuditCommands {
    static let log = Option(
        name: "--log", value: "FILE", help: "The audit log. Default: audit.sqlite in state.folder of the configuration."
    )

    private struct Report: Encodable {
        var isWhole: Bool
        var records: Int
        var first: Int?
        var last: Int?
        var heads: Int
        var certificates: [String]
        var findings: [String]
    }

    static func verify(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let heads = try arguments.all("--head").map { path in
            String(decoding: try file(path), as: UTF8.self).filter { !$0.isWhitespace }
        }
        let certificates = try arguments.all("--certificate").flatMap { try Certificate.all(in: file($0)).map(\.der) }
        let result = try AuditVerification(reader(arguments), heads: heads, certificates: certificates)
        if arguments.has("--json") {
            try Console.printJSON(
                Report(
                    isWhole: result.findings.isEmpty, records: result.recordCount, first: result.numbers?.lowerBound,
                    last: result.numbers?.upperBound, heads: result.agreeingHeads,
                    certificates: result.fingerprints, findings: result.findings.map(\.description)))
        } else {
            for finding in result.findings { print("NOT WHOLE: \(finding)") }
            let numbers = result.numbers.map { " (\($0.lowerBound) to \($0.upperBound))" } ?? ""
            print(
                "\(result.findings.isEmpty ? "Whole" : "Not whole"): \(result.recordCount) records\(numbers), "
                    + "\(result.agreeingHeads) signed heads agree.")
            for fingerprint in result.fingerprints { print("Signed by \(fingerprint) (SHA-256)") }
        }
        return result.findings.isEmpty ? .yes : .no
    }

    static func export(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let from = try arguments.number("--from", in: 1...Int.max) ?? 1
        let subject = try arguments.value("--personal-number").map { number in
            let key = try arguments.value("--key") ?? ServeCommand.configuration(arguments).state.auditKey
            return try AuditReader.subject(number, keyPath: key)
        }
        try reader(arguments).records(from: from) { _, record in
            if subject.map({ AuditReader.isAbout($0, record: record) }) ?? true { print(record) }
            return true
        }
        return .yes
    }

    static func head(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        guard let head = try reader(arguments).head() else {
            Console.complain("the audit log has no record yet")
            return .unanswered
        }
        print(head)
        return .yes
    }

    private static func reader(_ arguments: Arguments) throws -> AuditReader {
        if let path = arguments.value("--log") { return try AuditReader(path: path) }
        return try AuditReader(path: try ServeCommand.configuration(arguments).state.auditLog)
    }

    private static func file(_ path: String) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw UsageError(description: "\(path) cannot be read")
        }
    }
}

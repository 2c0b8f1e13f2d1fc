import FoundationEssentials
import Verifier

extension Command {
    /// `cccd trust list`: what a trust store holds.
    static let trustList = Command(
        name: "trust list",
        usage: "[--json] PATH…",
        summary: "List the CSCA certificates in files and folders.",
        options: [Option(name: "--json", value: nil, help: "Print one JSON array.")],
        run: TrustListCommand.run)
}

enum TrustListCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard !arguments.positional.isEmpty else { throw UsageError(description: "expected PATH") }
        let (trust, refusals) = try TrustStore.load(arguments.positional)
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }
        let rows = trust.anchors.map(Row.init)
        if arguments.has("--json") {
            try Console.printJSON(rows)
        } else {
            for row in rows { print("\(row.notBefore)  \(row.notAfter)  \(row.key)  \(row.subject)") }
            Console.note("\(rows.count) trusted, \(refusals.count) refused")
        }
        return refusals.isEmpty ? .yes : .no
    }

    private struct Row: Encodable {
        let subject: String
        let issuer: String
        let serialNumber: String
        let notBefore: String
        let notAfter: String
        let key: String

        init(_ anchor: TrustAnchor) {
            let certificate = anchor.certificate
            subject = certificate.subject.text
            issuer = certificate.issuer.text
            serialNumber = certificate.serialNumber
            notBefore = String(certificate.notBefore.formatted(.iso8601).prefix(10))
            notAfter = String(certificate.notAfter.formatted(.iso8601).prefix(10))
            key = anchor.keyName
        }
    }
}

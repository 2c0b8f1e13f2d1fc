import Crypto
import Daemon
import FoundationEssentials

extension Command {
    /// `cccd receipt verify`: checks a receipt, offline.
    static let receiptVerify = Command(
        name: "receipt verify",
        usage: "--certificate FILE… [--nonce TEXT] [--audience TEXT] [--json] FILE",
        summary: "Check a terminal's receipt of a check-in, offline.",
        options: [
            Option(
                name: "--certificate", value: "FILE",
                help: "The terminal's certificate, or that of the authority which issues to terminals.",
                isRepeatable: true),
            Option(name: "--nonce", value: "TEXT", help: "The nonce that the receipt must have."),
            Option(name: "--audience", value: "TEXT", help: "For whom the receipt must be."),
            Option(name: "--json", value: nil, help: "Print what the receipt states as JSON."),
        ],
        notes: """
            FILE is the receipt's text, - for standard input. Exit status: 0 when a trusted terminal states it, 1 when not,
            2 when the files cannot be read. What it states about the card is for you to judge: see outcome and validity.
            """,
        run: ReceiptCommand.verify)
}

enum ReceiptCommand {
    private struct Report: Encodable {
        var isTrusted: Bool
        var fingerprint: String
        var problems: [String]
        var receipt: Receipt
    }

    static func verify(_ arguments: Arguments) throws -> ExitStatus {
        let path = try arguments.positional("FILE")[0]
        let certificates = try arguments.all("--certificate").flatMap { try Certificate.all(in: file($0)).map(\.der) }
        guard !certificates.isEmpty else {
            throw UsageError(
                description: "name the terminal's certificate with --certificate: who signs is what counts")
        }
        let text = String(decoding: try file(path), as: UTF8.self).filter { !$0.isWhitespace }
        let result: VerifiedReceipt
        do {
            result = try VerifiedReceipt(text, trusting: certificates)
        } catch {
            Console.complain("\(error)")
            return .no
        }
        var problems: [String] = []
        if !result.isTrusted {
            problems.append("it is signed by a terminal that is not trusted: \(result.fingerprint)")
        }
        if let nonce = arguments.value("--nonce"), result.receipt.nonce != nonce {
            problems.append("its nonce is another")
        }
        if let audience = arguments.value("--audience"), result.receipt.aud != audience {
            problems.append("it was made for somebody else")
        }
        if arguments.has("--json") {
            try Console.printJSON(
                Report(
                    isTrusted: result.isTrusted, fingerprint: result.fingerprint, problems: problems,
                    receipt: result.receipt))
        } else {
            show(result, problems)
        }
        return problems.isEmpty ? .yes : .no
    }

    private static func show(_ result: VerifiedReceipt, _ problems: [String]) {
        let receipt = result.receipt
        for problem in problems { print("DO NOT TRUST: \(problem)") }
        let moment = Date(timeIntervalSince1970: Double(receipt.iat)).formatted(.iso8601)
        print("\(receipt.iss) states, at \(moment)\(receipt.facility.map { ", facility \($0)" } ?? ""):")
        print("  card: \(([receipt.card.outcome] + receipt.card.validity).joined(separator: ", "))")
        for (name, value) in receipt.attributes.sorted(by: { $0.key < $1.key }) { print("  \(name): \(value)") }
        if let nonce = receipt.nonce { print("  nonce: \(nonce)") }
    }

    private static func file(_ path: String) throws -> [UInt8] {
        do {
            let source = path == "-" ? "/dev/stdin" : path
            return [UInt8](try Data(contentsOf: URL(filePath: source)))
        } catch {
            throw UsageError(description: "\(path) cannot be read")
        }
    }
}

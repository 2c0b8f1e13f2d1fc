import Document
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd verify`: judges a stored card image.
    static let verify = Command(
        name: "verify",
        usage: "[--json] [--lang vi|en] [--trust PATH]… [--at YYYY-MM-DD] [--qr TEXT] IMAGE",
        summary: "Judge a stored card image.",
        options: [
            Option(name: "--json", value: nil, help: "Print the verdict as one JSON object."),
            LanguageOption.option,
            Option(
                name: "--trust", value: "PATH", help: "CSCA certificates: a file or a folder. May be repeated.",
                isRepeatable: true),
            Option(name: "--at", value: "YYYY-MM-DD", help: "Judge validity as of this day instead of now."),
            Option(name: "--qr", value: "TEXT", help: "Compare with the text of the card's QR code."),
        ],
        notes: """
            IMAGE is a folder with EF_SOD.bin, EF_DG1.bin and so on; or one file: a JSON object of base64 values, or
            elementary files one after the other, such as a lone EF.SOD.

            Exit status: 0 when the data is proven (genuine or authenticData), 1 when a check failed (invalid),
            2 when something needed is missing (unverified).
            """,
        run: VerifyCommand.run)
}

enum VerifyCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let path = try arguments.positional("IMAGE")[0]
        let language = try LanguageOption.language(arguments)
        let date = try date(arguments.value("--at"))
        let qrText = try arguments.value("--qr").map { try QRText($0) }
        let (trust, refusals) = try TrustStore.load(arguments.all("--trust"))
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }
        let evidence = Evidence(image: try CardImage(path: path), date: date, qrText: qrText)
        let verdict = CardVerifier(trust: trust).verify(evidence)
        if arguments.has("--json") {
            try Console.printJSON(verdict)
        } else {
            print(VerdictText.lines(of: verdict, language: language).joined(separator: "\n"))
        }
        return ExitStatus(verdict.outcome)
    }

    /// Noon of the day in UTC, which is the same day everywhere in Vietnam.
    static func date(_ text: String?) throws -> Date {
        guard let text else { return Date() }
        guard let day = CalendarDate(iso: text), let date = try? Date("\(day)T12:00:00Z", strategy: .iso8601) else {
            throw UsageError(description: "--at must be a day as YYYY-MM-DD")
        }
        return date
    }
}

extension ExitStatus {
    init(_ outcome: Outcome) {
        switch outcome {
        case .genuine, .authenticData: self = .yes
        case .invalid: self = .no
        case .unverified: self = .unanswered
        }
    }
}

import Document
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd trust explain`: how a document's signer and the trust anchor above him were chosen.
    static let trustExplain = Command(
        name: "trust explain",
        usage: "[--json] [--lang vi|en] (--store FILE | --trust PATH…) [--at YYYY-MM-DD] IMAGE",
        summary: "Explain which certificates and trust anchors fit a document's signer, and why one was chosen.",
        options: [
            Option(name: "--store", value: "FILE", help: "The trust store."),
            Option(
                name: "--trust", value: "PATH", help: "CSCA certificates: a file or a folder. May be repeated.",
                isRepeatable: true),
            Option(name: "--at", value: "YYYY-MM-DD", help: "Explain as of this day instead of now."),
            Option(name: "--json", value: nil, help: "Print one JSON object."),
            LanguageOption.option,
        ],
        notes: """
            IMAGE is a card image as `cccd verify` takes it; a lone EF.SOD suffices.

            Exit status: 0 when a trusted CSCA issued the signer's certificate, 1 when its issuer is refused,
            2 when none is known.
            """,
        run: TrustExplainCommand.run)
}

enum TrustExplainCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let path = try arguments.positional("IMAGE")[0]
        let date = try VerifyCommand.date(arguments.value("--at"))
        let language = try LanguageOption.language(arguments)
        let trust = try trust(arguments)
        let explanation = CardVerifier(trust: trust).explainTrust(
            Evidence(image: try CardImage(path: path), date: date))
        if arguments.has("--json") {
            try Console.printJSON(explanation)
        } else {
            print(TrustExplanationText.lines(of: explanation, language: language).joined(separator: "\n"))
        }
        switch explanation.signers.first(where: \.isPrincipal)?.chain {
        case .ok, .okWithTolerances: return .yes
        case .notIssuedByTrustedKey, .selfSignedSigner: return .no
        default: return .unanswered
        }
    }

    private static func trust(_ arguments: Arguments) throws -> TrustStore {
        let paths = arguments.all("--trust")
        if let file = arguments.value("--store") {
            guard paths.isEmpty else { throw UsageError(description: "--store and --trust exclude each other") }
            return try TrustStore(file: file)
        }
        guard !paths.isEmpty else { throw UsageError(description: "expected --store FILE or --trust PATH") }
        let (store, refusals) = try TrustStore.load(paths)
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }
        return store
    }
}

// Judges a stored card image, and tells the answer in Vietnamese:
//
//     verify-card-image csca.cer card/
//
// Exit status: 0 when the data is proven, 1 when a check failed, 2 when something needed was missing.

import Document
import Glibc
import Verifier

/// The answer, as an exit status.
func judge(_ image: String, trusting path: String) throws -> Int32 {
    // Whom to trust is the caller's decision, and what could not be taken in is told, never passed over.
    let (trust, refusals) = try TrustStore.load([path])
    for refusal in refusals { print("not trusted: \(refusal.path): \(refusal.reason)") }

    let verdict = CardVerifier(trust: trust).verify(Evidence(image: try CardImage(path: image)))

    print(VerdictText.sentence(for: verdict.outcome, language: .vietnamese))
    for check in VerdictText.ordered(verdict.checks) where check.result == .failed || check.result == .notPerformed {
        print("  " + VerdictText.line(for: check, language: .vietnamese))
    }
    // Data that is not proven is what somebody wrote into a file: never show it as if it were the State's.
    if let holder = verdict.holder, holder.isProven { print(holder.fullName ?? "") }

    switch verdict.outcome {
    case .genuine, .authenticData: return 0
    case .invalid: return 1
    case .unverified: return 2
    }
}

guard CommandLine.arguments.count == 3 else {
    print("usage: verify-card-image CSCA IMAGE")
    exit(2)
}
do {
    exit(try judge(CommandLine.arguments[2], trusting: CommandLine.arguments[1]))
} catch {
    print(error)
    exit(2)
}

// Judges all cards of an archive, a folder or JSON lines on all processors, and counts:
//
//     verify-archive csca.cer cards.archive results.jsonl
//
// Exit status: 0 when the data of every record is proven, 1 when not, 2 when it could not be run to its end.

import Glibc
import Verifier

/// Runs the batch; true when every record is proven.
func run(_ input: String, into results: String, trusting path: String) throws -> Bool {
    let (trust, _) = try TrustStore.load([path])
    var options = BatchOptions()
    // One line of results for each record that is not proven, none for the others.
    options.onlyFailures = true

    let batch = BatchRun(verifier: CardVerifier(trust: trust), options: options)
    // With `.resumable` a run that was killed goes on where it stopped.
    let report = try batch.run([input], results: .file(results)) { _ in }

    let summary = report.summary
    let proven = (summary.outcomes["genuine"] ?? 0) + (summary.outcomes["authenticData"] ?? 0)
    print("\(summary.records) records, \(proven) proven, \(summary.unreadable) unreadable")
    for (check, count) in summary.failedChecks.sorted(by: { $0.key < $1.key }) { print("  \(check) failed: \(count)") }
    return proven == summary.records
}

guard CommandLine.arguments.count == 4 else {
    print("usage: verify-archive CSCA ARCHIVE RESULTS")
    exit(2)
}
do {
    let (trust, archive, results) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])
    exit(try run(archive, into: results, trusting: trust) ? 0 : 1)
} catch {
    print(error)
    exit(2)
}

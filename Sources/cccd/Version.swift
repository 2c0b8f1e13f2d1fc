import Crypto

/// What this build is.
enum Version {
    static let number = "0.1.0"

    /// What `--version` prints: the version, and what a report of a fault has to say besides.
    static var description: String {
        let facts = facts
        let commit = facts["commit"].map { [$0, facts["time"]].compactMap(\.self).joined(separator: " of ") }
        return """
            cccd \(number)
            commit       \(commit ?? "unknown: not built from a release's source")
            Swift        \(facts["swift"] ?? swift)
            OpenSSL      \(CryptoLibraries.openSSLRunning), built with \(CryptoLibraries.openSSLAtBuild)
            libIPSec_MB  \(CryptoLibraries.hashesSideBySide ? "found" : "not found: batches are hashed one message at a time")
            """
    }

    /// What stands in Build/facts.txt. `git archive` fills in commit and time, Packaging/build.sh the compiler's version; in a
    /// working copy it says nothing.
    private static var facts: [String: String] {
        let lines = String(decoding: PackageResources.facts_txt, as: UTF8.self).split(separator: "\n")
        return lines.reduce(into: [:]) { facts, line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.count == 2, !parts[1].hasPrefix("$") { facts[parts[0]] = parts[1] }
        }
    }

    /// The version of Swift as far as it is known without being told.
    private static var swift: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #else
            "6.3"
        #endif
    }
}

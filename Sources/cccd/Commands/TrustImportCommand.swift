import Verifier

extension Command {
    /// `cccd trust import`: takes what the field publishes into a trust store.
    static let trustImport = Command(
        name: "trust import",
        usage: "--store FILE [--all] [--json] INPUT…",
        summary: "Take certificates, master lists, LDIF and revocation lists into a trust store.",
        options: [
            Option(name: "--store", value: "FILE", help: "The trust store; made when it is not there."),
            Option(name: "--all", value: nil, help: "Tell of every entry, not only of those refused."),
            Option(name: "--json", value: nil, help: "Print one JSON object with every entry."),
        ],
        notes: """
            INPUT is a file or a folder: certificates in DER or PEM, PKCS#7 bundles, ICAO master lists (.ml), LDIF of the
            ICAO PKD, revocation lists, other trust stores. What you import you trust: a CSCA certificate becomes an
            anchor. Document signers and revocation lists count only where an anchor vouches for them.

            The store is replaced as a whole at the end: stopped half-way, the old one stays.

            Exit status: 0 when everything was taken in or was there, 1 when something was refused, 2 when nothing was done.
            """,
        run: TrustImportCommand.run)
}

enum TrustImportCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        guard let path = arguments.value("--store") else { throw UsageError(description: "--store is missing") }
        guard !arguments.positional.isEmpty else { throw UsageError(description: "expected INPUT") }
        let intake = try TrustStore.update(file: path) { store in
            var intake = TrustImport(into: store)
            for input in arguments.positional { try intake.take(path: input) }
            intake.finish()
            store = intake.store
            return intake
        }
        if arguments.has("--json") {
            try Console.printJSON(Report(intake))
        } else {
            report(intake, all: arguments.has("--all"))
        }
        return intake.items.contains { $0.isRefused } ? .no : .yes
    }

    private static func report(_ intake: TrustImport, all: Bool) {
        for item in intake.items where all || item.isRefused || item.kind == "master list" {
            print("\(item.resultText)  \(item.kind)  \(item.name)  [\(item.source)]")
        }
        for kind in Set(intake.items.map(\.kind)).sorted() {
            let items = intake.items.filter { $0.kind == kind }
            let counts = [
                "\(items.count { $0.result == .added }) added",
                "\(items.count { $0.result == .alreadyThere }) already there",
                "\(items.count(where: \.isRefused)) refused",
            ]
            print("\(kind): \(items.count) found: \(counts.joined(separator: ", "))")
        }
        let report = Report(intake)
        guard !report.byCountry.isEmpty else { return }
        print("by country: " + table(report.byCountry))
        print("by key: " + table(report.byKey))
    }

    private static func table(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }

    private struct Report: Encodable {
        let found: Int
        let added: Int
        let alreadyThere: Int
        let refused: Int
        /// CSCA certificates that are in the store now, by country and by kind of key.
        let byCountry: [String: Int]
        let byKey: [String: Int]
        let entries: [Entry]

        init(_ intake: TrustImport) {
            let certificates = intake.items.filter { $0.kind == "CSCA" && !$0.isRefused }
            found = intake.items.count
            added = intake.items.count { $0.result == .added }
            alreadyThere = intake.items.count { $0.result == .alreadyThere }
            refused = intake.items.count(where: \.isRefused)
            byCountry = Dictionary(grouping: certificates) { $0.country ?? "none" }.mapValues(\.count)
            byKey = Dictionary(grouping: certificates) { $0.key ?? "unknown" }.mapValues(\.count)
            entries = intake.items.map(Entry.init)
        }
    }

    private struct Entry: Encodable {
        let source: String
        let kind: String
        let name: String
        let country: String?
        let key: String?
        let result: String
        let reason: String?

        init(_ item: TrustImport.Item) {
            (source, kind, name, country, key) = (item.source, item.kind, item.name, item.country, item.key)
            switch item.result {
            case .added: (result, reason) = ("added", nil)
            case .alreadyThere: (result, reason) = ("alreadyThere", nil)
            case .refused(let why): (result, reason) = ("refused", why)
            }
        }
    }
}

extension TrustImport.Item {
    var isRefused: Bool {
        if case .refused = result { true } else { false }
    }

    var resultText: String {
        switch result {
        case .added: "added"
        case .alreadyThere: "already there"
        case .refused(let reason): "refused: \(reason)"
        }
    }
}

import Crypto
import Document
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd trust list`: what a trust store holds.
    static let trustList = Command(
        name: "trust list",
        usage: "[--json] (--store FILE | PATH…)",
        summary: "List what a trust store, or files and folders of certificates, hold.",
        options: [storeOption, jsonOption],
        run: TrustStoreCommands.list)

    /// `cccd trust show`: one entry, whole.
    static let trustShow = Command(
        name: "trust show",
        usage: "--store FILE [--json] ENTRY",
        summary: "Show an entry of a trust store.",
        options: [storeOption, jsonOption],
        notes: TrustStoreCommands.entryNotes,
        run: TrustStoreCommands.show)

    /// `cccd trust remove`: takes entries out.
    static let trustRemove = Command(
        name: "trust remove",
        usage: "--store FILE ENTRY",
        summary: "Remove an entry from a trust store.",
        options: [storeOption],
        notes: TrustStoreCommands.entryNotes,
        run: TrustStoreCommands.remove)

    private static let storeOption = Option(name: "--store", value: "FILE", help: "The trust store.")
    private static let jsonOption = Option(name: "--json", value: nil, help: "Print JSON.")
}

enum TrustStoreCommands {
    static let entryNotes =
        "ENTRY is the beginning of the entry's SHA-256 fingerprint, eight digits or more; `cccd trust list` shows it."

    static func list(_ arguments: Arguments) throws -> ExitStatus {
        var store: TrustStore
        var refusals: [TrustStore.Refusal] = []
        if let file = arguments.value("--store") {
            _ = try arguments.positional()
            store = try TrustStore(file: file)
        } else {
            guard !arguments.positional.isEmpty else { throw UsageError(description: "expected --store FILE or PATH") }
            (store, refusals) = try TrustStore.load(arguments.positional)
        }
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }
        let rows = store.entries.map(Row.init)
        if arguments.has("--json") {
            try Console.printJSON(rows)
        } else {
            for row in rows {
                print(
                    "\(row.fingerprint.prefix(12))  \(row.kind)  \(row.notBefore ?? row.thisUpdate ?? "")  "
                        + "\(row.notAfter ?? row.nextUpdate ?? "")  \(row.key ?? "")  \(row.name)")
            }
            Console.note("\(rows.count) entries, \(refusals.count) refused")
        }
        return refusals.isEmpty ? .yes : .no
    }

    static func show(_ arguments: Arguments) throws -> ExitStatus {
        let (file, wanted) = try storeAndEntry(arguments)
        let rows = try selected(of: try TrustStore(file: file), wanted)
        if arguments.has("--json") {
            try Console.printJSON(rows)
        } else {
            print(rows.map(\.text).joined(separator: "\n\n"))
        }
        return .yes
    }

    static func remove(_ arguments: Arguments) throws -> ExitStatus {
        let (file, wanted) = try storeAndEntry(arguments)
        guard FileManager.default.fileExists(atPath: file) else { throw TrustStoreError.unreadable(path: file) }
        let rows = try TrustStore.update(file: file) { store in
            let rows = try selected(of: store, wanted)
            store.remove(wanted.matches)
            return rows
        }
        for row in rows { print("removed \(row.kind) \(row.name)") }
        return .yes
    }

    /// The entries whose fingerprint begins as the administrator wrote.
    private struct Wanted {
        let digits: String

        func matches(_ entry: TrustEntry) -> Bool { Hexadecimal.text(entry.fingerprint).hasPrefix(digits) }
    }

    private static func storeAndEntry(_ arguments: Arguments) throws -> (file: String, Wanted) {
        let entry = try arguments.positional("ENTRY")[0].uppercased()
        guard let file = arguments.value("--store") else { throw UsageError(description: "--store is missing") }
        guard entry.count >= 8 else { throw UsageError(description: "ENTRY must have eight digits or more") }
        return (file, Wanted(digits: entry))
    }

    private static func selected(of store: TrustStore, _ wanted: Wanted) throws -> [Row] {
        let rows = store.entries.filter(wanted.matches).map(Row.init)
        guard !rows.isEmpty else {
            throw UsageError(description: "no entry's fingerprint begins with \(wanted.digits)")
        }
        return rows
    }

    /// An entry as it is shown.
    private struct Row: Encodable {
        let kind: String
        let fingerprint: String
        let source: String
        var name = ""
        var issuer: String?
        var serialNumber: String?
        var notBefore: String?
        var notAfter: String?
        var key: String?
        var hasExplicitParameters: Bool?
        var subjectKeyIdentifier: String?
        var thisUpdate: String?
        var nextUpdate: String?
        var revokedCount: Int?

        init(_ entry: TrustEntry) {
            fingerprint = Hexadecimal.text(entry.fingerprint)
            source = entry.source
            kind =
                switch entry.kind {
                case .anchor: "CSCA"
                case .documentSigner: "document signer"
                case .revocationList: "revocation list"
                }
            if entry.kind == .revocationList {
                guard let list = try? RevocationList(der: Array(entry.der)) else { return }
                name = list.issuer.text
                thisUpdate = Self.day(list.thisUpdate)
                nextUpdate = list.nextUpdate.map(Self.day)
                revokedCount = list.entryCount
            } else if let certificate = try? Certificate(der: Array(entry.der)) {
                name = certificate.subject.text
                issuer = certificate.issuer.text
                serialNumber = certificate.serialNumber
                notBefore = Self.day(certificate.notBefore)
                notAfter = Self.day(certificate.notAfter)
                subjectKeyIdentifier = certificate.subjectKeyIdentifier.map { Hexadecimal.text($0) }
                let publicKey = try? certificate.publicKey()
                key = publicKey?.kind.name
                hasExplicitParameters = publicKey?.hasExplicitParameters
            }
        }

        var text: String {
            let lines: [(String, String?)] = [
                ("kind", kind), ("name", name), ("issuer", issuer), ("serial number", serialNumber),
                ("valid", notBefore.map { "\($0) to \(notAfter ?? "")" }), ("key", key),
                ("curve parameters", hasExplicitParameters == true ? "spelt out, equal to the named curve" : nil),
                ("key identifier", subjectKeyIdentifier), ("issued", thisUpdate), ("next due", nextUpdate),
                ("revokes", revokedCount.map(String.init)), ("from", source), ("SHA-256", fingerprint),
            ]
            return lines.compactMap { label, value in
                value.map { label + String(repeating: " ", count: 18 - label.count) + $0 }
            }.joined(separator: "\n")
        }

        private static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
    }
}

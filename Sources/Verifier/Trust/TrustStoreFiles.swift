import FoundationEssentials

extension TrustStore {
    /// A file, or an entry of one, that was found and could not be taken in.
    public struct Refusal: Equatable, Sendable {
        /// Path of the file.
        public let path: String
        /// Why, in one sentence.
        public let reason: String
    }

    private static let extensions: Set<String> = [
        "cer", "crt", "der", "pem", "csca", "ml", "crl", "ldif", "p7b", "trust",
    ]

    /// What files and folders hold: certificates, bundles, master lists, LDIF, revocation lists, trust stores. Of a folder,
    /// the files whose names end as such files do are read, in the order of their names.
    ///
    /// - Returns: The store, and everything that could not be taken in with the reason.
    /// - Throws: `TrustStoreError.unreadable` when a path is not there, `.damaged` for a trust store that is damaged.
    public static func load(_ paths: [String]) throws(TrustStoreError) -> (TrustStore, [Refusal]) {
        var intake = TrustImport(into: TrustStore())
        for path in paths {
            for file in try files(at: path) { try intake.take(file: file) }
        }
        intake.finish()
        let refusals = intake.items.compactMap { item -> Refusal? in
            guard case .refused(let reason) = item.result else { return nil }
            return Refusal(path: item.source, reason: reason)
        }
        return (intake.store, refusals)
    }

    /// The file at `path`, or the files of a folder that may hold something to trust.
    static func files(at path: String) throws(TrustStoreError) -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable(path: path)
        }
        guard isFolder else { return [path] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .unreadable(path: path)
        }
        return names.sorted().filter { name in
            guard let dot = name.lastIndex(of: ".") else { return false }
            return extensions.contains(name[name.index(after: dot)...].lowercased())
        }.map { path + "/" + $0 }
    }
}

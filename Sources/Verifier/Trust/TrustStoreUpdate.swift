import FoundationEssentials

extension TrustStore {
    /// Changes the store in the file at `path`: opens it, or starts an empty one where there is none, and writes what
    /// `change` made of it. Others that change the same store wait, so that no change is lost; whoever reads it meanwhile,
    /// or after a crash, sees the old store or the new.
    ///
    /// - Returns: What `change` returned.
    /// - Throws: `TrustStoreError` when the store cannot be opened or written, and what `change` throws: then the store
    ///   stays as it was.
    public static func update<Result>(
        file path: String, _ change: (inout TrustStore) throws -> Result
    ) throws -> Result {
        let lock: FolderLock
        do throws(SystemCallFailure) {
            lock = try FolderLock(folderOf: path)
        } catch {
            throw TrustStoreError.unwritable(path: path, reason: "\(error)")
        }
        removeLeftovers(of: path)
        var store = FileManager.default.fileExists(atPath: path) ? try TrustStore(file: path) : TrustStore()
        let result = try change(&store)
        try store.write(file: path)
        _ = consume lock
        return result
    }

    /// What processes that were killed while they wrote have left beside the store.
    private static func removeLeftovers(of path: String) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "./"
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where entry.hasPrefix(name + ".") && entry.hasSuffix(".new") {
            let number = entry.dropFirst(name.count + 1).dropLast(".new".count)
            if Int(number) != nil { try? FileManager.default.removeItem(atPath: folder + entry) }
        }
    }
}

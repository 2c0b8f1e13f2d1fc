import Crypto
import FoundationEssentials

extension TrustStore {
    /// The largest certificate file that is read, in bytes.
    private static let maximumByteCount = 16 << 20
    private static let extensions: Set<String> = ["cer", "crt", "der", "pem", "csca"]

    /// The anchors in files and folders. A file holds one certificate in DER or any number in PEM; of a folder, the files
    /// whose names end in `.cer`, `.crt`, `.der`, `.pem` or `.csca` are read, in the order of their names.
    ///
    /// - Returns: The store, and every file that could not be taken in with the reason.
    /// - Throws: `TrustStoreError.unreadable` when a path is not there.
    public static func load(_ paths: [String]) throws(TrustStoreError) -> (TrustStore, [Refusal]) {
        var store = TrustStore()
        var refusals: [Refusal] = []
        for path in paths {
            for file in try files(at: path) {
                do {
                    try store.add(contentsOf: file)
                } catch let error as BoundedFile.Failure {
                    let reason = error == .tooLarge ? "it is too large" : "it cannot be read"
                    refusals.append(Refusal(path: file, reason: reason))
                } catch {
                    refusals.append(Refusal(path: file, reason: "\(error)"))
                }
            }
        }
        return (store, refusals)
    }

    private mutating func add(contentsOf file: String) throws {
        let bytes = try BoundedFile.bytes(file, maximum: Self.maximumByteCount)
        for certificate in try Certificate.all(in: bytes) { try add(certificate) }
    }

    private static func files(at path: String) throws(TrustStoreError) -> [String] {
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

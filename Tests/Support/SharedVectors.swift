import Foundation

/// Files made by others, which stand beside the repository where somebody put them there. Tests that need them are
/// enabled only then.
public enum SharedVectors {
    /// The folder of the vectors.
    public static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/vectors")

    /// Whether the folder is there.
    public static var arePresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

    /// The bytes of a file in the folder.
    public static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: path)))
    }

    /// The names of the files in `folder` that end in `suffix`, sorted.
    public static func names(in folder: String, suffix: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: self.folder.appending(path: folder).path)
        return (names ?? []).filter { $0.hasSuffix(suffix) }.sorted()
    }

    /// A file in JSON.
    public static func json<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: path)))
    }
}

import Foundation

/// The folder of vectors made by others that may lie beside the repository.
enum SharedVectors {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/vectors")

    static let exist = FileManager.default.fileExists(atPath: folder.path)
}

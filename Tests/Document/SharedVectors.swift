import Foundation

/// Files made by others, which stand beside the repository where somebody put them there.
enum SharedVectors {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/vectors")

    static var arePresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: path))) }

    /// A file of BSI's specimen card of 2008.
    static func specimen(_ name: String) throws -> [UInt8] { try bytes("specimen/bsi2008/\(name).bin") }

    /// The hexadecimal values of BSI's worked example, by name.
    static func bsiWorkedExample() throws -> [String: String] {
        struct Example: Decodable { let values: [String: String] }
        let json = try Data(contentsOf: folder.appending(path: "bsi-tr03110/bsi_tr03110_eac_worked_examples.json"))
        return try JSONDecoder().decode(Example.self, from: json).values
    }
}

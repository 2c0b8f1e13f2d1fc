import FoundationEssentials

/// How far a run came, kept in a file so that another can go on from there after it was killed.
///
/// The file is replaced as a whole, and only after the results that it counts were written; what was written beyond them
/// is cut off when the run is resumed. So no record is lost and none is judged twice.
struct BatchState: Codable {
    /// What must be the same for a run to be resumed.
    struct Setting: Codable, Equatable {
        var inputs: [String]
        var inputFormat: String
        var resultFormat: String
        var onlyFailures: Bool
        /// The moment at which validity is judged, in seconds since 1970: results of one run are of one moment.
        var date: Double
    }

    var setting: Setting
    var position: InputPosition
    /// Bytes of results that count.
    var outputByteCount: Int
    var summary: BatchSummary
    var isFinished: Bool

    /// The state in a file; nil when there is none.
    static func load(_ path: String) throws(BatchError) -> BatchState? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let bytes = try BoundedFile.bytes(path, maximum: 16 << 20)
            return try JSONDecoder().decode(BatchState.self, from: Data(bytes))
        } catch {
            throw .foreignState(path: path, reason: "the file is no state of a batch")
        }
    }

    func save(_ path: String) throws(BatchError) {
        do {
            try DurableFile.replace(path, with: Array(JSONEncoder().encode(self)))
        } catch {
            throw .unwritable(path: path, reason: "\(error)")
        }
    }
}

import FoundationEssentials

/// Files read whole, never larger than expected.
enum BoundedFile {
    enum Failure: Error {
        case unreadable
        case tooLarge
    }

    /// The bytes of the file at `path`, of which there may be `maximum`.
    static func bytes(_ path: String, maximum: Int) throws(Failure) -> [UInt8] {
        // The size comes as one integer type or another, depending on which Foundation is loaded.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let size = attributes[.size].flatMap({ UInt64("\($0)") })
        else { throw .unreadable }
        guard size <= UInt64(maximum) else { throw .tooLarge }
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable }
        return Array(data)
    }
}

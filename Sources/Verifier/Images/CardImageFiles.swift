import Document
import FoundationEssentials

/// Why a card image could not be read from disk or written to it.
public enum CardImageFileError: Error, Equatable, Sendable {
    /// Nothing is at the path, or it cannot be read.
    case unreadable(path: String)
    /// Not one elementary file is there.
    case empty(path: String)
    /// The file is larger than any card.
    case tooLarge(path: String)
    /// The file is no card image; the error says where it stops being one.
    case malformed(path: String, DocumentError)
    /// The folder or a file in it cannot be written.
    case unwritable(path: String, reason: String)
}

extension CardImageFileError: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .unreadable(let path): "\(path) does not exist or cannot be read"
        case .empty(let path):
            "\(path) holds no elementary file; in a folder they are named EF_COM.bin, EF_SOD.bin, EF_DG1.bin and so on"
        case .tooLarge(let path): "\(path) is larger than any card image"
        case .malformed(let path, let error): "\(path) is no card image: \(error)"
        case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
        }
    }
}

extension CardImage {
    /// Reads a card image: a folder with one file for each elementary file (`EF_SOD.bin`, …); or one file that is a JSON
    /// object of base64 values, or a record of concatenated elementary files, of which a lone EF.SOD is the shortest.
    public init(path: String) throws(CardImageFileError) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable(path: path)
        }
        self = isFolder ? try Self.folder(path) : try Self.file(path)
    }

    /// Writes one file for each elementary file into `folder`, which is made if it is not there.
    public func write(folder: String) throws(CardImageFileError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for (file, bytes) in files {
                try Data(bytes).write(to: URL(filePath: folder + "/" + file.fileName), options: .atomic)
            }
        } catch {
            throw .unwritable(path: folder, reason: "\(error)")
        }
    }

    private static func folder(_ path: String) throws(CardImageFileError) -> CardImage {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw .unreadable(path: path)
        }
        var image = CardImage()
        for name in names {
            guard let file = ElementaryFile(fileName: name) else { continue }
            image[file] = try contents(path + "/" + name)
        }
        guard !image.files.isEmpty else { throw .empty(path: path) }
        return image
    }

    private static func file(_ path: String) throws(CardImageFileError) -> CardImage {
        let bytes = try contents(path)
        let image: CardImage
        do throws(DocumentError) {
            let isJSON = bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
            image = isJSON ? try CardImage(json: bytes) : try CardImage(record: bytes.span)
        } catch {
            throw .malformed(path: path, error)
        }
        guard !image.files.isEmpty else { throw .empty(path: path) }
        return image
    }

    private static func contents(_ path: String) throws(CardImageFileError) -> [UInt8] {
        do throws(BoundedFile.Failure) {
            // Base64 makes four characters of three bytes.
            return try BoundedFile.bytes(path, maximum: maximumByteCount * 2)
        } catch {
            throw error == .tooLarge ? .tooLarge(path: path) : .unreadable(path: path)
        }
    }
}

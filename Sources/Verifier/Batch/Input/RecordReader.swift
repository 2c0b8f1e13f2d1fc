import Document
import FoundationEssentials

/// The form of an input.
public enum InputFormat: String, CaseIterable, Sendable {
    /// Told by the first bytes.
    case automatic = "auto"
    /// A card archive: records behind their lengths.
    case archive
    /// JSON lines.
    case json
    /// A tar stream of folders of card images, or of files with one each.
    case tar
}

/// Reads inputs one after the other and cuts them into blocks of records.
final class RecordReader {
    private let inputs: [String]
    private let format: InputFormat
    private var position: InputPosition
    private var current: Source?
    private var blockNumber = 0

    private enum Source {
        case mapped(MappedFile, any RecordCutter)
        case stream(Stream)
        case folder(path: String, names: [String])
        /// A file that holds one image.
        case image(path: String)
    }

    private struct Stream {
        let descriptor: Int32
        var cutter: (any RecordCutter)?
        /// What was read and not cut yet.
        var rest: [UInt8] = []
        var isEnd = false
        /// What stands before `rest`, in bytes.
        var offset = 0

        static let chunkByteCount = 4 << 20
    }

    /// - Parameters:
    ///   - inputs: Paths of files and folders; `-` is standard input.
    ///   - format: The form of files and of standard input.
    ///   - position: Where to begin.
    init(_ inputs: [String], format: InputFormat, from position: InputPosition) {
        self.inputs = inputs
        self.format = format
        self.position = position
    }

    /// The next block; nil behind the last.
    func next() throws(BatchError) -> RecordBlock? {
        while position.input < inputs.count {
            let path = inputs[position.input]
            let source: Source
            if let current { source = current } else { source = try open(path) }
            current = source
            switch source {
            case .mapped(let file, let cutter):
                guard file.isWhole else { throw .unreadable(path: path, reason: "it became shorter while it was read") }
                if position.offset < file.count { return cut(file, cutter) }
            case .stream(var stream):
                if let block = try next(&stream) { return block }
            case .folder(let folder, let names):
                if position.offset < names.count { return images(folder, names) }
            case .image(let file):
                if position.offset == 0 { return images([file]) }
            }
            current = nil
            position.input += 1
            position.offset = 0
        }
        return nil
    }

    private func cut(_ file: MappedFile, _ cutter: any RecordCutter) -> RecordBlock {
        let start = position.offset
        var cutter = cutter
        let cut = cutter.cut(file.bytes, from: start, isEnd: true)
        current = .mapped(file, cutter)
        position.offset = cut.isBroken || cut.end == start ? file.count : cut.end
        return block(cut, cut.converted.map { .bytes($0) } ?? .mapped(file, start..<cut.end))
    }

    private func next(_ stream: inout Stream) throws(BatchError) -> RecordBlock? {
        while true {
            if !stream.rest.isEmpty || stream.isEnd {
                var cutter = stream.cutter ?? Self.cutter(format, stream.rest) ?? ArchiveCutter()
                let cut = cutter.cut(stream.rest.span, from: 0, isEnd: stream.isEnd)
                stream.cutter = cutter
                if !cut.entries.isEmpty || cut.end > 0 {
                    let bytes = stream.rest
                    stream.rest = cut.isBroken ? [] : Array(bytes.dropFirst(cut.end))
                    stream.isEnd = stream.isEnd || cut.isBroken
                    stream.offset += cut.end
                    position.offset = stream.offset
                    current = .stream(stream)
                    if !cut.entries.isEmpty { return block(cut, .bytes(cut.converted ?? bytes)) }
                    continue
                }
                if stream.isEnd { return nil }
            }
            let more = try SystemFile.read(stream.descriptor, Stream.chunkByteCount)
            if more.isEmpty { stream.isEnd = true }
            stream.rest += more
        }
    }

    private func images(_ folder: String, _ names: [String]) -> RecordBlock {
        let chosen = names[position.offset...].prefix(CutRecords.maximumCount / 8)
        return images(chosen.map { folder + "/" + $0 })
    }

    private func images(_ paths: [String]) -> RecordBlock {
        var cut = CutRecords(end: 0)
        for path in paths {
            do throws(CardImageFileError) {
                cut.entries.append(.image(try CardImage(path: path)))
            } catch {
                cut.entries.append(.unreadable("\(error)"))
            }
            cut.names.append(path)
        }
        position.offset += paths.count
        return block(cut, .bytes([]))
    }

    private func block(_ cut: CutRecords, _ storage: RecordBlock.Storage) -> RecordBlock {
        let first = position.record
        position.record += cut.entries.count
        defer { blockNumber += 1 }
        return RecordBlock(
            number: blockNumber, firstRecord: first, storage: storage, entries: cut.entries, names: cut.names,
            next: position)
    }

    private func open(_ path: String) throws(BatchError) -> Source {
        if path == "-" {
            var stream = Stream(descriptor: 0)
            try skip(position.offset, in: &stream)
            return .stream(stream)
        }
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable(path: path, reason: "it does not exist")
        }
        if isFolder {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw .unreadable(path: path, reason: "its content cannot be listed")
            }
            let isImage = names.contains { ElementaryFile(fileName: $0) != nil }
            return isImage ? .image(path: path) : .folder(path: path, names: names.sorted())
        }
        let file = try MappedFile(path)
        guard let cutter = Self.cutter(format, file.beginning) else { return .image(path: path) }
        return .mapped(file, cutter)
    }

    private func skip(_ count: Int, in stream: inout Stream) throws(BatchError) {
        var rest = count
        while rest > 0 {
            let bytes = try SystemFile.read(stream.descriptor, min(rest, Stream.chunkByteCount))
            guard !bytes.isEmpty else {
                throw .unreadable(path: "standard input", reason: "it is shorter than in the run to be resumed")
            }
            rest -= bytes.count
        }
        stream.offset = count
    }

    /// What cuts an input that begins with `bytes`; nil for a file that holds one image.
    static func cutter(_ format: InputFormat, _ bytes: [UInt8]) -> (any RecordCutter)? {
        switch format {
        case .archive: return ArchiveCutter()
        case .json: return LineCutter()
        case .tar: return TarCutter()
        case .automatic:
            if bytes.count >= 262, Array(bytes[257..<262]) == Array("ustar".utf8) { return TarCutter() }
            if bytes.first(where: { !LineCutter.isSpace($0) && $0 != 0x0A }) == UInt8(ascii: "{") {
                return LineCutter()
            }
            guard bytes.count >= 4 else { return ArchiveCutter() }
            let length = ArchiveCutter.length(bytes.span, 0)
            return length <= CardImage.maximumByteCount ? ArchiveCutter() : nil
        }
    }
}

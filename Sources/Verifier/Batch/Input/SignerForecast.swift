import Document
import FoundationEssentials

/// How many records each signer is likely to have, told from a few records taken from all over the archives before the run.
///
/// It decides nothing but when a signer's key is made into a table.
struct SignerForecast: Sendable {
    private static let sampleCount = 128
    /// Signers seen less often may have been hit by chance.
    private static let minimumHits = 3
    /// Less is not worth the look.
    private static let minimumByteCount = 4 << 20

    private var hits: [UInt64: Int] = [:]
    private var recordsPerHit = 0.0

    /// Looks into those of the inputs that are card archives; other forms have no place to begin at but their start.
    init(_ inputs: [String], _ format: InputFormat) {
        guard format == .automatic || format == .archive else { return }
        var sizes: [Int] = []
        for path in inputs {
            let attributes = path == "-" ? nil : try? FileManager.default.attributesOfItem(atPath: path)
            let isFile = attributes?[.type] as? FileAttributeType == .typeRegular
            sizes.append(isFile ? attributes?[.size].flatMap { Int("\($0)") } ?? 0 : 0)
        }
        let total = sizes.reduce(0, +)
        guard total >= Self.minimumByteCount else { return }
        var sampled = 0
        var sampledBytes = 0
        var input = 0
        var before = 0
        var file: MappedFile?
        for sample in 0..<Self.sampleCount {
            let place = total / Self.sampleCount * sample + total / Self.sampleCount / 2
            while input < sizes.count, place >= before + sizes[input] {
                before += sizes[input]
                input += 1
                file = nil
            }
            guard input < inputs.count else { break }
            if file == nil { file = try? MappedFile(inputs[input]) }
            guard let file, RecordReader.cutter(format, file.beginning) is ArchiveCutter,
                let (signer, size) = Self.record(in: file.bytes, behind: place - before)
            else { continue }
            hits[signer, default: 0] += 1
            sampled += 1
            sampledBytes += size
        }
        guard sampled > 0 else { return }
        recordsPerHit = Double(total) / (Double(sampledBytes) / Double(sampled)) / Double(sampled)
    }

    /// How many records by the signer are expected; 0 when he was hardly seen.
    func records(by certificate: [UInt8]) -> Double {
        let hits = hits[LearnedSigner.lookupKey(certificate)] ?? 0
        return hits >= Self.minimumHits ? Double(hits) * recordsPerHit : 0
    }

    /// The signer of the first record that begins behind `start`, and the record's size; nil when none is found near.
    private static func record(in bytes: Span<UInt8>, behind start: Int) -> (signer: UInt64, byteCount: Int)? {
        let end = min(bytes.count - 4, start + (256 << 10))
        var position = start
        while position < end {
            // No record is over 1 MiB, so the first byte of a length is 0 and the second at most 16.
            guard bytes[position] == 0, bytes[position + 1] <= 0x10 else {
                position += 1
                continue
            }
            let length = ArchiveCutter.length(bytes, position)
            if length > 0, length <= bytes.count - position - 4 {
                let record = bytes.extracting(position + 4..<position + 4 + length)
                if let files = RecordFiles(record), let sod = files.range(RecordFiles.sod),
                    let walk = SecurityObjectWalk(record, sod)
                {
                    return (LearnedSigner.lookupKey(record, walk.certificate), length + 4)
                }
            }
            position += 1
        }
        return nil
    }
}

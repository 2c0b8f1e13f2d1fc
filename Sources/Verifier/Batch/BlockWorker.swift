import Crypto
import Document

/// Judges blocks of records and writes their results, for one thread.
struct BlockWorker {
    /// What came of a block.
    struct Result: Sendable {
        let number: Int
        let output: [UInt8]
        let summary: BatchSummary
        let next: InputPosition
    }

    private let judge: RecordJudge
    private let encoder: ResultEncoder
    private let onlyFailures: Bool
    private var converted: [UInt8] = []

    init(_ judge: RecordJudge, _ encoder: ResultEncoder, onlyFailures: Bool) {
        self.judge = judge
        self.encoder = encoder
        self.onlyFailures = onlyFailures
    }

    mutating func process(_ block: RecordBlock) -> Result {
        switch block.storage {
        case .mapped(let file, let range):
            if block.entries.contains(where: { if case .json = $0 { true } else { false } }) {
                let entries = convert(block.entries, file.bytes)
                file.letGo(range)
                let bytes = converted
                return process(block, entries, bytes.span)
            }
            let result = process(block, block.entries, file.bytes)
            file.letGo(range)
            return result
        case .bytes(let bytes):
            let entries = convert(block.entries, bytes.span)
            guard !converted.isEmpty else { return process(block, entries, bytes.span) }
            let bytes = converted
            return process(block, entries, bytes.span)
        }
    }

    /// Brings JSON objects, and the records among them, into one array of records.
    private mutating func convert(_ entries: [RecordBlock.Entry], _ bytes: Span<UInt8>) -> [RecordBlock.Entry] {
        converted.removeAll(keepingCapacity: true)
        guard entries.contains(where: { if case .json = $0 { true } else { false } }) else { return entries }
        var result: [RecordBlock.Entry] = []
        for entry in entries {
            let start = converted.count
            switch entry {
            case .record(let range):
                for index in range { converted.append(bytes[index]) }
                result.append(.record(start..<converted.count))
            case .json(let range):
                if JSONImageWalk.append(bytes, range, to: &converted) {
                    result.append(.record(start..<converted.count))
                } else {
                    result.append(Self.image(range.map { bytes[$0] }))
                }
            case .image, .unreadable: result.append(entry)
            }
        }
        return result
    }

    private static func image(_ json: [UInt8]) -> RecordBlock.Entry {
        do throws(DocumentError) {
            return .image(try CardImage(json: json))
        } catch {
            return .unreadable("\(error)")
        }
    }

    private func process(_ block: RecordBlock, _ entries: [RecordBlock.Entry], _ bytes: Span<UInt8>) -> Result {
        judge.begin()
        var pending: [RecordJudge.Pending] = []
        pending.reserveCapacity(entries.count)
        for index in entries.indices {
            if index + 1 < entries.count, case .record(let next) = entries[index + 1] {
                BatchBytes.prefetch(bytes.extracting(next))
            }
            switch entries[index] {
            case .record(let range): pending.append(judge.examine(bytes, range))
            case .image(let image): pending.append(.done(judge.judge(image)))
            case .unreadable(let reason): pending.append(.done(.unreadable(reason)))
            case .json: pending.append(.done(.unreadable("a JSON object was not converted")))
            }
        }
        judge.finish(bytes)
        var tally = Tally()
        var output: [UInt8] = []
        output.reserveCapacity(entries.count * 256)
        for index in entries.indices {
            var range = 0..<0
            if case .record(let found) = entries[index] { range = found }
            let finding = judge.finding(pending[index], bytes.extracting(range))
            let isProven = tally.add(finding)
            guard !(onlyFailures && isProven) else { continue }
            let name = block.names.isEmpty ? nil : block.names[index]
            let encoding =
                switch finding {
                case .learned(let verdict): verdict.encoding
                case .judged(let verdict): encoder.encoding(BatchVerdict(verdict))
                case .unreadable(let reason): encoder.encoding(unreadable: reason)
                }
            encoder.append(encoding, record: block.firstRecord + index, name: name, to: &output)
        }
        return Result(number: block.number, output: output, summary: tally.summary, next: block.next)
    }
}

/// Adds findings up; equal ones are counted first and added once.
private struct Tally {
    private var counted: [Swift.ObjectIdentifier: (verdict: LearnedVerdict, count: Int)] = [:]
    private var last: (verdict: LearnedVerdict, count: Int)?
    private var others = BatchSummary()

    /// Whether the record's data is proven.
    mutating func add(_ finding: RecordJudge.Finding) -> Bool {
        switch finding {
        case .learned(let verdict):
            if let current = last, current.verdict === verdict {
                last = (verdict, current.count + 1)
            } else {
                settle()
                last = (verdict, 1)
            }
            return Self.isProven(verdict.outcome)
        case .judged(let verdict):
            others.add(
                outcome: verdict.outcome, validity: verdict.validity, checks: verdict.checks, signer: verdict.signer)
            return Self.isProven(verdict.outcome)
        case .unreadable:
            others.addUnreadable()
            return false
        }
    }

    var summary: BatchSummary {
        var copy = self
        copy.settle()
        var summary = others
        for (verdict, count) in copy.counted.values {
            summary.add(
                outcome: verdict.outcome, validity: verdict.validity, checks: verdict.checks,
                signer: verdict.signer.summary, count: count)
        }
        return summary
    }

    private mutating func settle() {
        guard let last else { return }
        counted[Swift.ObjectIdentifier(last.verdict), default: (last.verdict, 0)].count += last.count
        self.last = nil
    }

    private static func isProven(_ outcome: Outcome) -> Bool { outcome == .genuine || outcome == .authenticData }
}

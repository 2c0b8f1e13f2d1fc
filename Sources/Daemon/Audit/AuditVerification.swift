import Crypto
import FoundationEssentials

/// Whether an audit log is whole: no record altered, removed, inserted or put elsewhere, its end not cut off.
///
/// Within the log the chain of hashes and the terminal's signed heads prove it. Only a head that was kept elsewhere
/// shows that the whole log is not an older state of itself.
public struct AuditVerification: Sendable {
    /// Something that is not as it must be.
    public enum Finding: Equatable, Sendable {
        /// The text of this number is no record.
        case malformed(Int)
        /// The record that stands at this number says that it is another.
        case displaced(Int)
        /// Records are not there.
        case missing(ClosedRange<Int>)
        /// This record does not follow on the one before it: one of the two was altered, or put there.
        case broken(Int)
        /// The log begins later than at its first record, and nothing proves that retention removed those before.
        case beginningRemoved(first: Int)
        /// A head of the log is not one that a terminal signed.
        case unsignedHead(Int, reason: String)
        /// A head of the log is signed by another key than that of the certificates given.
        case foreignHead(Int)
        /// A head says that this record had another hash.
        case contradictsHead(Int)
        /// A head has seen records behind the log's end.
        case truncated(lastRecord: Int, head: Int)
        /// No head covers the records from this one on.
        case unsignedEnd(from: Int)
    }

    /// What was found; empty when the log is whole.
    public private(set) var findings: [Finding] = []
    /// How many records there are.
    public private(set) var recordCount = 0
    /// The number of the first record, and of the last.
    public private(set) var numbers: ClosedRange<Int>?
    /// How many heads agree with the log, those given to compare with included.
    public private(set) var agreeingHeads = 0
    /// The fingerprints (SHA-256) of the certificates whose keys signed the heads.
    public private(set) var fingerprints: [String] = []

    private struct ExpectedHead {
        var position: AuditPosition
        var isOutside: Bool
    }

    /// Findings beyond so many are not listed: the log is broken.
    private static let findingLimit = 100

    /// - Parameters:
    ///   - log: The log.
    ///   - heads: Heads that were kept elsewhere.
    ///   - certificates: Those of the terminals that may have signed; empty to take any, and to tell which.
    /// - Throws: `AuditError`: `unusable`, `invalidHead`.
    public init(_ log: AuditReader, heads: [String] = [], certificates: [[UInt8]] = []) throws(AuditError) {
        var trusted: Set<String> = []
        for der in certificates {
            guard let certificate = try? Certificate(der: der) else {
                throw .invalidHead(reason: "a certificate to compare with is none")
            }
            trusted.insert(certificate.fingerprint)
        }
        var expected: [Int: [AuditPosition]] = [:]
        for statement in try log.heads() {
            if let head = open(statement, trusted) { expected[head.number, default: []].append(head) }
        }
        let kept = Set(expected.values.joined().map(\.number))
        for statement in heads {
            let opened: (head: AuditHead, certificate: Certificate)
            do throws(TerminalError) {
                opened = try AuditHead.opened(statement)
            } catch {
                throw .invalidHead(reason: error.description)
            }
            note(opened.certificate)
            guard trusted.isEmpty || trusted.contains(opened.certificate.fingerprint) else {
                add(.foreignHead(opened.head.number))
                continue
            }
            expected[opened.head.number, default: []].append(opened.head.position)
        }
        try walk(log, &expected, kept)
    }

    private mutating func walk(
        _ log: AuditReader, _ expected: inout [Int: [AuditPosition]], _ keptHeads: Set<Int>
    ) throws(AuditError) {
        var last: AuditPosition?
        var removedTo: Set<Int> = []
        var firstPrevious = AuditPosition.beginning
        try log.records { number, content in
            recordCount += 1
            defer {
                let hash = (try? AuditPosition.hash(content)) ?? ""
                let position = AuditPosition(number: number, hash: hash)
                for head in expected.removeValue(forKey: number) ?? [] {
                    if head == position { agreeingHeads += 1 } else { add(.contradictsHead(number)) }
                }
                last = position
                numbers = (numbers?.lowerBound ?? number)...number
            }
            guard let place = AuditRecordPlace(content) else {
                add(.malformed(number))
                return true
            }
            if place.number != number { add(.displaced(number)) }
            if place.event == AuditEvent.Kind.retention.rawValue, let end = place.removedTo { removedTo.insert(end) }
            if let last {
                if last.number + 1 != number {
                    add(.missing((last.number + 1)...max(last.number + 1, number - 1)))
                } else if place.previous != last.hash {
                    add(.broken(number))
                }
            } else {
                firstPrevious = AuditPosition(number: number - 1, hash: place.previous)
            }
            return true
        }
        judgeBeginning(firstPrevious, removedTo, &expected)
        let end = last?.number ?? 0
        for head in expected.values.joined().sorted(by: { $0.number < $1.number }) {
            if head.number > end {
                add(.truncated(lastRecord: end, head: head.number))
            } else if !removedTo.contains(where: { $0 >= head.number }) {
                add(.contradictsHead(head.number))
            }
        }
        if end > 0, !keptHeads.contains(where: { $0 >= end }) {
            add(.unsignedEnd(from: (keptHeads.max() ?? 0) + 1))
        }
    }

    /// Records may be missing at the beginning when the chain itself says that retention removed them, and a head
    /// says how the chain stood there.
    private mutating func judgeBeginning(
        _ before: AuditPosition, _ removedTo: Set<Int>, _ expected: inout [Int: [AuditPosition]]
    ) {
        if before.number == 0 {
            if before.hash != AuditPosition.beginning.hash { add(.broken(1)) }
            return
        }
        let heads = expected.removeValue(forKey: before.number) ?? []
        agreeingHeads += heads.count { $0 == before }
        guard removedTo.contains(before.number), !heads.isEmpty, heads.allSatisfy({ $0 == before }) else {
            return add(.beginningRemoved(first: before.number + 1))
        }
    }

    /// The position that a head of the log states, if it is one.
    private mutating func open(_ statement: String, _ trusted: Set<String>) -> AuditPosition? {
        do throws(TerminalError) {
            let (head, certificate) = try AuditHead.opened(statement)
            note(certificate)
            guard trusted.isEmpty || trusted.contains(certificate.fingerprint) else {
                add(.foreignHead(head.number))
                return nil
            }
            return head.position
        } catch {
            add(.unsignedHead(0, reason: error.description))
            return nil
        }
    }

    private mutating func note(_ certificate: Certificate) {
        if !fingerprints.contains(certificate.fingerprint) { fingerprints.append(certificate.fingerprint) }
    }

    private mutating func add(_ finding: Finding) {
        if findings.count < Self.findingLimit { findings.append(finding) }
    }
}

extension AuditVerification.Finding: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .malformed(let number): "record \(number) is not a record any more: it was altered"
        case .displaced(let number): "what stands at \(number) is another record: it was put there"
        case .missing(let numbers):
            numbers.count == 1
                ? "record \(numbers.lowerBound) was removed"
                : "records \(numbers.lowerBound) to \(numbers.upperBound) were removed"
        case .broken(let number):
            "record \(number) does not follow on the one before it: one of the two was altered, or put there"
        case .beginningRemoved(let first): "the records before \(first) were removed, and not by the retention"
        case .unsignedHead(_, let reason): "a head of the log is not a terminal's: \(reason)"
        case .foreignHead(let number): "the head at record \(number) is signed by another terminal"
        case .contradictsHead(let number): "record \(number) is not the one that a signed head has seen"
        case .truncated(let last, let head):
            "the log ends at record \(last), and a signed head has seen record \(head): its end was cut off"
        case .unsignedEnd(let number): "no signed head covers the records from \(number) on: they were put there"
        }
    }
}

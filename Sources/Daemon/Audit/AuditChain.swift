import Crypto
import FoundationEssentials
import Registry

/// The end of a chain of records: the number of the last one and its hash.
struct AuditPosition: Equatable, Sendable {
    var number: Int
    /// SHA-256 of the record's text, in lower-case hexadecimal.
    var hash: String

    /// Before the first record.
    static let beginning = AuditPosition(number: 0, hash: String(repeating: "0", count: 64))

    static func hash(_ content: String) throws(CryptoError) -> String {
        lowerCaseHexadecimal(try Digest.hash(Array(content.utf8), with: .sha256))
    }
}

/// A chain of records as it grows.
///
/// A record is a line of JSON that begins with its number and the hash of the record before it: whoever has the lines can
/// check the chain with `sha256sum`.
struct AuditLink {
    private(set) var number: Int
    private var hash: [UInt8]
    /// The newest records, one behind the other.
    private(set) var text: [UInt8] = []
    /// Where each of them stands.
    private(set) var records: [Range<Int>] = []

    private static let beginning = Array("{\"number\":".utf8)
    private static let middle = Array(",\"previous\":\"".utf8)
    private static let beforeBody = Array("\",".utf8)

    init(_ position: AuditPosition) {
        number = position.number
        hash = Array(position.hash.utf8)
    }

    /// Where the chain ends.
    var position: AuditPosition { AuditPosition(number: number, hash: String(decoding: hash, as: UTF8.self)) }

    /// Lets go of the newest records.
    mutating func begin() {
        text.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
    }

    /// Makes the record that comes next; `body` is its inner part.
    mutating func follow(_ body: Span<UInt8>) throws(CryptoError) {
        number += 1
        let start = text.count
        text.append(Self.beginning.span)
        text.append(String(number).utf8.span)
        text.append(Self.middle.span)
        text += hash
        text.append(Self.beforeBody.span)
        text.append(body)
        records.append(start..<text.count)
        let digest = try Digest.sha256(text.span.extracting(start..<text.count))
        hash.removeAll(keepingCapacity: true)
        hash.appendLowerCaseHexadecimal(digest.span)
    }
}

/// What a record says of its place, and what retention and searches need of it.
struct AuditRecordPlace: Decodable {
    var number: Int
    var previous: String
    var at: String
    var event: String
    var subject: String?
    var removedTo: Int?

    /// `at` to the second.
    var moment: Timestamp? { Timestamp(iso: at.prefix(19) + "Z") }

    /// Nil when the text is no record.
    init?(_ content: String) {
        guard let place = try? JSONDecoder().decode(Self.self, from: Data(content.utf8)) else { return nil }
        self = place
    }
}

/// A terminal's statement that its audit log had so many records and that the last of them had this hash.
struct AuditHead: Codable, Equatable {
    var number: Int
    var hash: String
    var at: String

    static let type = "cccd-audit-head+jwt"

    var position: AuditPosition { AuditPosition(number: number, hash: hash) }

    /// The head as a signed statement.
    static func signed(_ position: AuditPosition, at moment: String, by terminal: Terminal) throws(AuditError) -> String
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard
            let payload = try? encoder.encode(AuditHead(number: position.number, hash: position.hash, at: moment))
        else { throw .keyUnusable(reason: "a head cannot be written") }
        do throws(TerminalError) {
            return try JSONWebSignature.sign([UInt8](payload), type: type, by: terminal)
        } catch {
            throw .keyUnusable(reason: error.description)
        }
    }

    /// Takes a signed head apart.
    static func opened(_ statement: String) throws(TerminalError) -> (head: AuditHead, certificate: Certificate) {
        let signed = try JSONWebSignature(statement, type: type)
        guard let head = try? JSONDecoder().decode(AuditHead.self, from: Data(signed.payload)) else {
            throw .malformedStatement("it does not say number, hash and at")
        }
        return (head, signed.certificate)
    }
}

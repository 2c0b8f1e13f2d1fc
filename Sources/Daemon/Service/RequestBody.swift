import Document
import FoundationEssentials
import Registry
import Verifier

/// Reads a request's body in JSON.
enum RequestBody {
    /// - Throws: `Problem`: `invalidRequest` with the place of the fault, or what `Value` throws itself.
    static func decode<Value: Decodable>(_ type: Value.Type, from body: SensitiveBytes) throws(Problem) -> Value {
        let value = try decoded(type, from: body)
        if let path = body.withBytes({ RepeatedMember.path(in: $0) }) {
            var problem = Problem(.invalidRequest, "This member stands there twice.")
            problem.pointer = path.jsonPointer
            throw problem
        }
        return value
    }

    private static func decoded<Value: Decodable>(
        _ type: Value.Type, from body: SensitiveBytes
    ) throws(Problem) -> Value {
        do {
            return try body.withData { data in
                // The decoder would take UTF-16 and UTF-32 as well; both have null bytes where there is JSON.
                guard String(validating: data, as: UTF8.self) != nil, !data.contains(0) else {
                    throw Problem(.invalidRequest, "The body is not UTF-8.")
                }
                return try JSONDecoder().decode(type, from: data)
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(DecodingFault(error))
        }
    }
}

extension Problem {
    fileprivate init(_ fault: DecodingFault) {
        func problem(_ detail: String, at path: [PathStep]) -> Problem {
            var problem = Problem(.invalidRequest, detail)
            problem.pointer = path.jsonPointer
            return problem
        }
        switch fault {
        case .malformed: self.init(.invalidRequest, "The body is not JSON, or nested too deeply.")
        case .unknownKey(let path): self = problem("This call does not know this member; see docs/api.md.", at: path)
        case .wrongType(let path, let expected): self = problem("This must be \(expected).", at: path)
        case .missing(let path): self = problem("This member is missing.", at: path)
        case .unacceptable(let path, let reason): self = problem("This is not acceptable: \(reason).", at: path)
        }
    }
}

extension [PathStep] {
    /// The path as a JSON Pointer (RFC 6901), long names cut.
    var jsonPointer: String {
        reduce(into: "") { text, step in
            switch step {
            case .key(let key):
                text += "/" + String(key.prefix(64)).replacing("~", with: "~0").replacing("/", with: "~1")
            case .index(let index): text += "/\(index)"
            }
        }
    }
}

extension KeyedDecodingContainer {
    /// The text of `key`, at most `limit` bytes.
    func optionalText(_ key: Key, limit: Int) throws -> String? {
        try optional(key) { $0.utf8.count <= limit ? nil : "it is longer than \(limit) bytes" }
    }

    /// The day of `key`, `YYYY-MM-DD`.
    func optionalDay(_ key: Key) throws -> CalendarDate? {
        guard let text = try optional(key, as: String.self) else { return nil }
        guard let day = CalendarDate(iso: text) else { throw unacceptable(key, "it must be a day as YYYY-MM-DD") }
        return day
    }

    /// The languages of the list of `key`, in which a verdict is told in sentences; none when it is not there.
    func languages(_ key: Key) throws -> [VerdictLanguage] {
        try (optional(key, as: [String].self) ?? []).map { code in
            guard let language = VerdictLanguage(rawValue: code) else {
                throw unacceptable(key, "it must be a list of vi and en")
            }
            return language
        }
    }

    /// The word of `key`, one of those of `Word`.
    func optionalWord<Word: RawRepresentable<String> & CaseIterable>(_ key: Key) throws -> Word? {
        guard let text = try optional(key, as: String.self) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw unacceptable(key, "it must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }
}

extension Day {
    /// The same day in the registry's terms.
    init?(_ date: CalendarDate) { self.init(year: date.year, month: date.month, day: date.day) }
}

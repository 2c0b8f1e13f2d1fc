import Document
import Registry

/// The body of `POST /v1/insurance`.
struct InsuranceRequest: Sendable, Decodable {
    private enum Keys: String, CodingKey {
        case personalNumber, cardNumber, parentPersonalNumber, fullName, birthDate
        case on, facility, facilityLevel, arrival, care
    }

    /// Who is asked about.
    var subject: EligibilityQuestion.Subject
    /// The name to be checked against the registry's.
    var fullName: String?
    /// The birth date to be checked.
    var birthDate: String?
    /// What else the decision depends on.
    var visit: Visit

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        let subjects: [EligibilityQuestion.Subject] = [
            try keys.optionalText(.personalNumber, limit: 64).map { .personalNumber($0) },
            try keys.optionalText(.cardNumber, limit: 64).map { .cardNumber($0) },
            try keys.optionalText(.parentPersonalNumber, limit: 64).map { .child(parentPersonalNumber: $0) },
        ].compactMap { $0 }
        guard let subject = subjects.first, subjects.count == 1 else {
            throw Problem(
                .invalidRequest, "Give exactly one of personalNumber, cardNumber and parentPersonalNumber.")
        }
        self.subject = subject
        fullName = try keys.optionalText(.fullName, limit: 512)
        birthDate = try keys.optionalText(.birthDate, limit: 32)
        visit = try Visit(
            keys, day: .on, facility: .facility, facilityLevel: .facilityLevel, arrival: .arrival, care: .care)
    }

    /// A question by personal number and nothing else, of this day at this desk.
    init(personalNumber: String) {
        subject = .personalNumber(personalNumber)
        visit = Visit()
    }

    /// The question for the registry.
    func question(desk: Configuration.Facility) -> EligibilityQuestion {
        var question = visit.question(subject, desk: desk)
        question.fullName = fullName
        question.birthDate = birthDate
        return question
    }
}

extension InsuranceRequest {
    /// The number in the commonest body, `{"personalNumber":"001090012345"}`, read without the JSON decoder, which takes
    /// longer than all the rest of an answer.
    ///
    /// Nil for everything else, be it right or wrong: that is the decoder's.
    static func plainNumber(in body: Span<UInt8>) -> String? {
        var rest = PlainText(body)
        guard rest.take("{"), rest.take("\"personalNumber\""), rest.take(":"), rest.take("\"") else { return nil }
        let start = rest.position
        while rest.position - start < 12, rest.takeDigit() != nil {}
        let end = rest.position
        guard end - start == 12, rest.takeAtOnce("\""), rest.take("}"), rest.takeEnd() else { return nil }
        guard let digits = try? UTF8Span(validating: body.extracting(start..<end)) else { return nil }
        return String(copying: digits)
    }

    /// Reads what `plainNumber` reads.
    init?(plain body: Span<UInt8>) {
        guard let number = Self.plainNumber(in: body) else { return nil }
        self.init(personalNumber: number)
    }
}

/// Walks over a text whose form is known beforehand.
private struct PlainText: ~Escapable {
    private let bytes: Span<UInt8>
    private(set) var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Passes over white space and `text`, if that comes next.
    @_lifetime(self: copy self)
    mutating func take(_ text: StaticString) -> Bool {
        skipSpace()
        return takeAtOnce(text)
    }

    @_lifetime(self: copy self)
    mutating func skipSpace() {
        while let next, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D { position += 1 }
    }

    @_lifetime(self: copy self)
    mutating func takeAtOnce(_ text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for index in position..<end where unsafe bytes[index] != text.utf8Start[index - position] { return false }
        position = end
        return true
    }

    @_lifetime(self: copy self)
    mutating func takeDigit() -> UInt8? {
        guard let next, (0x30...0x39).contains(next) else { return nil }
        position += 1
        return next
    }

    /// Whether nothing but white space is left.
    @_lifetime(self: copy self)
    mutating func takeEnd() -> Bool {
        skipSpace()
        return next == nil
    }
}

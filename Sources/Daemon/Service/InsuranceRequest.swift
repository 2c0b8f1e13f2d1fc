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

    /// The question for the registry.
    func question(desk: Configuration.Facility) -> EligibilityQuestion {
        var question = visit.question(subject, desk: desk)
        question.fullName = fullName
        question.birthDate = birthDate
        return question
    }
}

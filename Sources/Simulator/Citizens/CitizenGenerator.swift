import Document

/// Invents people. The same seed invents the same people in the same order, on every machine.
///
///     var people = CitizenGenerator(seed: 1)
///     let million = (0..<1_000_000).map { _ in people.next() }
public struct CitizenGenerator: Sendable {
    private var source: SplitMix64

    /// - Parameter seed: Decides who is invented.
    public init(seed: UInt64) { source = SplitMix64(state: seed) }

    /// One more person, 14 to 90 years old on the day of issue.
    public mutating func next() -> Citizen {
        let sex: Sex = Bool.random(using: &source) ? .male : .female
        let issueDate = day(inYears: 2021...2026)
        let birthDate = day(inYears: issueDate.year - 90...issueDate.year - 15)
        let place = pick(CitizenNames.provinces)
        let family = pick(CitizenNames.family)
        return Citizen(
            personalNumber: personalNumber(place: place.code, sex: sex, birthYear: birthDate.year),
            fullName: name(family: family, sex: sex), birthDate: birthDate, sex: sex, nationality: "Việt Nam",
            ethnicity: chance(15) ? pick(CitizenNames.ethnicities) : "Kinh",
            religion: chance(12) ? pick(CitizenNames.religions) : "Không",
            placeOfOrigin: address(in: place.name),
            residence: "Số \(Int.random(in: 1...400, using: &source)) "
                + address(in: chance(30) ? pick(CitizenNames.provinces).name : place.name),
            identifyingFeatures: pick(CitizenNames.features), issueDate: issueDate,
            expiryDate: Self.expiry(birthDate: birthDate, issueDate: issueDate),
            fatherName: chance(95) ? name(family: family, sex: .male) : "",
            motherName: name(family: pick(CitizenNames.family), sex: .female),
            spouseName: birthDate.year < issueDate.year - 25 && chance(75)
                ? name(family: pick(CitizenNames.family), sex: sex == .male ? .female : .male) : nil,
            oldNumber: birthDate.year < 2000 && chance(80) ? digits(9) : nil,
            chipSerial: Hexadecimal.text((0..<8).map { _ in UInt8.random(in: 0...255, using: &source) }))
    }

    /// The card's last day by the law's age steps: the next of 25, 40 and 60 years, or the one after it when the card
    /// is issued within two years before it; none past 60 (Law 59/2014, Art. 21).
    static func expiry(birthDate: CalendarDate, issueDate: CalendarDate) -> CalendarDate? {
        [25, 40, 60].lazy.compactMap { birthDate.adding(years: $0) }.first { step in
            step.adding(years: -2).map { issueDate < $0 } ?? false
        }
    }

    private mutating func personalNumber(place: String, sex: Sex, birthYear: Int) -> PersonalNumber {
        let century = (birthYear - 1900) / 100 * 2 + (sex == .female ? 1 : 0)
        return .constant(place + String(century) + decimal(birthYear % 100, digits: 2) + digits(6))
    }

    private mutating func name(family: String, sex: Sex) -> String {
        let isFemale = sex == .female
        let middle = pick(isFemale ? CitizenNames.femaleMiddle : CitizenNames.maleMiddle)
        let given = pick(isFemale ? CitizenNames.femaleGiven : CitizenNames.maleGiven)
        return "\(family) \(middle) \(given)"
    }

    private mutating func address(in province: String) -> String {
        "\(pick(CitizenNames.wards)), \(pick(CitizenNames.districts)), \(province)"
    }

    private mutating func day(inYears years: ClosedRange<Int>) -> CalendarDate {
        // Days up to 28 exist in every month.
        .constant(
            Int.random(in: years, using: &source), Int.random(in: 1...12, using: &source),
            Int.random(in: 1...28, using: &source))
    }

    private mutating func digits(_ count: Int) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &source)) }.joined()
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &source) < percent }

    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &source)]
    }
}

/// Steele, Lea and Flood's SplitMix64: small, and the same everywhere. Not for secrets.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

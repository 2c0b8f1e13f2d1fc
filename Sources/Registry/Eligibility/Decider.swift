/// Decides a question by the rules, from what a store found. Has no store of its own and no clock.
struct Decider: Sendable {
    let rules: BenefitRules
    /// Under which name the answers are given.
    let source: String

    /// - Parameter now: the moment of the decision, for the age of the data.
    func decide(_ question: CheckedQuestion, _ findings: Findings, now: Timestamp) -> EligibilityDecision {
        var decision = decideSubject(question, findings)
        decision.dataAge = findings.dataAsOf.map { max(0, now.secondsSince1970 - $0.secondsSince1970) }
        if let age = decision.dataAge, let promisedAge = findings.promisedAge, age > promisedAge {
            note(.dataOld, in: &decision)
        }
        return decision
    }

    /// Describes what another source decided: the word is its own, and the record what it said about the person.
    func decide(
        _ question: CheckedQuestion, word: DecisionWord, record: InsuranceRecord?, asOf: Timestamp, now: Timestamp
    ) -> EligibilityDecision {
        var findings = Findings()
        findings.dataAsOf = asOf
        var decision = answer(word, findings)
        decision.dataAge = max(0, now.secondsSince1970 - asOf.secondsSince1970)
        // As with a registry: whoever cannot name the person is not told about it either.
        guard let record, !Self.hidden.contains(word) else { return decision }
        let day = question.question.day
        describe(record, on: day, in: &decision)
        guard decision.eligible else { return decision }
        describeBenefit(record, on: day, in: &decision)
        describeFacility(question.question, record, in: &decision)
        if decision.fiveYearsReached == true { note(.fiveYears, in: &decision) }
        return decision
    }

    /// What does not tell who the number belongs to.
    private static let hidden: Set<DecisionWord> = [
        .notFound, .wrongCardNumber, .wrongProvince, .wrongLevel, .wrongName, .wrongNameSameInitials, .wrongBirthDate,
    ]

    private func decideSubject(_ checked: CheckedQuestion, _ findings: Findings) -> EligibilityDecision {
        switch checked.subject {
        case .personalNumber:
            return decide(checked, findings, among: findings.records, asked: nil)
        case .cardNumber(let card):
            guard let first = findings.records.first else { return answer(.notFound, findings) }
            guard findings.records.allSatisfy({ $0.isSamePerson(as: first) }) else {
                return answer(.severalPersons, findings)
            }
            if card.group != nil, let wrong = difference(card, findings.records) {
                return answer(wrong, findings)
            }
            return decide(checked, findings, among: findings.records, asked: card)
        case .child:
            let day = checked.question.day
            let children = findings.records.filter { child in
                child.isUnderSix(on: day)
                    && (checked.birthDate.map { DateText(child.birthDate.utf8.span)?.agrees(with: $0) ?? false } ?? true)
            }
            guard let first = children.first else { return answer(.childNotRegistered, findings) }
            guard children.allSatisfy({ $0.isSamePerson(as: first) }) else { return answer(.severalChildren, findings) }
            return decide(checked, findings, among: children, asked: nil)
        }
    }

    /// How a 15-character number differs from all that are registered under its last ten digits; nil when one is it.
    private func difference(_ card: CardNumber, _ records: [InsuranceRecord]) -> DecisionWord? {
        let registered = records.compactMap(\.cardNumber).filter { $0.group != nil }
        guard !registered.isEmpty, !registered.contains(card), let newest = registered.last else { return nil }
        if newest.group != card.group { return .wrongCardNumber }
        return newest.level != card.level ? .wrongLevel : .wrongProvince
    }

    private func decide(
        _ checked: CheckedQuestion, _ findings: Findings, among records: [InsuranceRecord], asked: CardNumber?
    ) -> EligibilityDecision {
        let day = checked.question.day
        let inForce = records.filter { $0.status == nil && $0.covers(day) }
        let best = inForce.max { percent($0, on: day) < percent($1, on: day) }
        guard let record = best ?? closest(records, to: day) else { return answer(.notFound, findings) }

        // Whoever cannot name the person is not told about it either.
        if let fault = identityFault(checked, record) { return answer(fault, findings) }
        let word =
            lostCard(checked, findings)
            ?? (best == nil ? notInForce(record, on: day) : inForceWord(checked, record, records, asked: asked))
        var decision = answer(word, findings)
        describe(record, on: day, in: &decision)
        if findings.idCardLostOn != nil, word != .cardReportedLost { note(.idCardLostReport, in: &decision) }
        guard decision.eligible else { return decision }
        if inForce.count > 1 { note(.severalRecords, in: &decision) }
        describeBenefit(record, on: day, in: &decision)
        describeFacility(checked.question, record, in: &decision)
        if decision.fiveYearsReached == true { note(.fiveYears, in: &decision) }
        return decision
    }

    // MARK: What decides

    private func identityFault(_ checked: CheckedQuestion, _ record: InsuranceRecord) -> DecisionWord? {
        if let name = checked.question.fullName {
            switch NameAgreement(name, record.fullName) {
            case .same: break
            case .sameInitials: return .wrongNameSameInitials
            case .different: return .wrongName
            }
        }
        if let asked = checked.birthDate, let known = DateText(record.birthDate.utf8.span), !known.agrees(with: asked) {
            return .wrongBirthDate
        }
        return nil
    }

    private func lostCard(_ checked: CheckedQuestion, _ findings: Findings) -> DecisionWord? {
        if findings.idCardLostOn != nil, checked.question.shownCard != nil { return .cardReportedLost }
        return findings.insuranceCardLostOn == nil ? nil : .insuranceCardReportedLost
    }

    private func inForceWord(
        _ checked: CheckedQuestion, _ record: InsuranceRecord, _ records: [InsuranceRecord], asked: CardNumber?
    ) -> DecisionWord {
        if case .child = checked.subject { return .childWithoutCard }
        // The asked card is none of those in force: what is in force has taken its place.
        let inForce = records.filter { $0.status == nil && $0.covers(checked.question.day) }.compactMap(\.cardNumber)
        if let asked, asked.group != nil, !inForce.contains(where: { $0 == asked || $0.group == nil }) {
            return .renewed
        }
        switch record.effectiveGroup.flatMap({ rules.insurer(ofGroup: $0, on: checked.question.day) }) {
        case .army: return .validArmy
        case .police: return .validPolice
        case nil: break
        }
        let hasSuccessor = records.contains {
            $0.status == nil && $0.validFrom > checked.question.day && $0.cardNumber != record.cardNumber
        }
        return hasSuccessor ? .validNewCardIssued : .valid
    }

    private func notInForce(_ record: InsuranceRecord, on day: Day) -> DecisionWord {
        switch record.status {
        case nil: record.validFrom > day ? .notYetValid : .expired
        case "110": .withdrawn
        case "121": .movedProvince
        case "122": .movedWithinProvince
        case "123": .reRegistered
        case "124": .stopped
        default: .reportedOff
        }
    }

    /// The record that explains best why none is in force: one that covers the day, else the one that ended last, else
    /// the one that begins first.
    private func closest(_ records: [InsuranceRecord], to day: Day) -> InsuranceRecord? {
        if let withdrawn = records.last(where: { $0.covers(day) }) { return withdrawn }
        let past = records.filter { $0.validFrom <= day }.max { ($0.validTo ?? day) < ($1.validTo ?? day) }
        let future = records.min { $0.validFrom < $1.validFrom }
        return past ?? future
    }

    // MARK: What is told

    private func answer(_ word: DecisionWord, _ findings: Findings) -> EligibilityDecision {
        EligibilityDecision(rules.code(word), source: source, dataAsOf: findings.dataAsOf)
    }

    /// Adds a further reason to a decision.
    func note(_ word: DecisionWord, in decision: inout EligibilityDecision) {
        decision.reasons.append(rules.code(word).reason)
    }

    private func describe(_ record: InsuranceRecord, on day: Day, in decision: inout EligibilityDecision) {
        decision.person = .init(
            personalNumber: record.personalNumber, fullName: record.fullName, birthDate: record.birthDate,
            sex: record.sex)
        decision.validFrom = record.validFrom
        decision.validTo = record.validTo
        decision.cardNumber = record.cardNumber?.text
        decision.group = record.effectiveGroup
        decision.primaryFacility = record.facilityCode.map { .init(code: $0, name: record.facilityName) }
        decision.areaCode = record.areaCode
        decision.fiveYearsFrom = record.fiveYearsFrom
        decision.fiveYearsReached = record.fiveYearsFrom.map { $0 <= day }
        decision.benefitLevel = levelNumber(record, on: day)
    }

    private func describeBenefit(_ record: InsuranceRecord, on day: Day, in decision: inout EligibilityDecision) {
        guard let level = decision.benefitLevel.flatMap({ rules.level($0, on: day) }) else {
            return note(.levelUnknown, in: &decision)
        }
        decision.benefitPercent = level.percent
        if level.hasLimits { note(.levelLimited, in: &decision) }
    }

    private func describeFacility(
        _ question: EligibilityQuestion, _ record: InsuranceRecord, in decision: inout EligibilityDecision
    ) {
        guard let facility = question.facility else { return }
        decision.isPrimaryFacility = record.facilityCode.map { $0 == facility }
        let isHere = decision.isPrimaryFacility == true
        decision.facilityShare = rules.share(
            arrival: isHere ? "primary" : question.arrival.rawValue, facilityLevel: question.facilityLevel,
            care: question.care.rawValue, areaCode: record.areaCode, on: question.day)
        if let share = decision.facilityShare, let percent = decision.benefitPercent {
            decision.payablePercent = percent * share / 100
        }
        if isHere { return note(.primaryHere, in: &decision) }
        if decision.isPrimaryFacility == false { note(.otherPrimary, in: &decision) }
        switch (question.arrival, decision.facilityShare) {
        case (.referred, _): note(.rightByReferral, in: &decision)
        case (.emergency, _): note(.rightByEmergency, in: &decision)
        case (.chosen, nil): note(.shareUnknown, in: &decision)
        case (.chosen, let share?): if share < 100 { note(.shareReduced, in: &decision) }
        }
    }

    /// The level that the record states, or its card number, or else its group's.
    private func levelNumber(_ record: InsuranceRecord, on day: Day) -> Int? {
        record.level ?? record.cardNumber?.level
            ?? record.effectiveGroup.flatMap { rules.levelNumber(ofGroup: $0, on: day) }
    }

    private func percent(_ record: InsuranceRecord, on day: Day) -> Int {
        levelNumber(record, on: day).flatMap { rules.level($0, on: day) }?.percent ?? -1
    }
}

/// The words of the table `codes.csv`, as the program uses them.
enum DecisionWord: String, CaseIterable {
    // What decides.
    case valid, validNewCardIssued, renewed, validArmy, validPolice, childWithoutCard
    case expired, notYetValid, notFound
    case wrongCardNumber, wrongProvince, wrongLevel, wrongName, wrongNameSameInitials, wrongBirthDate
    case withdrawn, reportedOff, movedProvince, movedWithinProvince, reRegistered, stopped
    case cardReportedLost, insuranceCardReportedLost, severalPersons, severalChildren, childNotRegistered
    // What a desk should know besides.
    case severalRecords, levelUnknown, levelLimited, primaryHere, otherPrimary, rightByReferral, rightByEmergency
    case shareReduced, shareUnknown, fiveYears, idCardLostReport, dataOld
    case fromCopy, fromMemory, gatewayNotReached
}

/// A line of `codes.csv`.
struct DecisionCode: Sendable {
    let name: String
    let gatewayCode: String?
    let isEligible: Bool
    let reason: EligibilityDecision.Reason
}

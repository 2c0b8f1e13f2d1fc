import Crypto
import Document
import FoundationEssentials
import Simulator
import Testing
import Verifier

/// Cards whose signature is right and whose places contradict each other, or what was typed, scanned or reported beside
/// them: each is signed as it stands, so that nothing but the check named can tell.
@Suite("Cross-checks")
struct CrossCheckTests {
    /// One card with what came along with it, and what the check must say.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var check: CheckIdentifier
        var result: CheckResult
        var reason: CheckReason
        var outcome: Outcome
        /// What the detail names; empty where there is none.
        var detail: [String]
        var make: @Sendable (ForgedState) throws -> Evidence

        init(
            _ name: String, _ check: CheckIdentifier, _ reason: CheckReason, _ result: CheckResult = .failed,
            _ outcome: Outcome = .invalid, detail: [String] = [],
            make: @Sendable @escaping (ForgedState) throws -> Evidence
        ) {
            testDescription = name
            self.check = check
            self.result = result
            self.reason = reason
            self.outcome = outcome
            self.detail = detail
            self.make = make
        }

        /// A card whose DG13 is that of the holder as `change` makes him, and whose DG1 is the holder's own.
        static func dataGroup13(
            _ name: String, detail: [String], change: @Sendable @escaping (inout Citizen) throws -> Void
        ) -> Case {
            Case(name, .holderConsistency, .contradiction, detail: detail) { state in
                var citizen = Citizen.demo
                try change(&citizen)
                let other = try Personalisation(citizen).card(signedBy: state.pki).image[.dg13]
                return try state.evidence { $0[.dg13] = other }
            }
        }

        /// A card all of whose files are those of the holder as `change` makes him.
        static func holder(
            _ name: String, _ reason: CheckReason, _ result: CheckResult = .failed, _ outcome: Outcome = .invalid,
            detail: [String], change: @Sendable @escaping (inout Citizen) throws -> Void
        ) -> Case {
            Case(name, .holderConsistency, reason, result, outcome, detail: detail) { state in
                var citizen = Citizen.demo
                try change(&citizen)
                let card = try Personalisation(citizen).card(signedBy: state.pki)
                return Evidence(image: card.image, date: ForgedState.date)
            }
        }

        /// The holder's card beside the QR text of the holder as `change` makes him.
        static func qrText(
            _ name: String, without files: [ElementaryFile] = [], detail: [String],
            change: @Sendable @escaping (inout Citizen) throws -> Void
        ) -> Case {
            Case(name, .holderConsistency, .contradiction, detail: detail) { state in
                var citizen = Citizen.demo
                try change(&citizen)
                var evidence = try state.evidence()
                for file in files { evidence.image[file] = nil }
                evidence.qrText = try QRText(citizen.qrText)
                return evidence
            }
        }
    }

    static let dataGroups: [Case] = [
        .dataGroup13("DG13 of another name", detail: ["name: DG1, DG13"]) { $0.fullName = "Nguyễn Văn Khôi" },
        .dataGroup13("DG13 of another birth day", detail: ["birthDate: DG1, DG13"]) {
            $0.birthDate = try day(1990, 3, 16)
        },
        .dataGroup13("DG13 of another sex", detail: ["sex: DG1, DG13", "sex: DG13, personal number"]) {
            $0.sex = .female
        },
        .dataGroup13("DG13 of another expiry date", detail: ["expiryDate: DG1, DG13"]) {
            $0.expiryDate = try day(2050, 3, 15)
        },
        .dataGroup13(
            "DG13 of another number", detail: ["personalNumber: DG1, DG13", "documentNumber: DG1, personal number"]
        ) { $0.personalNumber = try PersonalNumber("001090012346") },
    ]

    static let numbers: [Case] = [
        .holder(
            "a sex that the number's digit denies", .contradiction,
            detail: ["sex: DG13, personal number", "sex: DG1, personal number"]
        ) { $0.sex = .female },
        .holder(
            "a century that the number's digit denies", .contradiction, detail: ["birthYear: DG13, personal number"]
        ) { $0.personalNumber = try PersonalNumber("001290012345") },
        .holder("a birth year that the number denies", .contradiction, detail: ["birthYear: DG13, personal number"]) {
            $0.personalNumber = try PersonalNumber("001091012345")
        },
        .holder(
            "a number of no province", .okWithRemarks, .passed, .authenticData,
            detail: ["personal number: place code of no province"]
        ) { $0.personalNumber = try PersonalNumber("999090012345") },
        .holder(
            "an expiry date at none of the law's ages", .okWithRemarks, .passed, .authenticData,
            detail: ["expiry date: not at one of the law"]
        ) { $0.expiryDate = try day(2031, 3, 15) },
        Case(
            "another number given at the desk", .holderConsistency, .contradiction,
            detail: ["personalNumber: chip, given"]
        ) { state in
            var evidence = try state.evidence()
            evidence.personalNumber = try PersonalNumber("001090012346")
            return evidence
        },
    ]

    static let qrTexts: [Case] = [
        .qrText("QR text of another number", detail: ["personalNumber: chip, QR text"]) {
            $0.personalNumber = try PersonalNumber("001090012346")
        },
        .qrText("QR text of another name", detail: ["name: DG13, QR text"]) { $0.fullName = "Nguyễn Văn Mình" },
        .qrText("QR text of another birth day", detail: ["birthDate: DG13, QR text"]) {
            $0.birthDate = try day(1990, 3, 16)
        },
        .qrText("QR text of another sex", detail: ["sex: DG13, QR text"]) { $0.sex = .female },
        .qrText("QR text of another issue date", detail: ["issueDate: DG13, QR text"]) {
            $0.issueDate = try day(2021, 4, 21)
        },
        .qrText("QR text of another name than DG1's", without: [.dg13], detail: ["name: DG1, QR text"]) {
            $0.fullName = "Nguyễn Văn Khôi"
        },
        .qrText("QR text of another birth day than DG1's", without: [.dg13], detail: ["birthDate: DG1, QR text"]) {
            $0.birthDate = try day(1990, 3, 16)
        },
        .qrText("QR text of another sex than DG1's", without: [.dg13], detail: ["sex: DG1, QR text"]) {
            $0.sex = .female
        },
    ]

    static let malformed: [Case] = [
        Case("a wrong check digit in DG1", .holderConsistency, .wrongCheckDigit, detail: ["birthDate", "composite"]) {
            // Tag and length of both elements, the first line of thirty, and the birth date stand before its check digit.
            state in try state.evidence { $0[.dg1]?[5 + 30 + 6] ^= 1 }
        },
        Case("a DG1 of two lines", .holderConsistency, .malformedData, detail: ["EF_DG1"]) { state in
            try state.evidence { $0[.dg1] = TLVEncoder.element(0x61, TLVEncoder.element(0x5F1F, [0x49, 0x44])) }
        },
        Case("a DG13 that is no list of fields", .holderConsistency, .malformedData, detail: ["EF_DG13"]) { state in
            try state.evidence { $0[.dg13] = TLVEncoder.element(0x6D, [0x30, 0x05, 0x02]) }
        },
        Case("neither DG1 nor DG13", .holderConsistency, .noData, .notPerformed, .authenticData) { state in
            var evidence = try state.evidence()
            evidence.image[.dg1] = nil
            evidence.image[.dg13] = nil
            return evidence
        },
    ]

    static let index: [Case] = [
        Case("EF.COM with a data group that EF.SOD does not list", .dataGroupsIndex, .indexMismatch, detail: ["DG15"]) {
            state in try state.evidence { $0[.com] = commonData([0x61, 0x75, 0x6D, 0x6E, 0x6F]) }
        },
        Case("EF.COM without a data group that EF.SOD lists", .dataGroupsIndex, .indexMismatch, detail: ["DG14"]) {
            state in try state.evidence { $0[.com] = commonData([0x61, 0x75, 0x6D]) }
        },
        Case("a malformed EF.COM", .dataGroupsIndex, .malformedIndex) { state in
            try state.evidence { $0[.com] = [0x60, 0x02, 0x5C] }
        },
        Case("no EF.COM", .dataGroupsIndex, .noIndex, .notPerformed, .authenticData) { state in
            try state.evidence { $0[.com] = nil }
        },
    ]

    static let downgrade: [Case] = [
        Case("EF.CardAccess without PACE, which DG14 offers", .chipDowngrade, .downgraded, detail: ["13"]) { state in
            try state.evidence { $0[.cardAccess] = TLVEncoder.element(.set, [UInt8]()) }
        },
        Case("EF.CardAccess with a weaker PACE than DG14's", .chipDowngrade, .downgraded, detail: ["13"]) { state in
            let weaker = try weakerCard(state).image[.cardAccess]
            return try state.evidence { $0[.cardAccess] = weaker }
        },
        Case("a malformed EF.CardAccess", .chipDowngrade, .malformedSecurityInfos) { state in
            try state.evidence { $0[.cardAccess] = [0x31, 0x03, 0x30] }
        },
        Case("no EF.CardAccess", .chipDowngrade, .noCardAccess, .notPerformed, .authenticData) { state in
            try state.evidence { $0[.cardAccess] = nil }
        },
        Case("a DG14 that was not read", .chipDowngrade, .notRead, .notPerformed, .authenticData) { state in
            var image = state.card.image
            image[.dg14] = nil
            return Evidence(image: image, date: ForgedState.date)
        },
        Case("a chip without PACE", .chipDowngrade, .notSupportedByChip, .notApplicable, .authenticData) { state in
            var personalisation = Personalisation(.demo)
            personalisation.pace = []
            let card = try personalisation.card(signedBy: state.pki)
            return Evidence(image: card.image, date: ForgedState.date)
        },
    ]

    static let validity: [Case] = [
        Case("a card on the day after its last", .documentExpiry, .expired, .failed, .authenticData) { state in
            try state.evidence(date: ForgedState.moment("2030-03-16"))
        },
        Case("a card on its last day", .documentExpiry, .ok, .passed, .authenticData) { state in
            try state.evidence(date: ForgedState.moment("2030-03-15"))
        },
        Case("a card without end", .documentExpiry, .noExpiry, .passed, .authenticData) { state in
            var citizen = Citizen.demo
            citizen.personalNumber = try PersonalNumber("001050012345")
            citizen.birthDate = try day(1950, 3, 15)
            citizen.expiryDate = nil
            let card = try Personalisation(citizen).card(signedBy: state.pki)
            return Evidence(image: card.image, date: ForgedState.date)
        },
        Case("a card reported lost", .documentLost, .reportedLost, .failed, .authenticData) { state in
            var evidence = try state.evidence()
            evidence.lossReport = .reported
            return evidence
        },
        Case("a card that a registry knows nothing bad of", .documentLost, .ok, .passed, .authenticData) { state in
            var evidence = try state.evidence()
            evidence.lossReport = .none
            return evidence
        },
        Case("no registry asked", .documentLost, .notAsked, .notPerformed, .authenticData) { state in
            try state.evidence()
        },
    ]

    @Test(
        "each contradiction is told by the check that owns it, with its reason and what disagrees, and by no other",
        arguments: dataGroups + numbers + qrTexts + malformed + index + downgrade + validity)
    func contradiction(_ subject: Case) throws {
        let state = try ForgedState.shared()
        let verdict = try state.verdict(subject.make(state))
        let found = try #require(verdict.check(subject.check))
        #expect(found.result == subject.result, "\(verdict.failures)")
        #expect(found.reason == subject.reason, "\(verdict.failures)")
        #expect(verdict.outcome == subject.outcome, "\(verdict.failures)")
        let detail = found.detail.map { "\($0)" } ?? ""
        for part in subject.detail { #expect(detail.contains(part), "\(detail)") }
        verdict.expectNoFailure(but: [subject.check])
    }

    @Test("a card that agrees with itself, its QR text and the number given has no remark")
    func agreement() throws {
        let state = try ForgedState.shared()
        var evidence = try state.evidence()
        evidence.qrText = try QRText(Citizen.demo.qrText)
        evidence.personalNumber = Citizen.demo.personalNumber
        evidence.lossReport = .none
        let verdict = try state.verdict(evidence)
        verdict.expectNoFailure()
        for check in [CheckIdentifier.holderConsistency, .dataGroupsIndex, .chipDowngrade, .documentLost] {
            #expect(verdict.check(check)?.reason == .ok, "\(check)")
        }
        #expect(verdict.validity.isEmpty)
    }

    @Test("expired and lost are told together, beside an outcome that stays")
    func expiredAndLost() throws {
        let state = try ForgedState.shared()
        var evidence = try state.evidence(date: ForgedState.moment("2030-03-16"))
        evidence.lossReport = .reported
        let verdict = try state.verdict(evidence)
        #expect(verdict.outcome == .authenticData)
        #expect(Set(verdict.validity) == [.expired, .reportedLost])
    }

    @Test("a holder whose card says something else, or whom nobody proved, is not called proven")
    func unprovenHolder() throws {
        let state = try ForgedState.shared()
        var evidence = try state.evidence()
        #expect(try state.verdict(evidence).holder?.isProven == true)
        #expect(CardVerifier(trust: TrustStore()).verify(evidence).holder?.isProven == false)
        evidence.personalNumber = try PersonalNumber("001090012346")
        #expect(try state.verdict(evidence).holder?.isProven == false)
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) throws -> CalendarDate {
        try #require(CalendarDate(year: year, month: month, day: day))
    }

    private static func commonData(_ tags: [UInt8]) -> [UInt8] {
        TLVEncoder.element(
            0x60,
            [
                TLVEncoder.element(0x5F01, Array("0107".utf8)), TLVEncoder.element(0x5F36, Array("040000".utf8)),
                TLVEncoder.element(0x5C, tags),
            ])
    }

    private static func weakerCard(_ state: ForgedState) throws -> PersonalisedCard {
        var personalisation = Personalisation(.demo)
        personalisation.pace = [PACEOffer(cipher: .tripleDES, parameterID: 8)]
        return try personalisation.card(signedBy: state.pki)
    }
}

extension ForgedState {
    /// The card as `change` leaves it, with an EF.SOD that is right for what it then holds.
    fileprivate func evidence(
        date: Date = date, change: (inout CardImage) throws -> Void = { _ in }
    ) throws -> Evidence {
        var image = card.image
        try change(&image)
        image[.sod] = try ForgedSecurityObject(over: image, signer: pki.documentSigner).file()
        return Evidence(image: image, date: date)
    }

    fileprivate func verdict(_ evidence: Evidence) throws -> Verdict {
        var trust = TrustStore()
        try trust.add(Certificate(der: pki.countrySigner.certificate))
        return CardVerifier(trust: trust).verify(evidence)
    }
}

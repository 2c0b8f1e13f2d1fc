import CardReader
import Crypto
import Document
import Simulator
import Testing
import Verifier

/// One of the ways in which Doc 9303 lets a chip be opened and prove itself.
struct Combination: Sendable, CustomTestStringConvertible {
    enum Proof: String, CaseIterable, Sendable {
        case none, chip, active
    }

    /// How the chip opens; nil for basic access control.
    let offer: PACEOffer?
    let proof: Proof
    /// The group and the cipher of chip authentication.
    let proofParameters: Int
    let proofCipher: CipherAlgorithm

    /// Every mapping in every group with every cipher, and basic access control, each with no, chip and active
    /// authentication. Chip authentication runs in the same group with the same cipher, so that it meets all, too.
    static let all: [Combination] =
        PACEOffer.all.flatMap { offer in
            Proof.allCases.map {
                Combination(
                    offer: offer, proof: $0, proofParameters: offer.parameterID, proofCipher: offer.cipher)
            }
        }
        + Proof.allCases.flatMap { proof in
            CipherAlgorithm.allCases.flatMap { cipher in
                [13, 1].map { Combination(offer: nil, proof: proof, proofParameters: $0, proofCipher: cipher) }
            }
        }

    var testDescription: String {
        let access = offer.map { "PACE \($0.mapping), group \($0.parameterID), \($0.cipher.rawValue)" } ?? "BAC"
        return "\(access), \(proof) authentication (\(proofParameters), \(proofCipher.rawValue))"
    }

    func card() throws -> PersonalisedCard {
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups = proof == .active ? [1, 13, 14, 15] : [1, 13, 14]
        personalisation.pace = offer.map { [$0] } ?? []
        personalisation.chipAuthenticationKeys = []
        switch proof {
        case .none: break
        case .chip:
            personalisation.chipAuthenticationKeys = [
                try ChipAuthenticationKey(newWithParameters: proofParameters, cipher: proofCipher)
            ]
        case .active:
            personalisation.activeAuthentication = try Self.activeKeys.get()[proofParameters.isMultiple(of: 2) ? 1 : 0]
        }
        return try personalisation.card(signedBy: TestState.shared.state)
    }

    private static let activeKeys = Result {
        [
            try ActiveAuthenticationKey(new: .ec(.brainpoolP256r1), digest: .sha256),
            try ActiveAuthenticationKey(new: .rsa(bits: 2048), digest: .sha256),
        ]
    }

    /// A key that opens the card, and one that does not.
    func key(to card: PersonalisedCard, isRight: Bool) throws -> AccessKey {
        guard offer == nil else {
            return .personalNumber(isRight ? card.citizen.personalNumber : try PersonalNumber("001090054321"))
        }
        let zone = try #require(card.image[.dg1])
        let fields = try DataGroup1(zone.span).mrz.accessFields
        return isRight
            ? .mrz(fields)
            : .mrz(
                try AccessFields(
                    documentNumber: fields.documentNumber, birthDate: fields.birthDate, expiryDate: "300316"))
    }

    /// Reads with the right key and judges, after the wrong one was refused.
    func check(_ card: PersonalisedCard, read: (ReadRequest) throws -> ChipRead) throws {
        do { try checkReads(card, read: read) } catch { Issue.record("\(testDescription): \(error)") }
    }

    private func checkReads(_ card: PersonalisedCard, read: (ReadRequest) throws -> ChipRead) throws {
        let error = #expect(throws: CardReaderError.self) {
            _ = try read(ReadRequest(key: key(to: card, isRight: false), proofs: .all))
        }
        guard case .wrongKey? = error else {
            Issue.record("\(testDescription): \(String(describing: error))")
            return
        }
        let found = try read(
            ReadRequest(key: key(to: card, isRight: true), proofs: proof == .none ? .none : .all))
        expectAccess(found.access)
        for file in [ElementaryFile.com, .sod, .dg1, .dg13, .dg14] {
            #expect(found.image[file] == card.image[file], "\(testDescription): \(file)")
        }
        #expect(found.unread.isEmpty, "\(testDescription): \(found.unread)")

        var trust = TrustStore()
        try trust.add(Certificate(der: TestState.shared.anchor))
        let verdict = CardVerifier(trust: trust).verify(Evidence(image: found.image, proofs: found.proofs))
        // Chip authentication mapping proves the chip by the way, where a proof is asked for.
        #expect(
            verdict.outcome == (proof == .none ? .authenticData : .genuine), "\(testDescription): \(verdict.checks)")
        switch proof {
        case .none: break
        case .chip: #expect(verdict.check(.chipAuthentication)?.result == .passed, "\(testDescription)")
        case .active: #expect(verdict.check(.chipActiveAuthentication)?.result == .passed, "\(testDescription)")
        }
    }

    private func expectAccess(_ access: AccessMethod) {
        switch (offer, access) {
        case (nil, .basicAccessControl): break
        case (let offer?, .pace(_, let parameterID, password: .can)):
            #expect(parameterID == offer.parameterID, "\(testDescription)")
        default: Issue.record("\(testDescription): \(access)")
        }
    }
}

import CardReader
import Crypto
import Document
import Simulator
import Testing
import Verifier

@Suite("A terminal with the State's rights")
struct TerminalRightsTests {
    private func card(
        _ terminals: TerminalPKI, pace: [PACEOffer], chipParameters: Int
    ) throws -> PersonalisedCard {
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups = [1, 3, 4, 13, 14]
        personalisation.pace = pace
        personalisation.terminalTrust = terminals.trust
        personalisation.chipAuthenticationKeys = [try ChipAuthenticationKey(newWithParameters: chipParameters)]
        return try personalisation.card(signedBy: TestState.shared.state)
    }

    private func read(
        _ card: PersonalisedCard, _ terminals: TerminalPKI, proofs: ReadRequest.Proofs = .one
    ) throws -> ChipRead {
        var request = ReadRequest(key: .qr(try QRText(Citizen.demo.qrText)), proofs: proofs)
        request.terminalCredentials = try TerminalCredentials(
            certificates: terminals.verifierCertificate + terminals.terminalCertificate,
            privateKey: terminals.terminalKey.privateKey.pkcs8.bytes)
        return try ChipReader(channel: VirtualChannel(VirtualCard(card))).read(request)
    }

    @Test(
        "is given fingerprints after every access and either chip authentication, by ECDSA and by RSA",
        arguments: [13, 0, 2], [true, false])
    func fingerprints(_ chipParameters: Int, isRSA: Bool) throws {
        var options = TerminalPKI.Options()
        if isRSA {
            options.keyKind = .rsa(bits: 2048)
            options.scheme = .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32)
        }
        let terminals = try TerminalPKI(options)
        for pace in [[PACEOffer.card], [PACEOffer(mapping: .integrated, parameterID: 0)], []] {
            let card = try card(terminals, pace: pace, chipParameters: chipParameters)
            let found = try read(card, terminals)
            #expect(found.terminalAuthentication == .succeeded, "\(pace)")
            #expect(found.image[.dg3] == card.image[.dg3])
            #expect(found.image[.dg4] == card.image[.dg4])
        }
    }

    @Test("needs no chip authentication after its mapping")
    func mapping() throws {
        let terminals = try TerminalPKI()
        let card = try card(
            terminals, pace: [PACEOffer(mapping: .chipAuthentication)], chipParameters: 13)
        let found = try read(card, terminals)
        #expect(found.terminalAuthentication == .succeeded)
        #expect(found.image[.dg3] == card.image[.dg3])
    }

    @Test("of another State, or whose certificates are over, is given all but DG3 and DG4")
    func refused() throws {
        let terminals = try TerminalPKI()
        let card = try card(terminals, pace: [.card], chipParameters: 13)
        for others in [
            try TerminalPKI(), try TerminalPKI(terminal: { $0.expirationDate = $0.effectiveDate }),
        ] {
            let found = try read(card, others)
            guard case .refused = found.terminalAuthentication else {
                Issue.record("\(found.terminalAuthentication)")
                continue
            }
            #expect(found.unread.map(\.file) == [.dg3, .dg4])
            #expect(found.image[.dg13] == card.image[.dg13])
        }
    }
}

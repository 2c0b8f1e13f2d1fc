import Crypto
import Document
import Testing

@testable import Simulator

@Suite("Terminal authentication, the chip's side")
struct TerminalAuthenticationTests {
    private static let pki = Result { try TestPKI() }

    /// A terminal with a session after BAC and chip authentication, and Comp() of its ephemeral key.
    private func opened(_ trust: TerminalTrust?) throws -> (TestTerminal, identifier: [UInt8]) {
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups.formUnion([3, 4])
        personalisation.terminalTrust = trust
        let card = try personalisation.card(signedBy: Self.pki.get())
        let terminal = TestTerminal(VirtualCard(card))
        try terminal.selectApplication()
        #expect(try terminal.openBAC(card.secrets.mrzInformation) == "9000")
        let key = try #require(card.secrets.chipAuthenticationKeys.first)
        let group = try ECGroup(.brainpoolP256r1)
        let secret = try group.randomScalar()
        let publicKey = try group.multiplyGenerator(by: secret)
        #expect(
            try terminal.secure("002241A40C800A" + Hexadecimal.text(key.identifier.content)) == [0x90, 0x00])
        #expect(
            try terminal.secure("00860000457C438041" + Hexadecimal.text(publicKey.encoded) + "00") == [
                0x7C, 0x00, 0x90, 0x00,
            ])
        let shared = try group.multiply(group.multiplyGenerator(by: key.secret), by: secret).x
        terminal.start(try SessionKeys(secret: shared, cipher: .aes128))
        return (terminal, publicKey.x)
    }

    /// Sends a command; the status word.
    private func send(_ terminal: TestTerminal, _ header: String, _ data: [UInt8]) throws -> String {
        let length = [0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)]
        let answer = try terminal.secure(
            header + Hexadecimal.text(length) + Hexadecimal.text(data), isExtended: true)
        return Hexadecimal.text(answer.suffix(2))
    }

    /// Shows certificates until one is refused; the status word of the last.
    private func show(_ terminal: TestTerminal, _ certificates: [[UInt8]]) throws -> String {
        for bytes in certificates {
            let certificate = try CardVerifiableCertificate(bytes)
            let selected = try send(
                terminal, "002281B6", TLVEncoder.element(0x83, certificate.authorityReference))
            guard selected == "9000" else { return selected }
            let verified = try send(terminal, "002A00BE", certificate.body + certificate.signature)
            guard verified == "9000" else { return verified }
        }
        return "9000"
    }

    /// The whole protocol; the status word at which it ended.
    private func authenticate(
        _ terminal: TestTerminal, _ identifier: [UInt8], _ terminals: TerminalPKI, chipIdentifier: String
    ) throws -> String {
        let shown = try show(terminal, [terminals.verifierCertificate, terminals.terminalCertificate])
        guard shown == "9000" else { return shown }
        let reference = TLVEncoder.element(0x83, Array(TerminalPKI.references.terminal.utf8))
        #expect(try send(terminal, "002281A4", reference) == "9000")
        let challenge = try terminal.secure("0084000008").dropLast(2)
        let signature = try terminals.terminalKey.plainSignature(
            over: Array(chipIdentifier.utf8) + challenge + identifier)
        return try send(terminal, "00820000", signature)
    }

    private func readsFingerprints(_ terminal: TestTerminal) throws -> Bool {
        try terminal.secure("00B0830004").count == 6
    }

    @Test(
        "the chain's signature opens DG3 and DG4, by ECDSA and by RSA",
        arguments: [
            SignatureScheme.ecdsa(.sha256), .ecdsa(.sha512), .rsaPKCS1(.sha256),
            .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32),
        ])
    func schemes(_ scheme: SignatureScheme) throws {
        var options = TerminalPKI.Options()
        options.scheme = scheme
        if case .ecdsa = scheme {} else { options.keyKind = .rsa(bits: 2048) }
        let terminals = try TerminalPKI(options)
        let (terminal, identifier) = try opened(terminals.trust)
        #expect(try !readsFingerprints(terminal))
        #expect(try authenticate(terminal, identifier, terminals, chipIdentifier: number) == "9000")
        #expect(try readsFingerprints(terminal))
        #expect(try terminal.secure("00B0840004").count == 6)
    }

    /// The demo's document number with its check digit.
    private var number: String { String(MachineReadableZoneWriter(.demo).information.prefix(10)) }

    @Test("a terminal reads only what every certificate of its chain allows")
    func rights() throws {
        var options = TerminalPKI.Options()
        options.rights = [.irises]
        let irises = try TerminalPKI(options)
        let (terminal, identifier) = try opened(irises.trust)
        #expect(try authenticate(terminal, identifier, irises, chipIdentifier: number) == "9000")
        #expect(try !readsFingerprints(terminal))
        #expect(try terminal.secure("00B0840004").count == 6)

        let narrowed = try TerminalPKI(verifier: { $0.rights = [] })
        let (other, otherIdentifier) = try opened(narrowed.trust)
        #expect(try authenticate(other, otherIdentifier, narrowed, chipIdentifier: number) == "9000")
        #expect(try !readsFingerprints(other))
    }

    @Test("a signature over another session, or by another terminal, opens nothing")
    func signature() throws {
        let terminals = try TerminalPKI()
        let (terminal, identifier) = try opened(terminals.trust)
        #expect(try authenticate(terminal, identifier.reversed(), terminals, chipIdentifier: number) == "6300")
        #expect(try !readsFingerprints(terminal))
        let (second, secondIdentifier) = try opened(terminals.trust)
        #expect(try authenticate(second, secondIdentifier, terminals, chipIdentifier: "0000000000") == "6300")
        let (third, thirdIdentifier) = try opened(terminals.trust)
        let stranger = try TerminalPKI()
        #expect(try authenticate(third, thirdIdentifier, stranger, chipIdentifier: number) == "6300")
    }

    @Test("certificates that are over, or give a role that their issuer may not give, are refused")
    func chain() throws {
        let past = try TerminalPKI(terminal: { $0.expirationDate = .constant(2021, 1, 2) })
        #expect(try show(opened(past.trust).0, [past.verifierCertificate, past.terminalCertificate]) == "6300")
        let promoted = try TerminalPKI(terminal: { $0.role = .domesticVerifier })
        #expect(
            try show(opened(promoted.trust).0, [promoted.verifierCertificate, promoted.terminalCertificate]) == "6300")
        let direct = try TerminalPKI(verifier: { $0.role = .inspectionSystem })
        #expect(try show(opened(direct.trust).0, [direct.verifierCertificate]) == "6300")
        let good = try TerminalPKI()
        #expect(try show(opened(good.trust).0, [good.terminalCertificate]) == "6A88")
        #expect(try show(opened(nil).0, [good.verifierCertificate]) == "6A88")
    }

    @Test("a certificate that becomes valid later moves the chip's date, and ends those before it")
    func date() throws {
        let terminals = try TerminalPKI(terminal: { $0.effectiveDate = .constant(2047, 1, 1) })
        var authenticator = TerminalAuthenticator(terminals.trust, issued: .constant(2021, 4, 20))
        authenticator.restart(terminalIdentifier: [1])
        for bytes in [terminals.verifierCertificate, terminals.terminalCertificate] {
            let certificate = try CardVerifiableCertificate(bytes)
            try authenticator.selectVerifying(certificate.authorityReference)
            try authenticator.verify(certificate.body + certificate.signature)
        }
        #expect(authenticator.date == .constant(2047, 1, 1))
    }

    @Test("terminal authentication comes after chip authentication, and EF.CVCA tells whom the chip trusts")
    func order() throws {
        let terminals = try TerminalPKI()
        var personalisation = Personalisation(.demo)
        personalisation.terminalTrust = terminals.trust
        let card = try personalisation.card(signedBy: Self.pki.get())
        let terminal = TestTerminal(VirtualCard(card))
        try terminal.selectApplication()
        #expect(try terminal.openBAC(card.secrets.mrzInformation) == "9000")
        #expect(try show(terminal, [terminals.verifierCertificate]) == "6982")
        let file = try terminal.secure("00B09C0000")
        let reference = Array(TerminalPKI.references.authority.utf8)
        #expect(file.starts(with: [0x42, UInt8(reference.count)] + reference))
        #expect(file.count == 36 + 2)
    }
}

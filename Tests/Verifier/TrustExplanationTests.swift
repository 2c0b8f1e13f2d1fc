import Crypto
import Document
import FoundationEssentials
import Simulator
import TestSupport
import Testing
import Verifier

@Suite("Explaining trust")
struct TrustExplanationTests {
    private let state: ForgedState

    init() throws { state = try ForgedState.shared() }

    private static func explain(
        _ image: CardImage, trusting anchors: [[UInt8]], date: Date = ForgedState.date
    ) throws -> TrustExplanation {
        var trust = TrustStore()
        for anchor in anchors { try trust.add(Certificate(der: anchor), source: "test") }
        let evidence = Evidence(image: image, date: date)
        let explanation = CardVerifier(trust: trust).explainTrust(evidence)
        // Whatever is explained must be what the verdict says.
        let verdict = CardVerifier(trust: trust).verify(evidence)
        if let principal = explanation.signers.first(where: \.isPrincipal) {
            #expect(principal.chain == verdict.check(.signerChain)?.reason)
            let chosen = principal.certificates.first(where: \.isChosen)
            #expect(chosen?.certificate.subject == verdict.signer?.subject)
            #expect(chosen?.anchors.first(where: \.isChosen)?.certificate.subject == verdict.signer?.trustAnchor)
        }
        return explanation
    }

    /// The one certificate of the one signer.
    private static func certificate(_ explanation: TrustExplanation) throws -> TrustExplanation.SignerCertificate {
        try #require(explanation.signers.first?.certificates.first)
    }

    /// The names of `TestPKI` with their attributes the other way round.
    private static func reversed(_ commonName: String) -> CertificateName {
        let options = TestPKI.Options()
        return CertificateName(attributes: [
            CertificateName.Attribute(CertificateName.commonName, commonName),
            CertificateName.Attribute(CertificateName.organisationName, options.organisation),
            CertificateName.Attribute(CertificateName.countryName, options.country, isPrintable: true),
        ])
    }

    /// The CSCA's key under another certificate.
    private func sibling(_ adjust: (inout CertificateTemplate) throws -> Void) throws -> [UInt8] {
        let certificate = try Certificate(der: state.pki.countrySigner.certificate)
        let name = CertificateName(country: "VN", organisation: "cccd simulator", commonName: "Test CSCA")
        var template = CertificateTemplate(
            serialNumber: [0x42], issuer: name, subject: name,
            notBefore: .startOfDay(try CalendarDate.day("2021-01-01")),
            notAfter: .endOfDay(try CalendarDate.day("2040-01-01")),
            subjectPublicKeyInfo: certificate.subjectPublicKeyInfo,
            extensions: [
                .keyUsage([.keyCertSign, .crlSign]), .basicConstraints(isAuthority: true, pathLength: 0),
                .subjectKeyIdentifier(certificate.subjectKeyIdentifier ?? []),
            ])
        try adjust(&template)
        return try template.signed(by: state.pki.countrySigner.key)
    }

    @Test("a right card is explained by its own CSCA, with nothing against it")
    func rightCard() throws {
        let explanation = try Self.explain(state.card.image, trusting: [state.pki.countrySigner.certificate])
        let certificate = try Self.certificate(explanation)
        #expect(explanation.signers.map(\.chain) == [.ok])
        #expect(certificate.isChosen && certificate.origin == "securityObject" && certificate.signature == "valid")
        let anchor = try #require(certificate.anchors.first)
        #expect(anchor.isChosen && anchor.faults.isEmpty && anchor.deviations.isEmpty && anchor.source == "test")
        #expect(explanation.signers.first?.revocationList == nil)
        #expect(try JSONDecoder().decode(TrustExplanation.self, from: JSONEncoder().encode(explanation)) == explanation)
    }

    @Test("an issuer's name in another order is tolerated, and both the verdict and the explanation tell")
    func issuerNameOrder() throws {
        let pki = try state.pki.withNewDocumentSigner(documentSigner: { $0.issuer = Self.reversed("Test CSCA") })
        let object = try ForgedSecurityObject(over: state.card.image, signer: pki.documentSigner).file()
        let verdict = try state.verdict(object)
        #expect(verdict.outcome == .authenticData)
        #expect(verdict.check(.signerChain)?.detail == .list(["issuerNameOrder"]))
        let explanation = try Self.explain(state.image(object), trusting: [state.pki.countrySigner.certificate])
        #expect(explanation.signers.first?.chain == .okWithTolerances)
        #expect(try Self.certificate(explanation).anchors.first?.deviations == ["issuerNameOrder"])
    }

    @Test("a signer identifier with the issuer's name in another order is tolerated and told")
    func identifierNameOrder() throws {
        var object = try state.securityObject()
        let serial = try Certificate(der: state.pki.documentSigner.certificate).serialNumberContent
        object.signers[0].identifier = .element(
            DERWriter.sequence(Self.reversed("Test CSCA").encoded, TLVEncoder.element(.integer, serial)))
        let verdict = try state.verdict(object)
        #expect(verdict.outcome == .authenticData)
        #expect(verdict.check(.sodSignature)?.reason == .okWithTolerances)
        #expect(verdict.check(.sodSignature)?.detail == .list(["issuerNameOrder"]))
        #expect(verdict.check(.signerChain)?.reason == .ok)
    }

    @Test("an authority key identifier of another certificate is tolerated and told")
    func authorityKeyIdentifier() throws {
        let pki = try state.pki.withNewDocumentSigner(documentSigner: {
            $0[CertificateExtension.Identifier.authorityKeyIdentifier] = .authorityKeyIdentifier([1, 2, 3])
        })
        let object = try ForgedSecurityObject(over: state.card.image, signer: pki.documentSigner).file()
        let verdict = try state.verdict(object)
        #expect(verdict.outcome == .authenticData)
        #expect(verdict.check(.signerChain)?.detail == .list(["authorityKeyIdentifier"]))
    }

    @Test("an anchor with the issuer's name and another key is named with the reason why not")
    func otherKey() throws {
        let stranger = try TestPKI()
        let explanation = try Self.explain(state.card.image, trusting: [stranger.countrySigner.certificate])
        let anchor = try #require(try Self.certificate(explanation).anchors.first)
        #expect(explanation.signers.first?.chain == .notIssuedByTrustedKey)
        #expect(!anchor.isChosen && anchor.faults == ["notSignedByKey"])
        #expect(anchor.deviations == ["authorityKeyIdentifier"])
    }

    @Test("of the certificates of the CSCA's key the one without faults is chosen, and the others' faults are told")
    func siblings() throws {
        let expired = try sibling { $0.notAfter = .endOfDay(try CalendarDate.day("2023-12-31")) }
        let future = try sibling { $0.notBefore = .startOfDay(try CalendarDate.day("2030-01-01")) }
        let noAuthority = try sibling {
            $0.extensions.removeAll { $0.identifier == CertificateExtension.Identifier.basicConstraints }
        }
        let noUsage = try sibling { $0[CertificateExtension.Identifier.keyUsage] = .keyUsage([.crlSign]) }
        let anchors = [expired, future, noAuthority, noUsage, state.pki.countrySigner.certificate]
        let explained = try Self.certificate(try Self.explain(state.card.image, trusting: anchors)).anchors
        #expect(
            explained.map(\.faults) == [["expired"], ["notYetValid"], ["notAuthority"], ["noCertificateSigning"], []])
        #expect(explained.map(\.isChosen) == [false, false, false, false, true])
    }

    @Test("when nobody has the issuer's name, the anchors of the same country are named")
    func unknownIssuer() throws {
        var options = TestPKI.Options()
        options.countrySignerName = "Another CSCA"
        let other = try TestPKI(options)
        options.country = "LA"
        let foreign = try TestPKI(options)
        let explanation = try Self.explain(
            state.card.image, trusting: [other.countrySigner.certificate, foreign.countrySigner.certificate])
        let signer = try #require(explanation.signers.first)
        #expect(signer.chain == .unknownIssuer && signer.certificates.first?.anchors == [])
        #expect(signer.anchorsOfSameCountry.count == 1 && signer.anchorsOfSameCountry[0].contains("Another CSCA"))
        #expect(TrustExplanationText.lines(of: explanation, language: .english).joined().contains("Another CSCA"))
    }

    @Test("without a readable EF.SOD the explanation says so in one line")
    func noSecurityObject() throws {
        for file in [nil, [0x77, 0x01]] as [[UInt8]?] {
            var image = state.card.image
            image[.sod] = file
            let explanation = try Self.explain(image, trusting: [])
            #expect(explanation.signers.isEmpty && explanation.securityObject.result != .passed)
            #expect(TrustExplanationText.lines(of: explanation, language: .english).count == 1)
        }
    }

    @Test("the explanation tells the same in Vietnamese, and the day as it is written there")
    func vietnamese() throws {
        let explanation = try Self.explain(state.card.image, trusting: [state.pki.countrySigner.certificate])
        let english = TrustExplanationText.lines(of: explanation, language: .english)
        let vietnamese = TrustExplanationText.lines(of: explanation, language: .vietnamese)
        #expect(vietnamese.count == english.count)
        #expect(vietnamese.contains("    ✓ neo tin cậy lấy từ test"))
        #expect(english.contains("    ✓ trust anchor from test"))
        let day = explanation.date.split(separator: "-").reversed().joined(separator: "/")
        #expect(vietnamese.first == "chứng thư số được xét tại ngày \(day); số neo tin cậy: 1")
    }

    @Test("no line of an explanation holds a line break or an escape")
    func hostileNames() throws {
        var options = TestPKI.Options()
        options.documentSignerName = "Signer\u{1B}[2J\nforged line"
        let pki = try state.pki.withNewDocumentSigner(options)
        let object = try ForgedSecurityObject(over: state.card.image, signer: pki.documentSigner).file()
        let explanation = try Self.explain(state.image(object), trusting: [state.pki.countrySigner.certificate])
        for line in TrustExplanationText.lines(of: explanation, language: .english) {
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(line)")
        }
    }

    @Test(
        "what is explained of a real chain is what the verdict says",
        .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"),
        arguments: RealChain.all)
    func realChains(_ chain: RealChain) throws {
        let anchors = RealChain.all.map(\.anchor)
        let explanation = try Self.explain(
            CardImage(files: [.sod: chain.securityObject]), trusting: anchors, date: RealChain.date)
        #expect([.ok, .okWithTolerances].contains(explanation.signers.first?.chain))
        // Australia's signer names another certificate of the CSCA's key by its serial number.
        #expect((explanation.signers.first?.chain == .okWithTolerances) == chain.name.hasPrefix("AU"))
    }
}

extension CalendarDate {
    /// The day that `text` names, which must be one.
    fileprivate static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(iso: text)) }
}

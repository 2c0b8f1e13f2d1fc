import Crypto
import Document
import Foundation
import Simulator
import TestSupport
import Testing
import Verifier

@Suite("Attacks with a signer's certificate")
struct AttacksOnSignerTests {
    private let state: ForgedState

    init() throws { state = try ForgedState.shared() }

    /// An EF.SOD over the card by another signer under the trusted CSCA.
    private func verdict(
        _ options: TestPKI.Options = TestPKI.Options(), _ adjust: (inout CertificateTemplate) -> Void
    ) throws -> Verdict {
        let pki = try state.pki.withNewDocumentSigner(options, documentSigner: adjust)
        return try state.verdict(ForgedSecurityObject(over: state.card.image, signer: pki.documentSigner))
    }

    @Test("a signer under a trusted CSCA without document-signing usage is refused by the usage check")
    func usage() throws {
        let usages: [CertificateExtension?] = [
            nil, .keyUsage([.keyAgreement]), .keyUsage([.crlSign]), .keyUsage([.nonRepudiation]),
        ]
        for usage in usages {
            try verdict { $0[CertificateExtension.Identifier.keyUsage] = usage }
                .expectRefusal(by: .signerUsage, .signerUsageMismatch)
        }
    }

    @Test("a signer under a trusted CSCA who may sign certificates is refused by the usage check")
    func authority() throws {
        try verdict { $0.extensions.append(.basicConstraints(isAuthority: true, pathLength: 0)) }
            .expectRefusal(by: .signerUsage, .signerIsAuthority)
        try verdict {
            $0[CertificateExtension.Identifier.keyUsage] = .keyUsage([.digitalSignature, .keyCertSign])
        }.expectRefusal(by: .signerUsage, .signerUsageMismatch)
    }

    @Test("the trusted CSCA itself as signer of a document is refused by the chain's check")
    func countrySignerItself() throws {
        try state.verdict(ForgedSecurityObject(over: state.card.image, signer: state.pki.countrySigner))
            .expectRefusal(by: .signerChain, .selfSignedSigner)
    }

    @Test("a signer of another country than its CSCA's, or than DG1's issuing State, is refused by the usage check")
    func country() throws {
        var options = TestPKI.Options()
        options.country = "LA"
        try verdict(options) { _ in }.expectRefusal(by: .signerUsage, .countryMismatch)
        let foreign = try TestPKI(options)
        var image = state.card.image
        image[.sod] = try ForgedSecurityObject(over: image, signer: foreign.documentSigner).file()
        try ForgedState.verdict(image, trusting: [foreign.countrySigner.certificate])
            .expectRefusal(by: .signerUsage, .countryMismatch)
    }

    @Test("a signer and a CSCA without any country are refused by the usage check")
    func noCountry() throws {
        func nameless(_ name: String) -> CertificateName {
            CertificateName(attributes: [CertificateName.Attribute(CertificateName.commonName, name)])
        }
        let pki = try TestPKI(
            countrySigner: { ($0.issuer, $0.subject) = (nameless("CSCA"), nameless("CSCA")) },
            documentSigner: { $0.subject = nameless("DSC") })
        let image = try Personalisation(.demo).card(signedBy: pki).image
        try ForgedState.verdict(image, trusting: [pki.countrySigner.certificate])
            .expectRefusal(by: .signerUsage, .countryMismatch)
    }

    @Test(
        "of two signers' certificates with one subject, the one that signed is found, though the wrong one comes first")
    func twoWithOneSubject() throws {
        let other = try state.pki.withNewDocumentSigner()
        var object = try state.securityObject()
        object.certificates = [other.documentSigner.certificate, state.pki.documentSigner.certificate]
        #expect(try state.verdict(object).outcome == .authenticData)
        object.signers[0].sign = { try other.documentSigner.key.sign($0) }
        try state.verdict(object).expectRefusal(by: .sodSignature, .wrongSignature)
    }

    /// A certificate of the attacker's own key that claims the issuer and the serial number of the true signer's.
    private func doppelganger() throws -> CertifiedKey {
        let (key, genuine) = (
            try SigningKey(new: .ec(.brainpoolP256r1), scheme: .ecdsa(.sha256)), state.pki.documentSigner.certificate
        )
        let body = try DERWriter.children(try DERWriter.children(genuine)[0])
        let template = CertificateTemplate(
            serialNumber: Array(body[1].dropFirst(2)), issuer: CertificateName(encoded: body[3]),
            subject: CertificateName(encoded: body[5]), notBefore: .startOfDay(TestPKI.Options().validFrom),
            notAfter: .endOfDay(TestPKI.Options().documentSignerValidTo),
            subjectPublicKeyInfo: try key.subjectPublicKeyInfo,
            extensions: [.keyUsage([.digitalSignature])])
        return CertifiedKey(key: key, certificate: try template.signed(by: key))
    }

    @Test("a forged certificate with the true signer's issuer and serial number lends its signature to nobody's chain")
    func doppelgangerCertificate() throws {
        let (forged, genuine) = (try doppelganger(), state.pki.documentSigner.certificate)
        for certificates in [[forged.certificate, genuine], [genuine, forged.certificate], [forged.certificate]] {
            var object = try ForgedSecurityObject(over: state.card.image, signer: forged)
            object.certificates = certificates
            try state.verdict(object).expectRefusal(by: .signerChain, .notIssuedByTrustedKey)
        }
        var object = try state.securityObject()
        object.certificates = [forged.certificate, genuine]
        #expect(try state.verdict(object).outcome == .authenticData)
    }

    @Test("a self-signed signer is refused by the chain's check, under whatever name")
    func selfSigned() throws {
        let key = try SigningKey(new: .ec(.brainpoolP256r1), scheme: .ecdsa(.sha256))
        let names = [
            CertificateName(country: "VN", organisation: "cccd simulator", commonName: "Test Document Signer"),
            CertificateName(country: "VN", organisation: "cccd simulator", commonName: "Test CSCA"),
        ]
        for name in names {
            let template = CertificateTemplate(
                serialNumber: [0x41, 1], issuer: name, subject: name,
                notBefore: .startOfDay(TestPKI.Options().validFrom),
                notAfter: .endOfDay(TestPKI.Options().documentSignerValidTo),
                subjectPublicKeyInfo: try key.subjectPublicKeyInfo, extensions: [.keyUsage([.digitalSignature])])
            let signer = CertifiedKey(key: key, certificate: try template.signed(by: key))
            try state.verdict(ForgedSecurityObject(over: state.card.image, signer: signer))
                .expectRefusal(by: .signerChain, .selfSignedSigner)
        }
    }

    @Test("a signer under a CSCA of the trusted one's name and another key is refused by the chain's check")
    func namesakeCSCA() throws {
        let namesake = try TestPKI()
        var object = try ForgedSecurityObject(over: state.card.image, signer: namesake.documentSigner)
        try state.verdict(object).expectRefusal(by: .signerChain, .notIssuedByTrustedKey)
        object.certificates.append(namesake.countrySigner.certificate)
        try state.verdict(object).expectRefusal(by: .signerChain, .notIssuedByTrustedKey)
        object.certificates.insert(object.certificates.removeLast(), at: 0)
        try state.verdict(object).expectRefusal(by: .signerChain, .notIssuedByTrustedKey)
    }

    @Test("a signer under another signer whom the CSCA certified is refused by the chain's check")
    func signerUnderSigner() throws {
        let chained = TestPKI(countrySigner: state.pki.documentSigner, documentSigner: state.pki.documentSigner)
        var options = TestPKI.Options()
        options.documentSignerName = "Another Test Document Signer"
        let signer = try chained.withNewDocumentSigner(options).documentSigner
        var object = try ForgedSecurityObject(over: state.card.image, signer: signer)
        object.certificates.append(state.pki.documentSigner.certificate)
        let verdict = try state.verdict(object)
        #expect(verdict.check(.signerChain)?.result != .passed)
        #expect(verdict.check(.signerChain)?.reason == .unknownIssuer)
        #expect(verdict.outcome == .unverified)
    }

    @Test("a certificate in EF.SOD that stands in the trust store as a signer is no anchor by that")
    func storedSignerIsNoAnchor() throws {
        let stranger = try TestPKI()
        let certificate = try Certificate(der: stranger.documentSigner.certificate)
        let object = try ForgedSecurityObject(over: state.card.image, signer: stranger.documentSigner)
        for (anchors, reason) in [
            ([], CheckReason.noTrustAnchors),
            ([state.pki.countrySigner.certificate], .notIssuedByTrustedKey),
        ] {
            var trust = TrustStore()
            try trust.add(signer: certificate)
            for anchor in anchors { try trust.add(Certificate(der: anchor)) }
            let verdict = CardVerifier(trust: trust)
                .verify(Evidence(image: state.image(try object.file()), date: ForgedState.date))
            #expect(verdict.check(.signerChain)?.reason == reason)
            #expect(verdict.check(.signerChain)?.result != .passed)
            #expect(verdict.outcome == (anchors.isEmpty ? .unverified : .invalid))
        }
    }

    @Test("a document signer's certificate is not taken into a trust store as an anchor")
    func signerAsAnchor() throws {
        var trust = TrustStore()
        let certificate = try Certificate(der: state.pki.documentSigner.certificate)
        #expect(throws: TrustStoreError.notAnAuthority(subject: certificate.subject.text)) {
            try trust.add(certificate)
        }
        #expect(trust.hasNoAnchors)
    }

    @Test("a critical extension that nobody knows, in the signer's or the CSCA's certificate, is refused by usage")
    func unknownCriticalExtension() throws {
        let unknown = CertificateExtension(
            ObjectIdentifier([1, 3, 6, 1, 4, 1, 32473, 1]), isCritical: true, value: DERWriter.null)
        try verdict { $0.extensions.append(unknown) }.expectRefusal(by: .signerUsage, .unusableSignerCertificate)
        let pki = try TestPKI(countrySigner: { $0.extensions.append(unknown) })
        let image = try Personalisation(.demo).card(signedBy: pki).image
        try ForgedState.verdict(image, trusting: [pki.countrySigner.certificate])
            .expectRefusal(by: .signerUsage, .anchorUsageMismatch)
    }

    @Test("an extension that stands twice in the signer's certificate is refused by the usage check")
    func doubledExtension() throws {
        try verdict { $0.extensions.append(.keyUsage([.digitalSignature])) }
            .expectRefusal(by: .signerUsage, .unusableSignerCertificate)
        try verdict { $0.extensions.insert(.documentTypeList(["ID", "P"]), at: 0) }
            .expectRefusal(by: .signerUsage, .unusableSignerCertificate)
    }

    @Test("a certificate signed with MD5 is refused by the strength check")
    func weakCertificateSignature() throws {
        // OpenSSL's command line makes what our own keys refuse to.
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func openssl(_ words: String...) throws {
            let result = try ShellCommand.run(["openssl"] + words)
            try #require(result.status == 0, "\(result.errors)")
        }
        func at(_ name: String) -> String { folder.appending(path: name).path }
        try Data("basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n".utf8)
            .write(to: URL(filePath: at("csca.ext")))
        try Data("keyUsage=critical,digitalSignature\n".utf8).write(to: URL(filePath: at("dsc.ext")))
        try openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", at("csca.key"), "-out", at("csca.cer"),
            "-outform",
            "DER", "-subj", "/C=VN/CN=MD5 CSCA", "-sha256", "-days", "3650", "-addext",
            "keyUsage=critical,keyCertSign")
        try openssl(
            "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", at("dsc.key"), "-out", at("dsc.csr"), "-subj",
            "/C=VN/CN=MD5 DSC")
        try openssl(
            "x509", "-req", "-in", at("dsc.csr"), "-CA", at("csca.cer"), "-CAkey", at("csca.key"), "-md5", "-days",
            "3650", "-extfile", at("dsc.ext"), "-outform", "DER", "-out", at("dsc.cer"), "-set_serial", "4660")
        try openssl("pkcs8", "-topk8", "-nocrypt", "-in", at("dsc.key"), "-outform", "DER", "-out", at("dsc.pk8"))
        func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: at(name)))) }
        let signer = CertifiedKey(
            key: SigningKey(try PrivateKey(pkcs8: try bytes("dsc.pk8")), scheme: .rsaPKCS1(.sha256)),
            certificate: try bytes("dsc.cer"))
        var image = state.card.image
        image[.sod] = try ForgedSecurityObject(over: image, signer: signer).file()
        let anchors = [try bytes("csca.cer")]
        try ForgedState.verdict(image, trusting: anchors, date: Date())
            .expectRefusal(by: .signerStrength, .weakAlgorithm)
    }
}

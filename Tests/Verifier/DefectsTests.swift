import Crypto
import Document
import Foundation
import Simulator
import Testing
import Verifier

@Suite("Defects of a chain")
struct DefectsTests {
    /// One fixture: a State with a defect, and what the check that owns the defect must say.
    struct Defect: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var check: CheckIdentifier
        var result = CheckResult.failed
        var reason: CheckReason
        var outcome = Outcome.invalid
        var date = ForgedState.date
        /// Checks that fail along with it.
        var companions: Set<CheckIdentifier> = []
        var make: @Sendable () throws -> (CardImage, TrustStore)

        /// A defect of one of the certificates.
        static func certificates(
            _ name: String, _ check: CheckIdentifier, _ reason: CheckReason, companions: Set<CheckIdentifier> = [],
            options: @Sendable @escaping (inout TestPKI.Options) -> Void = { _ in },
            csca: @Sendable @escaping (inout CertificateTemplate) -> Void = { _ in },
            dsc: @Sendable @escaping (inout CertificateTemplate) -> Void = { _ in }
        ) -> Defect {
            Defect(testDescription: name, check: check, reason: reason, companions: companions) {
                var chosen = TestPKI.Options()
                options(&chosen)
                let pki = try TestPKI(chosen, countrySigner: csca, documentSigner: dsc)
                return (try ForgedState(pki).card.image, try DefectsTests.trust(pki.countrySigner.certificate))
            }
        }

        /// A revocation list of the shared State, as `change` leaves it.
        static func revocation(
            _ name: String, _ result: CheckResult, _ reason: CheckReason, _ outcome: Outcome,
            _ change: @Sendable @escaping (inout ForgedRevocationList, TestPKI) -> Void
        ) -> Defect {
            Defect(
                testDescription: name, check: .signerRevocation, result: result, reason: reason, outcome: outcome
            ) {
                let state = try ForgedState.shared()
                var list = try ForgedRevocationList(of: state.pki.countrySigner.certificate)
                change(&list, state.pki)
                var trust = try DefectsTests.trust(state.pki.countrySigner.certificate)
                try trust.add(RevocationList(der: list.signed(by: state.pki.countrySigner.key)))
                return (state.card.image, trust)
            }
        }
    }

    static func trust(_ anchors: [UInt8]...) throws -> TrustStore {
        var trust = TrustStore()
        for anchor in anchors { try trust.add(Certificate(der: anchor)) }
        return trust
    }

    private typealias Identifier = CertificateExtension.Identifier

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> CalendarDate {
        CalendarDate(year: year, month: month, day: day) ?? TestPKI.Options().validFrom
    }

    static let validity: [Defect] = [
        .certificates(
            "signer expired", .signerValidity, .signerExpired, dsc: { $0.notAfter = .endOfDay(day(2024, 5, 31)) }),
        .certificates(
            "signer not yet valid", .signerValidity, .signerNotYetValid,
            dsc: { $0.notBefore = .startOfDay(day(2024, 6, 2)) }),
        .certificates(
            "CSCA expired", .signerValidity, .anchorExpired, csca: { $0.notAfter = .endOfDay(day(2024, 5, 31)) }),
        .certificates(
            "CSCA not yet valid", .signerValidity, .anchorNotYetValid,
            csca: { $0.notBefore = .startOfDay(day(2024, 6, 2)) }),
        .certificates(
            "document issued before the key's usage period", .signerValidity, .issuedOutsideKeyUsagePeriod,
            dsc: {
                $0[Identifier.privateKeyUsagePeriod] = .privateKeyUsagePeriod(
                    from: .startOfDay(day(2021, 4, 22)), to: .endOfDay(day(2023, 1, 1)))
            }),
        .certificates(
            "document issued after the key's usage period", .signerValidity, .issuedOutsideKeyUsagePeriod,
            dsc: {
                $0[Identifier.privateKeyUsagePeriod] = .privateKeyUsagePeriod(
                    from: .startOfDay(day(2021, 1, 1)), to: .endOfDay(day(2021, 4, 18)))
            }),
        .certificates(
            "malformed key usage period", .signerValidity, .unusableSignerCertificate,
            dsc: { $0[Identifier.privateKeyUsagePeriod]?.value = DERWriter.sequence(DERWriter.integer(1)) }),
    ]

    static let usage: [Defect] = [
        .certificates(
            "CSCA without the usage of signing certificates", .signerUsage, .anchorUsageMismatch,
            csca: { $0[Identifier.keyUsage] = .keyUsage([.crlSign]) }),
        .certificates(
            "CSCA without key usage", .signerUsage, .anchorUsageMismatch, csca: { $0[Identifier.keyUsage] = nil }),
        .certificates(
            "CSCA that says it is no authority", .signerUsage, .anchorUsageMismatch,
            csca: { $0[Identifier.basicConstraints] = .basicConstraints(isAuthority: false, pathLength: nil) }),
        .certificates(
            "CSCA without basic constraints", .signerUsage, .anchorUsageMismatch,
            csca: { $0[Identifier.basicConstraints] = nil }),
        .certificates(
            "CSCA of version 1, without any extension", .signerUsage, .anchorUsageMismatch,
            csca: {
                $0.version = 0
                $0.extensions = [.keyUsage([.keyCertSign])]
            }),
        .certificates(
            "signer for passports alone", .signerUsage, .documentTypeMismatch,
            dsc: { $0[Identifier.documentTypeList] = .documentTypeList(["P"]) }),
        .certificates(
            "signer for no type of document", .signerUsage, .documentTypeMismatch,
            dsc: { $0[Identifier.documentTypeList] = .documentTypeList([]) }),
        .certificates(
            "malformed document type list", .signerUsage, .unusableSignerCertificate,
            dsc: { $0[Identifier.documentTypeList]?.value = DERWriter.octets([1]) }),
        .certificates(
            "signer for master lists", .signerUsage, .signerUsageMismatch,
            dsc: { $0[Identifier.extendedKeyUsage] = .extendedKeyUsage([MasterList.signingKeyUsage]) }),
        .certificates(
            "signer of another country than the CSCA's", .signerUsage, .countryMismatch,
            dsc: {
                $0.subject = CertificateName(country: "LA", organisation: "cccd simulator", commonName: "Signer")
            }),
        .certificates(
            "State other than DG1's", .signerUsage, .countryMismatch,
            options: {
                $0.country = "KH"
                $0.state = "KHM"
            }),
    ]

    static let strength: [Defect] = [
        .certificates(
            "signature with SHA-1", .signerStrength, .weakAlgorithm,
            options: {
                $0.documentSignerScheme = .ecdsa(.sha1)
            }),
        .certificates(
            "signer on a curve of 192 bits", .signerStrength, .weakAlgorithm,
            options: {
                $0.documentSignerKey = .ec(.brainpoolP192r1)
            }),
        .certificates(
            "signer with RSA of 1024 bits", .signerStrength, .weakAlgorithm,
            options: {
                $0.documentSignerKey = .rsa(bits: 1024)
                $0.documentSignerScheme = .rsaPKCS1(.sha256)
            }),
        .certificates(
            "CSCA on a curve of 160 bits", .signerStrength, .weakAlgorithm,
            options: {
                $0.countrySignerKey = .ec(.brainpoolP160r1)
                $0.countrySignerScheme = .ecdsa(.sha256)
            }),
        .certificates(
            "signer's certificate signed with SHA-1", .signerStrength, .weakAlgorithm,
            options: {
                $0.countrySignerScheme = .ecdsa(.sha1)
            }),
    ]

    static let revocation: [Defect] = [
        Defect(
            testDescription: "revocation list absent", check: .signerRevocation, result: .notPerformed,
            reason: .noRevocationList, outcome: .authenticData
        ) {
            let state = try ForgedState.shared()
            return (state.card.image, try trust(state.pki.countrySigner.certificate))
        },
        .revocation("revocation list fresh", .passed, .ok, .authenticData) { _, _ in },
        .revocation("revocation list stale", .notPerformed, .staleRevocationList, .authenticData) { list, _ in
            list.nextUpdate = "240531000000Z"
        },
        .revocation("revocation list without a next update", .notPerformed, .staleRevocationList, .authenticData) {
            list, _ in list.nextUpdate = nil
        },
        .revocation("signer revoked", .failed, .signerRevoked, .invalid) { list, pki in
            list.revoked = [pki.documentSigner.certificate]
        },
        .revocation("signer revoked by a stale list", .failed, .signerRevoked, .invalid) { list, pki in
            list.nextUpdate = "240531000000Z"
            list.revoked = [pki.documentSigner.certificate]
        },
        .revocation("CSCA revoked", .failed, .anchorRevoked, .invalid) { list, pki in
            list.revoked = [pki.countrySigner.certificate]
        },
        Defect(
            testDescription: "signer revoked by the CSCA's next key", check: .signerRevocation,
            reason: .signerRevoked
        ) {
            let state = try ForgedState.shared()
            let next = try TestPKI()
            var list = try ForgedRevocationList(of: state.pki.countrySigner.certificate)
            list.revoked = [state.pki.documentSigner.certificate]
            var trust = try DefectsTests.trust(state.pki.countrySigner.certificate, next.countrySigner.certificate)
            try trust.add(RevocationList(der: list.signed(by: next.countrySigner.key)))
            return (state.card.image, trust)
        },
    ]

    @Test(
        "each defect is told by the check that owns it, with its reason, and by no other",
        arguments: validity + usage + strength + revocation)
    func defect(_ defect: Defect) throws {
        let (image, trust) = try defect.make()
        let verdict = CardVerifier(trust: trust).verify(Evidence(image: image, date: defect.date))
        #expect(verdict.check(defect.check)?.result == defect.result, "\(verdict.failures)")
        #expect(verdict.check(defect.check)?.reason == defect.reason, "\(verdict.failures)")
        #expect(verdict.outcome == defect.outcome, "\(verdict.failures)")
        verdict.expectNoFailure(but: defect.companions.union([defect.check]))
    }

    @Test("an expired document is judged on its last day, when its signer was still valid")
    func expiredDocument() throws {
        let pki = try TestPKI(documentSigner: { $0.notAfter = .endOfDay(Self.day(2031, 1, 1)) })
        let image = try ForgedState(pki).card.image
        let trust = try Self.trust(pki.countrySigner.certificate)
        let later = CardVerifier(trust: trust).verify(Evidence(image: image, date: ForgedState.moment("2040-01-01")))
        #expect(later.outcome == .authenticData)
        #expect(later.validity == [.expired])
    }

    // MARK: Revocation lists that are not taken in

    @Test("a revocation list signed by another CA, or by nobody's name, is not taken into the trust store")
    func foreignRevocationList() throws {
        let (state, stranger) = (try ForgedState.shared(), try TestPKI())
        var trust = try Self.trust(state.pki.countrySigner.certificate)
        var list = try ForgedRevocationList(of: state.pki.countrySigner.certificate)
        list.revoked = [state.pki.documentSigner.certificate]
        let name = try Certificate(der: state.pki.countrySigner.certificate).subject.text
        let forged = try list.signed(by: stranger.countrySigner.key)
        #expect(throws: TrustStoreError.notSignedByIssuer(name: name)) { try trust.add(RevocationList(der: forged)) }
        let bySigner = try list.signed(by: state.pki.documentSigner.key)
        #expect(throws: TrustStoreError.notSignedByIssuer(name: name)) { try trust.add(RevocationList(der: bySigner)) }
        list.issuer = CertificateName(country: "VN", organisation: "nobody", commonName: "nobody").encoded
        let nameless = try list.signed(by: state.pki.countrySigner.key)
        #expect(throws: TrustStoreError.self) { try trust.add(RevocationList(der: nameless)) }
        #expect(trust.entries.count == 1)
    }

    @Test("a revocation list by a CSCA that may not sign revocation lists is not taken into the trust store")
    func unauthorisedRevocationList() throws {
        let pki = try TestPKI(countrySigner: {
            $0[CertificateExtension.Identifier.keyUsage] = .keyUsage([.keyCertSign])
        })
        var trust = try Self.trust(pki.countrySigner.certificate)
        let list = try ForgedRevocationList(of: pki.countrySigner.certificate).signed(by: pki.countrySigner.key)
        #expect(throws: TrustStoreError.self) { try trust.add(RevocationList(der: list)) }
    }

    @Test("a revocation list of changes or of a part, or with an unknown critical extension, is none")
    func partialRevocationList() throws {
        let state = try ForgedState.shared()
        let extensions = [
            CertificateExtension(ObjectIdentifier([2, 5, 29, 27]), isCritical: true, value: DERWriter.integer(1)),
            CertificateExtension(
                ObjectIdentifier([2, 5, 29, 28]), isCritical: true,
                value: DERWriter.sequence(TLVEncoder.element(0x81, [0xFF]))),
            CertificateExtension(
                ObjectIdentifier([1, 3, 6, 1, 4, 1, 32473, 1]), isCritical: true, value: DERWriter.null),
        ]
        for extension_ in extensions {
            var list = try ForgedRevocationList(of: state.pki.countrySigner.certificate)
            list.extensions = [extension_]
            let der = try list.signed(by: state.pki.countrySigner.key)
            #expect(throws: CryptoError.self, "\(extension_.identifier)") { try RevocationList(der: der) }
        }
    }

    // MARK: Link certificates

    /// A CSCA that changed its name: the old one, the new one, the certificate that links the new key to the old name's
    /// key, and a card by a signer of the new one.
    private struct NameChange {
        let old = Result { try TestPKI() }
        let new: TestPKI
        let link: [UInt8]
        let image: CardImage

        init(linkNotAfter: CalendarDate) throws {
            var options = TestPKI.Options()
            options.countrySignerName = "Test CSCA under its new name"
            new = try TestPKI(options)
            let old = try old.get().countrySigner
            let oldBody = try DERWriter.children(try DERWriter.children(old.certificate)[0])
            let newBody = try DERWriter.children(try DERWriter.children(new.countrySigner.certificate)[0])
            let key = try new.countrySigner.key.subjectPublicKeyInfo
            let nameChange = CertificateExtension(ObjectIdentifier([2, 23, 136, 1, 1, 6, 1]), value: DERWriter.null)
            let template = CertificateTemplate(
                serialNumber: [0x42, 1], issuer: CertificateName(encoded: oldBody[5]),
                subject: CertificateName(encoded: newBody[5]), notBefore: .startOfDay(options.validFrom),
                notAfter: .endOfDay(linkNotAfter), subjectPublicKeyInfo: key,
                extensions: [
                    .keyUsage([.keyCertSign, .crlSign]), .basicConstraints(isAuthority: true, pathLength: 0),
                    .subjectKeyIdentifier(try CertificateTemplate.keyIdentifier(key)),
                    .authorityKeyIdentifier(
                        try CertificateTemplate.keyIdentifier(try old.key.subjectPublicKeyInfo)), nameChange,
                ])
            link = try template.signed(by: old.key)
            image = try ForgedState(new).card.image
        }
    }

    @Test("after a CSCA's change of name, the link certificate leads to the new key, and without it nothing does")
    func nameChange() throws {
        let change = try NameChange(linkNotAfter: Self.day(2040, 1, 1))
        let old = try change.old.get().countrySigner.certificate
        let linked = try ForgedState.verdict(change.image, trusting: [old, change.link])
        #expect(linked.outcome == .authenticData, "\(linked.failures)")
        let unlinked = try ForgedState.verdict(change.image, trusting: [old])
        #expect(unlinked.check(.signerChain)?.reason == .unknownIssuer)
        #expect(unlinked.outcome == .unverified)
    }

    @Test(
        "an expired link certificate is refused by the validity check, unless the new key has a valid certificate too")
    func expiredLink() throws {
        let change = try NameChange(linkNotAfter: Self.day(2023, 1, 1))
        let old = try change.old.get().countrySigner.certificate
        try ForgedState.verdict(change.image, trusting: [old, change.link])
            .expectRefusal(by: .signerValidity, .anchorExpired)
        let renewed = try ForgedState.verdict(
            change.image, trusting: [old, change.link, change.new.countrySigner.certificate])
        #expect(renewed.outcome == .authenticData, "\(renewed.failures)")
    }

    @Test("a link certificate that came with EF.SOD links nothing")
    func linkInSecurityObject() throws {
        let change = try NameChange(linkNotAfter: Self.day(2040, 1, 1))
        var object = try ForgedSecurityObject(over: change.image, signer: change.new.documentSigner)
        object.certificates.append(change.link)
        var image = change.image
        image[.sod] = try object.file()
        let verdict = try ForgedState.verdict(
            image, trusting: [change.old.get().countrySigner.certificate])
        #expect(verdict.check(.signerChain)?.reason == .unknownIssuer)
        #expect(verdict.outcome == .unverified)
    }
}

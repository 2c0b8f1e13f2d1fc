import Crypto
import Document
import Foundation
import Simulator
import Testing

@testable import Verifier

/// Signers that the batch meets when it has learned how their CSCA certifies others.
@Suite("Batch signers")
struct BatchSignerTests {
    private let fixtures: BatchFixtures

    init() throws { fixtures = try BatchFixtures.shared.get() }

    /// A card by the fixtures' CSCA and another signer of the first one's kind.
    private func record(
        _ citizen: Citizen = .demo, of state: TestPKI? = nil, algorithm: KeyKind = .ec(.secp256r1),
        scheme: SignatureScheme = .ecdsa(.sha256), signedAt: CalendarDate? = nil,
        adjust: (inout CertificateTemplate) -> Void = { _ in }
    ) throws -> (record: [UInt8], certificate: [UInt8]) {
        var options = TestPKI.Options()
        options.documentSignerKey = algorithm
        options.documentSignerScheme = scheme
        let signer = try (state ?? fixtures.state).withNewDocumentSigner(options, documentSigner: adjust)
        var card = Personalisation(citizen)
        card.dataGroups = [1, 13, 14]
        card.securityObject.signingTime = signedAt.map { Timestamp($0) }
        return (try card.card(signedBy: signer).image.record, signer.documentSigner.certificate)
    }

    private func day(_ year: Int, _ month: Int, _ day: Int) -> CalendarDate {
        CalendarDate(year: year, month: month, day: day) ?? Citizen.demo.birthDate
    }

    private func expectSame(
        _ teachers: [[UInt8]], _ records: [[UInt8]], verifier: CardVerifier? = nil, learned: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (found, count) = try fixtures.verdicts(teachers + records, verifier: verifier)
        for (index, record) in records.enumerated() {
            #expect(
                found[teachers.count + index] == fixtures.expected(record, verifier: verifier), "record \(index)",
                sourceLocation: sourceLocation)
        }
        if let learned { #expect(count == learned, sourceLocation: sourceLocation) }
    }

    @Test("of many signers by one CSCA one is judged in full, whatever their names, dates and keys")
    func manySigners() throws {
        let teacher = try record().record
        var records: [[UInt8]] = []
        for index in 0..<12 {
            let name = CertificateName(country: "VN", organisation: "Bộ Công an", commonName: "Ký số \(index)")
            let (record, _) = try record { template in
                if index % 3 == 1 { template.subject = name }
                if index % 3 == 2 { template.notAfter = .endOfDay(day(2031 + index, 5, 31)) }
                if index % 4 == 3 {
                    template[CertificateExtension.Identifier.privateKeyUsagePeriod] = .privateKeyUsagePeriod(
                        from: .startOfDay(day(2021, 3, 1)), to: .endOfDay(day(2027, 2, 1)))
                }
                if index == 11 { template.notAfter = .endOfDay(day(2060, 1, 1)) }
                if index == 10 { template.serialNumber = [0x80, 0x01] }
            }
            records.append(record)
        }
        try expectSame([teacher], records + records, learned: 2 * records.count)
        for (key, scheme) in [
            (KeyKind.rsa(bits: 2048), SignatureScheme.rsaPKCS1(.sha256)), (.ec(.brainpoolP384r1), .ecdsa(.sha384)),
        ] {
            let records = try (0..<4).map { _ in try record(algorithm: key, scheme: scheme).record }
            try expectSame([records[0]], Array(records[1...]), learned: 3)
        }
    }

    @Test("a signer of whom something is to be said has CardVerifier's verdict")
    func unlikeSigners() throws {
        let teacher = try record().record
        typealias Identifier = CertificateExtension.Identifier
        let past = day(2022, 1, 1)
        let changes: [(inout CertificateTemplate) -> Void] = [
            { $0.notAfter = .endOfDay(past) }, { $0.notBefore = .startOfDay(day(2027, 1, 1)) },
            { swap(&$0.notBefore, &$0.notAfter) },
            { $0.subject = $0.issuer },
            { $0.subject = CertificateName(country: "LA", organisation: "cccd simulator", commonName: "Signer") },
            { $0.subject = CertificateName(attributes: []) },
            { $0.serialNumber = [0] }, { $0.serialNumber = [1] },
            { $0.serialNumber = [UInt8](repeating: 7, count: 30) },
            { $0.version = 0 }, { $0.extensions.removeAll() }, { $0.extensions.reverse() },
            { $0.extensions += $0.extensions.prefix(1) },
            {
                $0[Identifier.privateKeyUsagePeriod] = .privateKeyUsagePeriod(
                    from: .startOfDay(past), to: .endOfDay(past))
            },
            { $0[Identifier.privateKeyUsagePeriod] = nil },
            { $0[Identifier.subjectKeyIdentifier] = .subjectKeyIdentifier([1, 2, 3]) },
            { $0[Identifier.documentTypeList] = .documentTypeList(["P"]) },
            { $0[Identifier.keyUsage] = .keyUsage([.keyCertSign]) },
            { $0[Identifier.authorityKeyIdentifier] = .authorityKeyIdentifier([UInt8](repeating: 9, count: 20)) },
            {
                $0.extensions.append(
                    CertificateExtension(ObjectIdentifier([1, 2, 3]), isCritical: true, value: [5, 0]))
            },
            { $0.issuer = CertificateName(country: "VN", organisation: "cccd simulator", commonName: "Nobody") },
            { $0.subjectPublicKeyInfo[$0.subjectPublicKeyInfo.count - 1] ^= 1 },
            { $0.subjectPublicKeyInfo = Array($0.subjectPublicKeyInfo.dropLast()) },
        ]
        for change in changes {
            for signedAt in [nil, day(2025, 2, 3)] {
                let (record, _) = try record(signedAt: signedAt, adjust: change)
                try expectSame([teacher], [record, record])
            }
        }
        let weak = try record(algorithm: .rsa(bits: 1024), scheme: .rsaPKCS1(.sha256)).record
        let rsa = try record(algorithm: .rsa(bits: 2048), scheme: .rsaPKCS1(.sha256)).record
        try expectSame([rsa], [weak, weak])
        let otherHash = try record(scheme: .ecdsa(.sha384)).record
        try expectSame([teacher], [otherHash, otherHash])
    }

    @Test("a signer whose certificate another CSCA of the same name signed has CardVerifier's verdict")
    func forgedCertificate() throws {
        var options = TestPKI.Options()
        options.countrySignerKey = .ec(.secp256r1)
        options.countrySignerScheme = .ecdsa(.sha256)
        let identifier = try Certificate(der: fixtures.state.countrySigner.certificate).subjectKeyIdentifier ?? []
        let stranger = try TestPKI(
            options,
            countrySigner: {
                $0[CertificateExtension.Identifier.subjectKeyIdentifier] = .subjectKeyIdentifier(identifier)
            })
        let teacher = try record().record
        let forged = try record(of: stranger).record
        let right = try record().record
        try expectSame([teacher], [forged, right, forged, forged, right])
        #expect(fixtures.expected(forged)?.outcome == .invalid)
    }

    @Test("a signer on the CSCA's revocation list has CardVerifier's verdict, and so has one who is not")
    func revokedSigner() throws {
        let (revoked, certificate) = try record()
        let (kept, _) = try record()
        var list = try ForgedRevocationList(of: certificate)
        list.issuer = try ForgedRevocationList(of: fixtures.state.countrySigner.certificate).issuer
        list.revoked = [certificate]
        for nextUpdate in ["250801000000Z", "450801000000Z"] {
            list.nextUpdate = nextUpdate
            var trust = fixtures.trust
            try trust.add(RevocationList(der: list.signed(by: fixtures.state.countrySigner.key)))
            let verifier = CardVerifier(trust: trust)
            let teacher = try record().record
            try expectSame([teacher], [revoked, kept, revoked, kept], verifier: verifier)
            #expect(fixtures.expected(revoked, verifier: verifier)?.outcome == .invalid)
            #expect(fixtures.expected(kept, verifier: verifier)?.outcome == .authenticData)
        }
    }

    @Test("a new signer's card with any one byte of its EF.SOD changed has CardVerifier's verdict")
    func damagedSigner() throws {
        let teacher = try record().record
        let (victim, certificate) = try record()
        let start = try #require(victim.firstRange(of: certificate)?.lowerBound)
        var damaged: [[UInt8]] = []
        for index in stride(from: start - 40, to: victim.count, by: 2) {
            var record = victim
            record[index] ^= [1, 0x10, 0x80][index % 3]
            damaged.append(record)
        }
        // Whatever came of the damaged cards, the right one's signer is not known from them.
        try expectSame([teacher], damaged + [victim], learned: 1)
    }

    @Test("what is tolerated of one card is not said of others")
    func tolerances() throws {
        var image = fixtures.cards[0]
        let right = try image.record
        var object = try ForgedSecurityObject(over: image, signer: fixtures.state.documentSigner)
        object.signers[0].signatureIdentifier = DERWriter.sequence(DERWriter.identifier(1, 2, 840, 10045, 2, 1))
        image[.sod] = try object.file()
        let records = [try image.record, right, right]
        let tolerated = fixtures.expected(records[0])?.checks.first { $0.id == .sodSignature }
        #expect(tolerated?.reason == .okWithTolerances)
        try expectSame([], records + records)
    }
}

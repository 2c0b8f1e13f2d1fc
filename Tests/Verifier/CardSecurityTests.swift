import Crypto
import Document
import Simulator
import Testing
import Verifier

@Suite("EF.CardSecurity")
struct CardSecurityTests {
    /// A card with chip authentication in DG14, and a second key, of chip authentication mapping, in EF.CardSecurity.
    private let state: ForgedState
    private let mappingKey: PrivateKey
    private static let mapping = ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 4, 6, 2])

    init() throws {
        state = try ForgedState.shared()
        mappingKey = try PrivateKey.generateEC(.brainpoolP256r1)
    }

    private func publicKeyInfo(_ key: PrivateKey) throws -> [UInt8] {
        DERWriter.sequence(DERWriter.identifier(0, 4, 0, 127, 0, 7, 2, 2, 1, 2), try key.subjectPublicKeyInfo)
    }

    private static func paceInfo(_ oid: ObjectIdentifier = mapping) -> [UInt8] {
        DERWriter.sequence(oid.encoded, DERWriter.integer(2), DERWriter.integer(13))
    }

    /// What is signed, by whom it is signed, and how.
    private func signed(
        _ infos: [[UInt8]]? = nil, by signer: CertifiedKey? = nil,
        _ adjust: (inout ForgedSecurityObject) -> Void = { _ in }
    ) throws -> [UInt8] {
        var object = try ForgedSecurityObject(over: CardImage(), signer: signer ?? state.pki.documentSigner)
        object.contentOverride = DERWriter.set(try infos ?? [publicKeyInfo(mappingKey)])
        object.contentType = CardSecurity.contentType
        adjust(&object)
        return DERWriter.sequence(
            DERWriter.identifier(1, 2, 840, 113549, 1, 7, 2),
            DERWriter.explicit(0, DERWriter.sequence(try object.fields())))
    }

    /// A run of PACE with chip authentication mapping by a chip that has `key`, or pretends to.
    private func transcript(_ key: PrivateKey) throws -> PACEChipAuthenticationMappingTranscript {
        let group = try ECGroup(.brainpoolP256r1)
        let data = try group.randomScalar()
        let point = try #require(try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).ecPoint())
        return PACEChipAuthenticationMappingTranscript(
            protocolOID: Self.mapping, parameterID: 13,
            chipMappingPublicKey: try group.multiply(point, by: data).encoded, chipAuthenticationData: data.bytes)
    }

    private func verdict(
        _ cardSecurity: [UInt8]?, provenBy key: PrivateKey? = nil, opening: ChipOpening? = .pace,
        trusting anchors: [[UInt8]]? = nil, _ adjust: (inout CardImage) throws -> Void = { _ in }
    ) throws -> Verdict {
        var trust = TrustStore()
        for anchor in anchors ?? [state.pki.countrySigner.certificate] { try trust.add(Certificate(der: anchor)) }
        var image = state.card.image
        image[.cardSecurity] = cardSecurity
        try adjust(&image)
        var proofs = ChipProofs(opening: opening)
        if let key { proofs.paceChipAuthenticationMapping = .answered(try transcript(key)) }
        return CardVerifier(trust: trust).verify(Evidence(image: image, proofs: proofs, date: ForgedState.date))
    }

    @Test("signed by the State, it holds the key by which PACE with chip authentication mapping proves the chip")
    func proven() throws {
        let verdict = try verdict(signed(), provenBy: mappingKey)
        #expect(verdict.outcome == .genuine, "\(verdict.failures)")
        #expect(verdict.check(.chipCardSecurity)?.result == .passed)
        #expect(verdict.check(.chipAuthentication)?.result == .passed)
    }

    @Test("a key in DG14 proves the chip without it, and no other does")
    func dataGroup14() throws {
        let key = try #require(state.card.secrets.chipAuthenticationKeys.first).privateKey
        let verdict = try verdict(nil, provenBy: key)
        #expect(verdict.outcome == .genuine, "\(verdict.failures)")
        #expect(verdict.check(.chipCardSecurity)?.result == .notApplicable)
        try self.verdict(nil, provenBy: mappingKey).expectRefusal(by: .chipAuthentication, .wrongProof)
    }

    @Test("a clone that answers with another key is refused")
    func clone() throws {
        let other = try PrivateKey.generateEC(.brainpoolP256r1)
        try verdict(signed(), provenBy: other).expectRefusal(by: .chipAuthentication, .wrongProof)
    }

    @Test("signed by a stranger who says that he is the State's signer, it proves nothing, and the card is refused")
    func stranger() throws {
        let stranger = try TestPKI().documentSigner
        let verdict = try verdict(signed(by: stranger), provenBy: mappingKey)
        verdict.expectRefusal(by: .chipCardSecurity, .cardSecurityNotSigned)
        verdict.expectRefusal(by: .chipAuthentication, .keyNotSigned)
        #expect(verdict.check(.chipCardSecurity)?.detail == .text("signer.chain: notIssuedByTrustedKey"))
    }

    @Test("signed by somebody of another name, whom nobody vouches for, it proves nothing")
    func unknownIssuer() throws {
        var options = TestPKI.Options()
        options.countrySignerName = "Somebody Else's CSCA"
        let verdict = try verdict(signed(by: TestPKI(options).documentSigner), provenBy: mappingKey)
        #expect(verdict.outcome == .authenticData, "\(verdict.failures)")
        #expect(verdict.check(.chipCardSecurity)?.result == .notPerformed)
        #expect(verdict.check(.chipAuthentication)?.reason == .prerequisiteFailed)
    }

    @Test("altered after it was signed, or signed by a revoked, expired or unfit signer, it is refused")
    func altered() throws {
        let other = try publicKeyInfo(PrivateKey.generateEC(.brainpoolP256r1))
        let forgeries: [(ForgedSecurityObject) -> ForgedSecurityObject] = [
            { object in
                var forged = object
                forged.signers[0].digestedContent = DERWriter.set([other])
                return forged
            },
            { object in
                var forged = object
                forged.signers[0].sign = { try object.signers[0].signer.key.sign($0 + [0]) }
                return forged
            },
            { object in
                var forged = object
                forged.signers[0].attributeContentType = LDSSecurityObject.contentType
                return forged
            },
        ]
        for forge in forgeries {
            let file = try signed { $0 = forge($0) }
            try verdict(file, provenBy: mappingKey).expectRefusal(by: .chipCardSecurity, .cardSecurityNotSigned)
        }
        let day = try #require(CalendarDate(iso: "2022-01-01"))
        let expired = try state.pki.withNewDocumentSigner { $0.notAfter = .endOfDay(day) }
        let authority = try state.pki.withNewDocumentSigner { $0.extensions = [.keyUsage([.keyCertSign])] }
        for pki in [expired, authority] {
            try verdict(signed(by: pki.documentSigner), provenBy: mappingKey)
                .expectRefusal(by: .chipCardSecurity, .cardSecurityNotSigned)
        }
    }

    @Test("what is no SignedData over SecurityInfos is refused, cut off anywhere, and does no harm")
    func malformed() throws {
        let file = try signed()
        for count in stride(from: 0, to: file.count - 1, by: 7) {
            try verdict(Array(file.prefix(count))).expectRefusal(by: .chipCardSecurity, .malformedSecurityInfos)
        }
        let others: [[UInt8]] = try [
            signed { $0.contentType = LDSSecurityObject.contentType }, signed { $0.contentOverride = [0x30, 0x00] },
            signed { $0.contentOverride = [0x31, 0x81, 0x00] }, state.card.image[.sod] ?? [],
        ]
        for other in others { try verdict(other).expectRefusal(by: .chipCardSecurity, .malformedSecurityInfos) }
    }

    @Test("without a trusted CSCA nothing is settled about it, and it proves nothing")
    func noAnchors() throws {
        let verdict = try verdict(signed(), provenBy: mappingKey, trusting: [])
        #expect(verdict.outcome == .unverified)
        #expect(verdict.check(.chipCardSecurity)?.result == .notPerformed)
        #expect(verdict.check(.chipAuthentication)?.result == .notPerformed)
    }

    @Test("its key, with nobody asked for it, proves nothing")
    func notAsked() throws {
        let verdict = try verdict(signed())
        #expect(verdict.outcome == .authenticData)
        #expect(verdict.check(.chipAuthentication)?.reason == .noProof)
    }

    // MARK: What it announces

    @Test("PACE that it announces and EF.CardAccess does not offer was hidden, unless nobody trusted signed it")
    func downgrade() throws {
        let file = try signed([publicKeyInfo(mappingKey), Self.paceInfo()])
        try verdict(file).expectRefusal(by: .chipDowngrade, .downgraded)
        let offered = try verdict(file) {
            $0[.cardAccess] = try DERWriter.set(DERWriter.children($0[.cardAccess] ?? []) + [Self.paceInfo()])
        }
        #expect(offered.check(.chipDowngrade)?.result == .passed)
        let unbelieved = try verdict(file, trusting: [])
        #expect(unbelieved.check(.chipDowngrade)?.result == .passed)
    }

    @Test("a chip that was read and gave no EF.CardAccess, though its signed data announce PACE, is a downgrade")
    func hiddenCardAccess() throws {
        let live = try verdict(nil, opening: .basicAccessControl(refused: [])) { $0[.cardAccess] = nil }
        live.expectRefusal(by: .chipDowngrade, .downgraded)
        let stored = try verdict(nil, opening: nil) { $0[.cardAccess] = nil }
        #expect(stored.check(.chipDowngrade)?.reason == .noCardAccess)
    }

    @Test("an EF.CardAccess with other or fewer variants than DG14 announces is a downgrade")
    func fewerVariants() throws {
        let other = DERWriter.set([Self.paceInfo(ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 1]))])
        for forged in [other, [0x31, 0x00]] {
            try verdict(nil, opening: .basicAccessControl(refused: [])) { $0[.cardAccess] = forged }
                .expectRefusal(by: .chipDowngrade, .downgraded)
        }
    }

    @Test("a chip that does PACE and was opened by BAC is told with what was tried before, and is no downgrade")
    func fallBack() throws {
        let tries = ["PACE with the CAN: MSE:Set AT refused, 6A80"]
        let verdict = try verdict(nil, opening: .basicAccessControl(refused: tries))
        let check = try #require(verdict.check(.chipDowngrade))
        #expect(check.result == .passed)
        #expect(check.reason == .fellBackToBasicAccessControl)
        #expect(check.detail == .list(tries))
        #expect(verdict.outcome == .authenticData)
    }
}

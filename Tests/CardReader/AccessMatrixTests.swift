import Crypto
import Document
import Testing

@testable import CardReader

/// Every way in which Doc 9303 lets a chip be opened.
@Suite("Opening a chip by PACE")
struct AccessMatrixTests {
    /// The arcs below id-PACE that name key agreement and mapping, and the domain parameters that go with them.
    private static let mappings: [(arc: UInt64, ids: [UInt8])] = [
        (1, [0, 1, 2]), (2, Array(8...18)), (3, [0, 1, 2]), (4, [8, 9] + Array(11...18)), (6, [12, 13]),
    ]

    struct Variant: Sendable, CustomTestStringConvertible {
        let arcs: [UInt64]
        let parameterID: UInt8
        var testDescription: String { "\(arcs), parameters \(parameterID)" }
    }

    private static let variants: [Variant] = mappings.flatMap { mapping in
        (mapping.arc == 6 ? 2...4 : 1...4).flatMap { cipher in
            mapping.ids.map { Variant(arcs: [mapping.arc, UInt64(cipher)], parameterID: $0) }
        }
    }

    private static let files = Sample.files.filter { [.com, .sod, .dg13].contains($0.key) }

    private static func chip(_ variant: Variant, can: String = "012345") throws -> TestChip {
        let cardAccess = Sample.cardAccess(protocolArcs: variant.arcs, parameterID: variant.parameterID)
        return try Sample.chip(cardAccess: cardAccess, can: can, files: files)
    }

    private static func read(_ chip: TestChip, proofs: ReadRequest.Proofs = .one) throws -> ChipRead {
        let key = AccessKey.personalNumber(try #require(Sample.personalNumber))
        return try ChipReader(channel: chip).read(ReadRequest(key: key, proofs: proofs))
    }

    @Test("Every mapping and cipher opens in every standardised group, and the files are read", arguments: variants)
    func rightKey(_ variant: Variant) throws {
        let chip = try Self.chip(variant)
        let read = try Self.read(chip)
        #expect(read.image[.dg13] == Sample.files[.dg13])
        guard case .pace(_, Int(variant.parameterID)?, .can) = read.access else {
            Issue.record("\(read.access)")
            return
        }
    }

    @Test("A wrong number is a wrong key for every mapping", arguments: variants.filter { $0.arcs[1] == 2 })
    func wrongKey(_ variant: Variant) throws {
        let chip = try Self.chip(variant, can: "999999")
        #expect {
            try Self.read(chip)
        } throws: { error in
            guard case CardReaderError.wrongKey(let attempts) = error else { return false }
            return attempts.map(\.outcome) == [.wrongKey(.authenticationFailed)]
        }
    }

    @Test("What is supported is what Doc 9303-11, 9.5.1 standardises, and nothing else")
    func supported() throws {
        for (arc, ids) in Self.mappings where arc != 6 {
            for id in UInt8(0)...31 {
                let encoded = Sample.cardAccess(protocolArcs: [arc, 2], parameterID: id)
                let info = try #require(try SecurityInfos(encoded.span).pace.first)
                #expect((PACE.parameters(of: info) != nil) == ids.contains(id), "mapping \(arc), parameters \(id)")
            }
        }
    }

    @Test("A reader without extended length leaves groups alone whose keys need it")
    func longKeys() throws {
        let chip = try Self.chip(Variant(arcs: [1, 2], parameterID: 2))
        chip.allowsExtendedLength = false
        #expect {
            try Self.read(chip)
        } throws: { error in
            if case CardReaderError.keyNotUsable = error { true } else { false }
        }
        let short = try Self.chip(Variant(arcs: [1, 2], parameterID: 0))
        short.allowsExtendedLength = false
        #expect(try Self.read(short).image[.dg13] == Sample.files[.dg13])
    }

    @Test("Of several variants the one that proves the chip is taken, then elliptic curves, then the rest")
    func preference() throws {
        let offers: [Variant] = [
            Variant(arcs: [2, 1], parameterID: 13), Variant(arcs: [3, 4], parameterID: 2),
            Variant(arcs: [1, 4], parameterID: 2), Variant(arcs: [4, 2], parameterID: 12),
            Variant(arcs: [2, 2], parameterID: 12), Variant(arcs: [6, 2], parameterID: 13),
        ]
        var encoded: [UInt8] = []
        for offer in offers {
            encoded += Sample.cardAccess(protocolArcs: offer.arcs, parameterID: offer.parameterID).dropFirst(2)
        }
        let set = TLVEncoder.element(.set, encoded)
        let supported = ChipAccess.supported(try SecurityInfos(set.span).pace, withExtendedLength: true)
        let mappings = supported.map {
            $0.info.protocolOID.description.split(separator: ".").suffix(2).joined(separator: ".")
        }
        #expect(mappings == ["6.2", "2.2", "4.2", "1.4", "3.4", "2.1"])
    }

    // MARK: Chip authentication mapping

    private static let mapping = Variant(arcs: [6, 2], parameterID: 13)
    private static let cardSecurity = Sample.file(0x30, 1400)

    /// What a verifier does with the transcript, written from the standard.
    private static func isProof(_ read: ChipRead, of key: PrivateKey) throws -> Bool {
        guard case .answered(let transcript) = read.proofs.paceChipAuthenticationMapping,
            let point = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).ecPoint()
        else { return false }
        let product = try ECGroup(.brainpoolP256r1).multiply(
            point, by: SecretBytes(transcript.chipAuthenticationData))
        return product.encoded == transcript.chipMappingPublicKey
    }

    @Test("Chip authentication mapping proves the chip, whose EF.CardSecurity is read, and no other proof is asked for")
    func provesChip() throws {
        let key = try PrivateKey.generateEC(.brainpoolP256r1)
        let chip = try Self.chip(Self.mapping)
        chip.masterFiles[0x011D] = Self.cardSecurity
        chip.mappingKey = try key.ecScalar(on: .brainpoolP256r1)
        let read = try Self.read(chip)
        #expect(try Self.isProof(read, of: key))
        #expect(read.image[.cardSecurity] == Self.cardSecurity)
        #expect(try !Self.isProof(read, of: PrivateKey.generateEC(.brainpoolP256r1)))
        let unasked = try Self.read(chip, proofs: .none)
        #expect(unasked.proofs.paceChipAuthenticationMapping == .notAsked)
        #expect(unasked.image[.cardSecurity] == nil)
    }

    @Test("A clone that opens by chip authentication mapping without the private key leaves no proof")
    func cloneWithoutKey() throws {
        let chip = try Self.chip(Self.mapping)
        chip.masterFiles[0x011D] = Self.cardSecurity
        guard case .answered(let none) = try Self.read(chip).proofs.paceChipAuthenticationMapping else {
            Issue.record("no transcript")
            return
        }
        #expect(none.chipAuthenticationData.isEmpty)
        chip.mappingKey = try ECGroup(.brainpoolP256r1).randomScalar()
        let read = try Self.read(chip)
        #expect(try !Self.isProof(read, of: PrivateKey.generateEC(.brainpoolP256r1)))
    }

    @Test("A chip without EF.CardSecurity is read, and the file told as not there")
    func withoutCardSecurity() throws {
        let read = try Self.read(Self.chip(Self.mapping))
        #expect(read.unread.contains(UnreadFile(file: .cardSecurity, reason: .notPresent(.notFound))))
        #expect(read.image[.dg13] == Sample.files[.dg13])
    }
}

import Crypto
import Document
import Testing

@testable import CardReader

/// PACE with domain parameters that EF.CardAccess spells out (Doc 9303-11, 9.2.2).
@Suite("PACE with explicit domain parameters")
struct ExplicitParametersTests {
    private static let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 4]

    private static func sequence(_ parts: [UInt8]...) -> [UInt8] { TLVEncoder.element(.sequence, parts) }

    private static func integer(_ number: [UInt8]) -> [UInt8] {
        let significant = Array(number.drop { $0 == 0 })
        return TLVEncoder.element(.integer, (significant.first ?? 0) & 0x80 == 0 ? significant : [0] + significant)
    }

    /// One variant, and what number 33 of the chip's own means.
    private static func cardAccess(arcs: [UInt64], meaning: [UInt8], named: UInt8? = 33) -> [UInt8] {
        let number = named.map { integer([$0]) } ?? []
        let variant = sequence(ObjectIdentifier(base + arcs).encoded, integer([2]), number)
        let parameters = sequence(ObjectIdentifier(base + arcs.prefix(1)).encoded, meaning, number)
        return TLVEncoder.element(.set, [variant, parameters])
    }

    private static func standardized(_ id: UInt8) -> [UInt8] {
        sequence(ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 2]).encoded, integer([id]))
    }

    /// The parameters of a curve as OpenSSL spells them out.
    private static func explicit(_ curve: NamedCurve) throws -> [UInt8] {
        let key = try PrivateKey.generateEC(curve).subjectPublicKeyInfo
        var cursor = TLVCursor(key.span)
        var fields = cursor.inside(try cursor.next(.sequence))
        return fields.copy(try fields.next(.sequence).range)
    }

    private static func integers(_ id: Int, order: Bool = true, generator: [UInt8]? = nil) throws -> [UInt8] {
        let group = try DHGroup(standardizedDomainParameterID: id)
        let numbers = integer(group.prime.bytes) + integer(generator ?? group.generator)
        return order
            ? sequence(
                ObjectIdentifier([1, 2, 840, 10046, 2, 1]).encoded, sequence(numbers, integer(group.order.bytes)))
            : sequence(ObjectIdentifier([1, 2, 840, 113_549, 1, 3, 1]).encoded, sequence(numbers))
    }

    private static func parameters(_ cardAccess: [UInt8]) throws -> DomainParameters? {
        let infos = try SecurityInfos(cardAccess.span)
        let variant = try #require(infos.pace.first)
        return PACE.parameters(of: variant, explicit: infos.paceDomainParameters)
    }

    @Test("open the chip where they are those of a standardised group, and the chip is told their number")
    func opens() throws {
        for (arcs, meaning, id) in try [
            ([2, 2], Self.standardized(13), 13), ([2, 2], Self.explicit(.secp256r1), 12),
            ([1, 2], Self.integers(0), 0), ([1, 2], Self.integers(0, order: false), 0),
        ] as [([UInt64], [UInt8], Int)] {
            let cardAccess = Self.cardAccess(arcs: arcs, meaning: meaning)
            let chip = try Sample.chip(cardAccess: cardAccess)
            chip.ownParameters = [33: id]
            let key = AccessKey.personalNumber(try #require(Sample.personalNumber))
            let read = try ChipReader(channel: chip).read(ReadRequest(key: key, files: .withoutPortrait))
            guard case .pace(_, 33, .can) = read.access else {
                Issue.record("\(read.access)")
                continue
            }
            #expect(read.image[.dg13] == Sample.files[.dg13])
        }
    }

    @Test("prove the chip by chip authentication mapping under the group's own number")
    func mapping() throws {
        let key = try PrivateKey.generateEC(.brainpoolP256r1)
        let cardAccess = try Self.cardAccess(arcs: [6, 2], meaning: Self.explicit(.brainpoolP256r1))
        let chip = try Sample.chip(cardAccess: cardAccess)
        chip.ownParameters = [33: 13]
        chip.mappingKey = try key.ecScalar(on: .brainpoolP256r1)
        let number = AccessKey.personalNumber(try #require(Sample.personalNumber))
        let read = try ChipReader(channel: chip).read(ReadRequest(key: number, files: .withoutPortrait))
        guard case .answered(let transcript) = read.proofs.paceChipAuthenticationMapping else {
            Issue.record("\(read.proofs)")
            return
        }
        #expect(transcript.parameterID == 13)
    }

    @Test("may go without a number where there is one set alone")
    func unnumbered() throws {
        let cardAccess = Self.cardAccess(arcs: [2, 2], meaning: Self.standardized(13), named: nil)
        #expect(try Self.parameters(cardAccess) == .curve(.brainpoolP256r1))
    }

    @Test("of a group that nobody standardised are left alone: whoever chose them could learn the password")
    func unknownGroups() throws {
        var altered = try Self.explicit(.secp256r1)
        let curves: [[UInt8]] = try [
            Self.integers(0), Self.standardized(3), Self.sequence(), [0x05, 0x00],
            Self.sequence(ObjectIdentifier([1, 2, 840, 10045, 2, 1]).encoded, [0x05, 0x00]),
        ]
        for meaning in curves {
            #expect(try Self.parameters(Self.cardAccess(arcs: [2, 2], meaning: Self.sequenced(meaning))) == nil)
        }
        for index in altered.indices.dropFirst(16) {
            altered[index] ^= 1
            let cardAccess = Self.cardAccess(arcs: [2, 2], meaning: altered)
            #expect((try? Self.parameters(cardAccess)) == nil, "byte \(index)")
            altered[index] ^= 1
        }
        for meaning in try [Self.integers(1, generator: [1]), Self.integers(2, order: false, generator: [2, 2])] {
            #expect(try Self.parameters(Self.cardAccess(arcs: [1, 2], meaning: meaning)) == nil)
        }
    }

    /// What stands in place of an AlgorithmIdentifier must be a SEQUENCE to be parsed at all.
    private static func sequenced(_ bytes: [UInt8]) -> [UInt8] { bytes.first == 0x30 ? bytes : sequence(bytes) }

    @Test("of another mapping or key agreement, or of another number, are not those of the variant")
    func others() throws {
        let variant = Self.sequence(
            ObjectIdentifier(Self.base + [2, 2]).encoded, Self.integer([2]), Self.integer([33]))
        for (arc, number) in [(1, 33), (4, 33), (2, 34)] as [(UInt64, UInt8)] {
            let other = Self.sequence(
                ObjectIdentifier(Self.base + [arc]).encoded, Self.standardized(13), Self.integer([number]))
            #expect(try Self.parameters(TLVEncoder.element(.set, [variant, other])) == nil)
        }
    }
}

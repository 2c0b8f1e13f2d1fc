import Document
import TestSupport
import Testing

@Suite("SecurityInfos")
struct SecurityInfosTests {
    private static func infos(_ children: [[UInt8]]) throws -> SecurityInfos {
        try SecurityInfos(TLVEncoder.element(.set, children).span)
    }

    private static func info(_ arcs: [UInt64], _ data: [UInt8]...) -> [UInt8] {
        TLVEncoder.element(.sequence, [ObjectIdentifier(arcs).encoded] + data)
    }

    /// A file of BSI's example, as far as its outer length goes: behind some of them stands what the chip sent besides.
    private static func cardAccess(_ name: String) throws -> [UInt8] {
        let text = try #require(try SharedVectors.bsiWorkedExample()[name])
        let bytes = try #require(Hexadecimal.bytes(text))
        var cursor = TLVCursor(bytes.span)
        let set = try cursor.next(.set)
        return cursor.copy(set.range)
    }

    @Test("the EF.CardAccess of Vietnamese cards is read")
    func vietnameseCard() throws {
        let file = try #require(
            Hexadecimal.bytes(
                "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D"
            ))
        let infos = try SecurityInfos(file.span)
        #expect(infos.infos.count == 3)
        #expect(infos.infos.first == .terminalAuthentication(version: 1))
        let chip = try #require(infos.chipAuthentication.first)
        #expect(chip.keyAgreement == .ecdh && chip.cipher == .aes128 && chip.version == 1 && chip.keyID == nil)
        let pace = try #require(infos.pace.first)
        #expect(pace.protocolOID.description == "0.4.0.127.0.7.2.2.4.2.2")
        #expect(
            pace.variant.keyAgreement == .ecdh && pace.variant.mapping == .generic && pace.variant.cipher == .aes128)
        #expect(pace.version == 2 && pace.parameterID == 13)
    }

    @Test(
        "every PACE variant is known by its identifier",
        arguments: [
            (1 as UInt64, KeyAgreement.dh, PACEMapping.generic), (2, .ecdh, .generic), (3, .dh, .integrated),
            (4, .ecdh, .integrated), (6, .ecdh, .chipAuthentication),
        ])
    func paceVariants(arc: UInt64, keyAgreement: KeyAgreement, mapping: PACEMapping) throws {
        for (place, cipher) in SecureMessagingCipher.allCases.enumerated() {
            let arcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 4, arc, UInt64(place + 1)]
            let infos = try Self.infos([Self.info(arcs, [2, 1, 2], [2, 1, 13])])
            if mapping == .chipAuthentication && cipher == .tripleDES {
                #expect(infos.pace.isEmpty)
                continue
            }
            let pace = try #require(infos.pace.first)
            #expect(pace.variant.keyAgreement == keyAgreement)
            #expect(pace.variant.mapping == mapping)
            #expect(pace.variant.cipher == cipher)
        }
        let parameters = Self.info([0, 4, 0, 127, 0, 7, 2, 2, 4, arc], [0x30, 0], [2, 1, 64])
        guard case .paceDomainParameters(let info) = try Self.infos([parameters]).infos.first else {
            Issue.record("it is no PACEDomainParameterInfo")
            return
        }
        #expect(info.keyAgreement == keyAgreement && info.mapping == mapping)
        #expect(info.domainParameter == [0x30, 0] && info.parameterID == 64)
    }

    @Test(
        "every variant of chip authentication is known by its identifier",
        arguments: [
            (1 as UInt64, KeyAgreement.dh), (2, .ecdh),
        ])
    func chipAuthentication(arc: UInt64, keyAgreement: KeyAgreement) throws {
        for (place, cipher) in SecureMessagingCipher.allCases.enumerated() {
            let arcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 3, arc, UInt64(place + 1)]
            let info = try #require(
                try Self.infos([Self.info(arcs, [2, 1, 1], [2, 2, 1, 0])]).chipAuthentication.first)
            #expect(info.keyAgreement == keyAgreement && info.cipher == cipher && info.keyID == 256)
        }
        let spki: [UInt8] = [0x30, 6, 0x30, 0, 0x03, 2, 0, 0x04]
        let key = Self.info([0, 4, 0, 127, 0, 7, 2, 2, 1, arc], spki, [2, 1, 1])
        let info = try #require(try Self.infos([key]).chipAuthenticationPublicKeys.first)
        #expect(info.keyAgreement == keyAgreement && info.subjectPublicKeyInfo == spki && info.keyID == 1)
    }

    @Test("active authentication names its signature algorithm")
    func activeAuthentication() throws {
        let algorithm = ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3])
        let infos = try Self.infos([Self.info([2, 23, 136, 1, 1, 5], [2, 1, 1], algorithm.encoded)])
        #expect(infos.activeAuthentication?.version == 1)
        #expect(infos.activeAuthentication?.signatureAlgorithm == algorithm)
    }

    @Test("EF.DIR and terminal authentication with its file are read")
    func others() throws {
        let infos = try Self.infos([
            Self.info([2, 23, 136, 1, 1, 13], [4, 2, 0x61, 0]),
            Self.info([0, 4, 0, 127, 0, 7, 2, 2, 2], [2, 1, 1], [0x30, 4, 4, 2, 1, 0x1C]),
        ])
        #expect(infos.infos == [.efDIR([0x61, 0]), .terminalAuthentication(version: 1)])
    }

    @Test("an unknown protocol is kept as it is")
    func unknown() throws {
        let encoded = Self.info([1, 2, 3, 4], [4, 1, 0xFF])
        #expect(
            try Self.infos([encoded]).infos == [.unknown(protocol: ObjectIdentifier([1, 2, 3, 4]), encoded: encoded)])
    }

    @Test(
        "malformed entries of known protocols are refused",
        arguments: [
            info([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2]), info([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2], [4, 1, 2]),
            info([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2], [2, 0]),
            info([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2], [2, 1, 0xFF]),
            info([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2], [2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            info([0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2], [2, 1, 2], [2, 1, 13], [2, 1, 13]),
            info([0, 4, 0, 127, 0, 7, 2, 2, 1, 2], [0x30, 0]), info([2, 23, 136, 1, 1, 5], [2, 1, 1]), [0x30, 0],
            [0x31, 0], [0x30, 2, 6, 0], [0x30, 3, 6, 1, 0x80],
        ])
    func malformed(entry: [UInt8]) {
        #expect(throws: DocumentError.self) { try Self.infos([entry]) }
    }

    @Test("bytes behind the set, and more entries than any chip has, are refused")
    func bounds() {
        #expect(throws: DocumentError.trailingBytes(count: 1, offset: 2)) { try SecurityInfos([0x31, 0, 0].span) }
        let entry = Self.info([1, 2, 3])
        #expect(throws: DocumentError.self) { try Self.infos(Array(repeating: entry, count: 129)) }
        #expect(throws: Never.self) { try Self.infos(Array(repeating: entry, count: 128)) }
    }

    @Test(
        "EF.CardAccess of BSI's example and of real cards is read", .enabled(if: SharedVectors.arePresent),
        arguments: [
            ("tc_ecdh_ef_cardaccess", KeyAgreement.ecdh), ("tc_dh_ef_cardaccess", .dh),
            ("ef_cardaccess_old_testcard", .ecdh),
            ("ef_cardaccess_new_testcard", .ecdh), ("ef_cardaccess_dan", .ecdh), ("ef_cardaccess_ca3", .ecdh),
        ])
    func bsi(name: String, keyAgreement: KeyAgreement) throws {
        let file = try Self.cardAccess(name)
        let infos = try SecurityInfos(file.span)
        #expect(infos.pace.contains { $0.variant.keyAgreement == keyAgreement })
        #expect(!infos.chipAuthentication.isEmpty)
    }

    @Test("EF.CardAccess without PACE is read", .enabled(if: SharedVectors.arePresent))
    func withoutPACE() throws {
        let file = try Self.cardAccess("ef_cardaccess_slowenia")
        let infos = try SecurityInfos(file.span)
        #expect(infos.chipAuthentication.map(\.keyID) == [3])
    }

    @Test("BSI's specimen offers chip authentication with one key in DG14", .enabled(if: SharedVectors.arePresent))
    func specimenDG14() throws {
        let file = try SharedVectors.specimen("Datagroup14")
        let infos = try DataGroup14(file.span).securityInfos
        #expect(infos.infos.count == 3)
        #expect(infos.chipAuthenticationPublicKeys.map(\.subjectPublicKeyInfo.count) == [279])
        #expect(infos.chipAuthentication.map(\.cipher) == [.tripleDES])
    }

    @Test("BSI's specimen has a public key in DG15", .enabled(if: SharedVectors.arePresent))
    func specimenDG15() throws {
        let file = try SharedVectors.specimen("Datagroup15")
        let key = try DataGroup15(file.span).subjectPublicKeyInfo
        #expect(file.suffix(key.count) == key[...])
        #expect(key.first == 0x30)
    }

    @Test("DG14 and DG15 with another tag, or bytes behind them, are refused")
    func wrongFiles() {
        let set: [UInt8] = [0x31, 0]
        let key: [UInt8] = [0x30, 6, 0x30, 0, 0x03, 2, 0, 0x04]
        #expect(throws: Never.self) { try DataGroup14(TLVEncoder.element(0x6E, set).span) }
        #expect(throws: DocumentError.self) { try DataGroup14(TLVEncoder.element(0x6F, set).span) }
        #expect(throws: DocumentError.self) { try DataGroup14((TLVEncoder.element(0x6E, set) + [0]).span) }
        #expect(throws: DocumentError.self) { try DataGroup14(TLVEncoder.element(0x6E, set + set).span) }
        #expect(throws: Never.self) { try DataGroup15(TLVEncoder.element(0x6F, key).span) }
        #expect(throws: DocumentError.self) { try DataGroup15(TLVEncoder.element(0x6E, key).span) }
        #expect(throws: DocumentError.self) { try DataGroup15((TLVEncoder.element(0x6F, key) + [0]).span) }
        #expect(throws: DocumentError.self) { try DataGroup15(TLVEncoder.element(0x6F, key + key).span) }
    }
}

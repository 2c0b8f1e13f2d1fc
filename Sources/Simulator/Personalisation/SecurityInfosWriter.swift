import Crypto
import Document

/// Writes EF.CardAccess and DG14 (Doc 9303-11, 9.2).
enum SecurityInfosWriter {
    /// `TerminalAuthenticationInfo`, version 1.
    static let terminalAuthentication = DER.sequence([
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 2]).encoded, DER.integer(1),
    ])

    /// `ActiveAuthenticationInfo`, which tells the hash of ECDSA signatures in the plain format of TR-03111.
    static func activeAuthentication(_ digest: DigestAlgorithm) -> [UInt8] {
        let arc: UInt64 =
            switch digest {
            case .sha1: 1
            case .sha224: 2
            case .sha256: 3
            case .sha384: 4
            case .sha512: 5
            }
        return DER.sequence([
            ObjectIdentifier([2, 23, 136, 1, 1, 5]).encoded, DER.integer(1),
            ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 1, 4, 1, arc]).encoded,
        ])
    }

    /// id-SecurityObject, the content of EF.CardSecurity (Doc 9303-11, 9.2.11).
    static let securityObjectType = ObjectIdentifier([0, 4, 0, 127, 0, 7, 3, 2, 1])

    /// What the card shows in the clear.
    static func openInfos(pace: [PACEOffer], chipKeys: [ChipAuthenticationKey]) -> [[UInt8]] {
        [terminalAuthentication] + chipKeys.map(\.securityInfo) + pace.map(\.securityInfo)
    }

    /// The same with the keys for it, and with the hash of active authentication by ECDSA.
    static func infos(
        pace: [PACEOffer], chipKeys: [ChipAuthenticationKey], publicKeys: [ChipAuthenticationKey],
        activeAuthentication key: ActiveAuthenticationKey?
    ) throws(SimulatorError) -> [[UInt8]] {
        var infos = openInfos(pace: pace, chipKeys: chipKeys)
        for key in publicKeys { infos.append(try key.publicKeyInfo) }
        if case .ecdsa(let digest) = key?.scheme { infos.append(activeAuthentication(digest)) }
        return infos
    }

    /// `SecurityInfos`.
    static func securityInfos(_ infos: [[UInt8]]) -> [UInt8] { DER.setOf(infos) }

    /// DG14 around them.
    static func dataGroup14(_ infos: [[UInt8]]) -> [UInt8] { TLVEncoder.element(0x6E, securityInfos(infos)) }
}

import Crypto
import Document

/// Everything that is decided when a card is made: the holder, the files, the chip's keys and protocols.
///
///     let card = try Personalisation(.demo).card(signedBy: TestPKI())
///     let chip = VirtualCard(card)
public struct Personalisation: Sendable {
    /// The holder.
    public var citizen: Citizen
    /// The face in DG2.
    public var portrait = Portrait.placeholder
    /// Which of DG1, DG2, DG3, DG4, DG13, DG14 and DG15 the card has. DG15 comes with an active authentication key only.
    public var dataGroups: Set<Int> = [1, 2, 13, 14]
    /// The ways of PACE that the chip offers; none makes a chip without PACE and without EF.CardAccess.
    public var pace = [PACEOffer.card]
    /// Whether the chip accepts basic access control.
    public var acceptsBasicAccessControl = true
    /// Whether the chip accepts the card access number as a password of PACE.
    public var acceptsCardAccessNumber = true
    /// The keys for chip authentication; nil has one made: as the card's, on brainpoolP256r1 with AES-128, or on the curve
    /// of chip authentication mapping where that is offered, which then uses the same key.
    public var chipAuthenticationKeys: [ChipAuthenticationKey]?
    /// The key for active authentication and the hash it uses; nil for a chip without DG15.
    public var activeAuthentication: ActiveAuthenticationKey?
    /// Which terminals the chip gives DG3 and DG4 to; nil for none.
    public var terminalTrust: TerminalTrust?
    /// Whether the card has EF.CardSecurity; nil when chip authentication mapping is offered.
    public var hasCardSecurity: Bool?
    /// The LDS version in EF.COM and in a security object of version 1.
    public var ldsVersion = "0107"
    /// The Unicode version, likewise.
    public var unicodeVersion = "040000"
    /// How EF.SOD is written.
    public var securityObject = SecurityObjectOptions()

    /// A card of the real card's profile.
    ///
    /// - Parameter citizen: The holder.
    public init(_ citizen: Citizen) { self.citizen = citizen }

    /// Makes the card: writes all files and signs them.
    ///
    /// - Parameter pki: The signers. A card that nobody trusts is signed by another `TestPKI`.
    /// - Throws: `crypto` or `unsupported` when a key cannot be made or used.
    public func card(signedBy pki: TestPKI) throws(SimulatorError) -> PersonalisedCard {
        let chipKeys = try chosenChipAuthenticationKeys()
        let mappingKeys = try chosenMappingKeys(chipKeys)
        let zone = MachineReadableZoneWriter(citizen)
        var groups: [Int: [UInt8]] = [:]
        for number in dataGroups {
            groups[number] = try dataGroup(number, zone: zone, infos: securityInfos(chipKeys, publicKeys: chipKeys))
        }
        let present = groups.keys.sorted()
        let writer = SecurityObjectWriter(
            options: securityObject, signer: pki.documentSigner, ldsVersion: ldsVersion, unicodeVersion: unicodeVersion)
        var image = CardImage()
        for (number, bytes) in groups {
            if let file = ElementaryFile.dataGroup(number) { image[file] = bytes }
        }
        image[.com] = DataGroupWriter.common(
            dataGroups: present, ldsVersion: ldsVersion, unicodeVersion: unicodeVersion)
        image[.sod] = try writer.file(groups)
        if !pace.isEmpty {
            image[.cardAccess] = SecurityInfosWriter.securityInfos(
                SecurityInfosWriter.openInfos(pace: pace, chipKeys: chipKeys))
        }
        if hasCardSecurity ?? pace.contains(where: { $0.mapping == .chipAuthentication }) {
            let infos = try securityInfos(chipKeys, publicKeys: chipKeys + Self.additional(mappingKeys, to: chipKeys))
            image[.cardSecurity] = try SignedDataWriter(signer: pki.documentSigner, options: securityObject)
                .contentInfo(of: SecurityInfosWriter.securityObjectType, SecurityInfosWriter.securityInfos(infos))
        }
        return PersonalisedCard(
            citizen: citizen, image: image,
            secrets: ChipSecrets(
                mrzInformation: zone.information,
                cardAccessNumber: acceptsCardAccessNumber ? citizen.personalNumber.can : nil,
                chipAuthenticationKeys: chipKeys, mappingKeys: mappingKeys, activeAuthentication: activeAuthentication),
            pace: pace, acceptsBasicAccessControl: acceptsBasicAccessControl, terminalTrust: terminalTrust)
    }

    private func chosenChipAuthenticationKeys() throws(SimulatorError) -> [ChipAuthenticationKey] {
        if let chipAuthenticationKeys { return chipAuthenticationKeys }
        guard dataGroups.contains(14) else { return [] }
        let offer = pace.first { $0.mapping == .chipAuthentication } ?? .card
        return [try ChipAuthenticationKey(newWithParameters: offer.parameterID, cipher: offer.cipher)]
    }

    /// A key for each curve of chip authentication mapping: that of chip authentication where it is on the curve.
    private func chosenMappingKeys(_ chipKeys: [ChipAuthenticationKey]) throws(SimulatorError)
        -> [ChipAuthenticationKey]
    {
        var keys: [ChipAuthenticationKey] = []
        for offer in pace where offer.mapping == .chipAuthentication {
            let curve = NamedCurve(standardizedDomainParameterID: offer.parameterID)
            guard let curve, !keys.contains(where: { $0.curve == curve }) else { continue }
            if let key = chipKeys.first(where: { $0.curve == curve }) {
                keys.append(key)
            } else {
                keys.append(try ChipAuthenticationKey(newOn: curve, cipher: offer.cipher))
            }
        }
        return keys
    }

    /// Those of the mapping's keys that chip authentication does not have.
    private static func additional(
        _ mappingKeys: [ChipAuthenticationKey], to chipKeys: [ChipAuthenticationKey]
    ) -> [ChipAuthenticationKey] {
        mappingKeys.filter { key in !chipKeys.contains { $0.curve == key.curve } }
    }

    private func dataGroup(
        _ number: Int, zone: MachineReadableZoneWriter, infos: [[UInt8]]
    ) throws(SimulatorError) -> [UInt8] {
        switch number {
        case 1: return DataGroupWriter.dataGroup1(zone.text)
        case 2: return portrait.dataGroup2(sex: citizen.sex)
        case 3:
            return DataGroupWriter.dataGroup3(
                filler: try mapping { () throws(CryptoError) in try Random.bytes(8) })
        case 4:
            return DataGroupWriter.dataGroup4(
                filler: try mapping { () throws(CryptoError) in try Random.bytes(8) })
        case 13: return DataGroupWriter.dataGroup13(citizen)
        case 14: return SecurityInfosWriter.dataGroup14(infos)
        case 15:
            guard let activeAuthentication else {
                throw .unsupported(what: "DG15 without an active authentication key")
            }
            return DataGroupWriter.dataGroup15(try activeAuthentication.subjectPublicKeyInfo)
        default: throw .unsupported(what: "DG\(number) on this card")
        }
    }

    /// What DG14 and EF.CardSecurity hold: what the card shows in the clear, and the keys for it.
    private func securityInfos(
        _ chipKeys: [ChipAuthenticationKey], publicKeys: [ChipAuthenticationKey]
    ) throws(SimulatorError) -> [[UInt8]] {
        try SecurityInfosWriter.infos(
            pace: pace, chipKeys: chipKeys, publicKeys: publicKeys, activeAuthentication: activeAuthentication)
    }
}

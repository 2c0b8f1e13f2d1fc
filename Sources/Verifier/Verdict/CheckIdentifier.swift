/// The checks, by their stable identifiers.
public enum CheckIdentifier: String, CaseIterable, Codable, Sendable {
    /// EF.SOD is a well-formed SignedData over an LDSSecurityObject.
    case sodStructure = "sod.structure"
    /// The signed attributes' message digest is that of the content.
    case sodMessageDigest = "sod.messageDigest"
    /// The signature over the signed attributes is the document signer's.
    case sodSignature = "sod.signature"
    /// The document signer's certificate was issued by a trusted CSCA.
    case signerChain = "signer.chain"
    /// Both certificates were valid when they had to be.
    case signerValidity = "signer.validity"
    /// Key usage, basic constraints and document type fit.
    case signerUsage = "signer.usage"
    /// Neither certificate is on a current revocation list.
    case signerRevocation = "signer.revocation"
    /// The algorithms are above the configured floor.
    case signerStrength = "signer.strength"
    /// Every data group that was read has the hash that EF.SOD lists.
    case dataGroupsHash = "dataGroups.hash"
    /// Every data group that EF.SOD lists was read.
    case dataGroupsComplete = "dataGroups.complete"
    /// EF.COM and EF.SOD name the same data groups.
    case dataGroupsIndex = "dataGroups.index"
    /// The chip holds the key whose public part is signed, by chip authentication or PACE-CAM.
    case chipAuthentication = "chip.authentication"
    /// The chip holds the key whose public part is signed, by active authentication.
    case chipActiveAuthentication = "chip.activeAuthentication"
    /// EF.CardSecurity, which holds the key of PACE-CAM, is signed by a document signer of a trusted CSCA.
    case chipCardSecurity = "chip.cardSecurity"
    /// The chip offered in the clear what its signed data says it supports.
    case chipDowngrade = "chip.downgrade"
    /// DG1, DG13, QR text and personal number agree.
    case holderConsistency = "holder.consistency"
    /// Not past the document's date.
    case documentExpiry = "document.expiry"
    /// Not reported lost.
    case documentLost = "document.lost"

    /// Whether the check speaks of validity in time, which is told beside the outcome and not mixed into it.
    public var concernsValidity: Bool { self == .documentExpiry || self == .documentLost }
}

/// Why a check came to its result, as a stable word for programs.
public enum CheckReason: String, Codable, Sendable, CaseIterable {
    // Any check

    /// The check holds.
    case ok
    /// A check that this one stands on did not pass.
    case prerequisiteFailed

    // EF.SOD

    /// The card image has no EF.SOD.
    case noSecurityObject
    /// EF.SOD is not well-formed; the detail says where.
    case malformedSecurityObject
    /// What EF.SOD signs is not an LDSSecurityObject.
    case wrongContentType
    /// The content type in the signed attributes is not that of the content.
    case contentTypeAttributeMismatch
    /// The signed attributes have no content type or no message digest.
    case incompleteSignedAttributes
    /// The signer signs the content itself: there are no signed attributes.
    case noSignedAttributes
    /// The message digest is not the hash of the content.
    case messageDigestMismatch
    /// The algorithm is unknown, or its parameters are.
    case unsupportedAlgorithm
    /// The signature is not the signer's over this content.
    case wrongSignature
    /// It holds; the encoding deviates from the standards in ways that the detail names.
    case okWithTolerances

    // Document signer and CSCA

    /// No certificate fits the signer identifier.
    case signerCertificateMissing
    /// The signer's certificate or key is malformed or must not be used; the detail says why.
    case unusableSignerCertificate
    /// There is no trust anchor at all.
    case noTrustAnchors
    /// No trust anchor has the name of the signer's issuer.
    case unknownIssuer
    /// A trust anchor has the issuer's name, but its key did not sign the signer's certificate.
    case notIssuedByTrustedKey
    /// The signer's certificate is its own issuer.
    case selfSignedSigner
    /// The signer's certificate was not yet valid.
    case signerNotYetValid
    /// The signer's certificate was no longer valid.
    case signerExpired
    /// The CSCA's certificate was not yet valid.
    case anchorNotYetValid
    /// The CSCA's certificate was no longer valid.
    case anchorExpired
    /// The signature was made outside the validity of the signer's certificate.
    case signedOutsideValidity
    /// The signature was made outside the usage period of the signer's private key.
    case signedOutsideKeyUsagePeriod
    /// The signer's certificate does not allow signing documents.
    case signerUsageMismatch
    /// The signer's certificate is that of a certification authority.
    case signerIsAuthority
    /// The CSCA's certificate does not allow issuing certificates.
    case anchorUsageMismatch
    /// The signer's certificate is not for documents of this type.
    case documentTypeMismatch
    /// Signer and CSCA, or signer and document, are of different States.
    case countryMismatch
    /// There is no revocation list of the CSCA.
    case noRevocationList
    /// The newest revocation list of the CSCA is past its next update, and does not name the certificates.
    case staleRevocationList
    /// The signer's certificate was revoked.
    case signerRevoked
    /// The CSCA's certificate was revoked.
    case anchorRevoked
    /// The document was issued outside the usage period of the signer's private key.
    case issuedOutsideKeyUsagePeriod
    /// An algorithm or key size is below the floor.
    case weakAlgorithm

    // Data groups

    /// No data group was read.
    case noDataGroups
    /// A data group has another hash than EF.SOD lists.
    case hashMismatch
    /// A data group was read that EF.SOD does not list.
    case notListed
    /// EF.SOD lists data groups that were not read.
    case notRead
    /// EF.COM was not read.
    case noIndex
    /// EF.COM is malformed.
    case malformedIndex
    /// EF.COM and EF.SOD name different data groups.
    case indexMismatch

    // Chip

    /// EF.SOD lists no key for it.
    case notSupportedByChip
    /// The chip was not asked: the card image carries no proof.
    case noProof
    /// The chip refused to prove itself; the detail names the command and the status word.
    case chipRefused
    /// The chip answered, and the answer is not that of the signed key.
    case wrongProof
    /// The key that the chip was asked with is not the one that is signed.
    case keyNotSigned
    /// EF.CardAccess was not read.
    case noCardAccess
    /// EF.CardSecurity was not read: no proof of the chip stands on it.
    case noCardSecurity
    /// EF.CardSecurity is not signed as EF.SOD must be; the detail names the question and the answer.
    case cardSecurityNotSigned
    /// EF.CardAccess, EF.CardSecurity or DG14 is malformed.
    case malformedSecurityInfos
    /// The signed data announces access protocols that the chip did not offer in the clear.
    case downgraded
    /// The chip does PACE, and was opened by BAC; the detail names the tries before.
    case fellBackToBasicAccessControl

    // Holder and document

    /// The data that the check compares was not read.
    case noData
    /// A data group with the holder's data is malformed.
    case malformedData
    /// All places agree; something is unusual, which the detail names.
    case okWithRemarks
    /// Two places give different answers; the detail names them.
    case contradiction
    /// The MRZ has a wrong check digit.
    case wrongCheckDigit
    /// The document's date has passed.
    case expired
    /// The document has no date of expiry.
    case noExpiry
    /// Nobody told whether the document was reported lost.
    case notAsked
    /// The document was reported lost.
    case reportedLost
}

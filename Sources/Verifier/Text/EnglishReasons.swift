/// What each check's reasons mean, in English.
extension EnglishWording {
    static func sentence(_ check: CheckIdentifier, _ reason: CheckReason) -> String {
        switch reason {
        case .ok: passed(check)
        case .prerequisiteFailed: unsettled(check)

        case .noSecurityObject: "There is no EF.SOD, so nothing says who signed the data"
        case .malformedSecurityObject: "EF.SOD is malformed"
        case .wrongContentType: "What EF.SOD signs is not a list of data group hashes"
        case .contentTypeAttributeMismatch: "The signed attributes speak of another kind of content than the one signed"
        case .incompleteSignedAttributes: "The signed attributes lack the content type or the message digest"
        case .noSignedAttributes: "There are no signed attributes: the content itself is signed"
        case .messageDigestMismatch: "The signed hash is not that of the content: the list of hashes was altered"
        case .unsupportedAlgorithm: unsupported(check)
        case .wrongSignature: "The signature is not the signer's: the signed data was altered, or another signed it"
        case .okWithRemarks: "All places say the same of the holder; something in the data is unusual"
        case .okWithTolerances:
            switch check {
            case .sodSignature:
                "The signature is the signer's, written in a way that deviates harmlessly from the standard"
            case .signerChain:
                "A trusted CSCA issued the signer's certificate, which names it in a way that deviates harmlessly"
            default: "EF.SOD is well-formed but for harmless deviations from DER"
            }

        case .signerCertificateMissing:
            switch check {
            case .sodSignature: "The signature cannot be checked: no certificate fits the signer"
            case .signerValidity: "There is no signer's certificate whose validity could be judged"
            case .signerUsage: "There is no signer's certificate whose purpose could be judged"
            case .signerRevocation: "There is no signer's certificate that could have been revoked"
            default: "There is no signer's certificate to look for an issuer of"
            }
        case .unusableSignerCertificate:
            switch check {
            case .signerValidity: "The usage period in the signer's certificate is malformed"
            case .signerUsage: "The extensions of the signer's certificate are malformed or contradict each other"
            default: "The key in the signer's certificate is malformed or must not be used"
            }
        case .noTrustAnchors: "No CSCA certificate is trusted on this machine"
        case .unknownIssuer: "No trusted CSCA has the name of the issuer of the signer's certificate"
        case .notIssuedByTrustedKey:
            "A trusted CSCA has the issuer's name, but its key did not sign the signer's certificate"
        case .selfSignedSigner: "The signer's certificate is vouched for by nobody but itself"
        case .signerNotYetValid: "The signer's certificate was not yet valid"
        case .signerExpired: "The signer's certificate was no longer valid"
        case .anchorNotYetValid: "The CSCA's certificate was not yet valid"
        case .anchorExpired: "The CSCA's certificate was no longer valid"
        case .signedOutsideValidity: "The signature was made outside the validity of the signer's certificate"
        case .signedOutsideKeyUsagePeriod: "The signature was made when the signer's key was not in use"
        case .issuedOutsideKeyUsagePeriod: "The card was issued when the signer's key was not in use"
        case .signerUsageMismatch: "The signer's certificate is not for signing documents"
        case .signerIsAuthority:
            "The signer's certificate is that of a certification authority, which must not sign documents"
        case .anchorUsageMismatch: "The CSCA's certificate is not for issuing certificates"
        case .documentTypeMismatch: "The signer's certificate is not for documents of this type"
        case .countryMismatch: "Document, signer and CSCA are not of one State"
        case .noRevocationList: "There is no revocation list of the CSCA, so a revoked signer would not be noticed"
        case .staleRevocationList: "The certificates are not revoked by the CSCA's last list, but a newer one is due"
        case .signerRevoked: "The CSCA revoked the signer's certificate"
        case .anchorRevoked: "The CSCA's own certificate was revoked"
        case .weakAlgorithm: "A key or a hash is weaker than it must be"

        case .noDataGroups: "No data group was read, so nothing could be compared with the signed hashes"
        case .hashMismatch: mismatched(check)
        case .notListed: "A data group was read that EF.SOD does not list, so nobody signed it"
        case .notRead:
            switch check {
            case .chipAuthentication: "DG14, which holds the chip's key, was not read"
            case .chipActiveAuthentication: "DG15, which holds the chip's key, was not read"
            case .chipDowngrade: "DG14, which says what the chip supports, was not read or is not what was signed"
            default: "Data groups that EF.SOD lists were not read"
            }
        case .noIndex: "EF.COM was not read"
        case .malformedIndex: "EF.COM is malformed"
        case .indexMismatch: "EF.COM names other data groups than those that are signed"

        case .notSupportedByChip:
            switch check {
            case .chipAuthentication: "The chip has no key for chip authentication"
            case .chipActiveAuthentication: "The chip has no key for active authentication"
            default: "The signed data announces no access protocol that could have been hidden"
            }
        case .noProof:
            check == .chipActiveAuthentication
                ? "The chip was not asked to sign, so it may be a copy"
                : "The chip was not asked for its key, so it may be a copy"
        case .chipRefused:
            check == .chipActiveAuthentication
                ? "The chip refused to sign, though it should hold a key for it"
                : "The chip refused chip authentication, though it should hold a key for it"
        case .wrongProof:
            check == .chipActiveAuthentication
                ? "The chip's signature is not by the signed key: the chip is a copy"
                : "The chip's answer is not by the signed key: the chip is a copy"
        case .keyNotSigned: "The key that the chip used is not the one that the State signed"
        case .noCardAccess: "EF.CardAccess was not read, so nothing says what the chip offered"
        case .malformedSecurityInfos:
            switch check {
            case .chipAuthentication: "DG14, which should hold the chip's key, is malformed"
            case .chipActiveAuthentication: "DG15, which should hold the chip's key, is malformed"
            case .chipCardSecurity: "EF.CardSecurity is malformed"
            default: "EF.CardAccess or DG14 is malformed"
            }
        case .noCardSecurity: "EF.CardSecurity was not read; no proof of the chip stands on it"
        case .cardSecurityNotSigned: "EF.CardSecurity, which holds a key of the chip, is not signed as it must be"
        case .downgraded: "Something between reader and chip hid an access protocol that the chip supports"
        case .fellBackToBasicAccessControl: "The chip offers PACE, and was opened by the weaker BAC"

        case .noData:
            check == .documentExpiry
                ? "No file that was read says when the card expires"
                : "Neither DG1 nor DG13 was read, so nothing could be compared"
        case .malformedData: "A file with the holder's data is malformed"
        case .contradiction: "Two places say different things of the holder"
        case .wrongCheckDigit: "The machine readable zone has a wrong check digit"
        case .expired: "The card's date has passed"
        case .noExpiry: "The card has no date of expiry"
        case .notAsked: "No registry was asked whether the card is lost"
        case .reportedLost: "The card was reported lost"
        }
    }

    private static func passed(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodStructure: "EF.SOD is well-formed"
        case .sodMessageDigest: "The signed hash is that of the content"
        case .sodSignature: "The signature is the signer's"
        case .signerChain: "A trusted CSCA issued the signer's certificate"
        case .signerValidity: "Both certificates were valid when they had to be"
        case .signerUsage: "Both certificates are for this purpose, this State and this type of document"
        case .signerRevocation: "Neither certificate is on the CSCA's current revocation list"
        case .signerStrength: "All keys and hashes are strong enough"
        case .dataGroupsHash: "Every data group that was read is as it was signed"
        case .dataGroupsComplete: "Every data group that is signed was read"
        case .dataGroupsIndex: "EF.COM names the data groups that are signed"
        case .chipAuthentication: "The chip proved that it holds the signed key: it is the original"
        case .chipActiveAuthentication: "The chip signed with the signed key: it is the original"
        case .chipCardSecurity: "A signer of a trusted CSCA signed EF.CardSecurity"
        case .chipDowngrade: "The chip offered every access protocol that its signed data announces"
        case .holderConsistency: "All places say the same of the holder"
        case .documentExpiry: "The card has not expired"
        case .documentLost: "The card was not reported lost"
        }
    }

    private static func unsettled(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodMessageDigest: "The signed hash could not be looked at, since EF.SOD gives no signer"
        case .sodSignature: "The signature could not be looked at, since EF.SOD gives no signer"
        case .signerChain: "No issuer could be looked for, since EF.SOD gives no signer"
        case .signerValidity: "The CSCA's certificate could not be judged, since none is trusted for this signer"
        case .signerUsage: "The CSCA's purpose could not be judged, since none is trusted for this signer"
        case .signerRevocation: "No revocation list could be chosen, since no CSCA is trusted for this signer"
        case .signerStrength: "The algorithms could not be judged, since the signer's key or signature is not known"
        case .dataGroupsHash: "The data groups could not be compared, since EF.SOD gives no hashes"
        case .dataGroupsComplete: "What should have been read is not known, since EF.SOD gives no list"
        case .dataGroupsIndex: "EF.COM could not be compared, since EF.SOD gives no list"
        case .chipAuthentication: "The chip's key for chip authentication is not known, since EF.SOD gives no hashes"
        case .chipActiveAuthentication:
            "The chip's key for active authentication is not known, since EF.SOD gives no hashes"
        case .chipCardSecurity:
            "Who signed EF.CardSecurity could not be settled, for want of a trusted CSCA or of the signer"
        case .chipDowngrade: "What the chip supports is not known, since EF.SOD gives no hashes"
        case .sodStructure, .holderConsistency, .documentExpiry, .documentLost: "A check before this one did not pass"
        }
    }

    private static func unsupported(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodStructure: "The data groups are hashed with an algorithm that is not known"
        case .sodMessageDigest: "The content is hashed with an algorithm that is not known"
        case .sodSignature: "The signature is made with an algorithm that is not known"
        case .chipAuthentication: "The chip authenticates in a way that is not supported"
        case .chipActiveAuthentication: "The chip signs with an algorithm that is not supported"
        default: "An algorithm is not known"
        }
    }

    private static func mismatched(_ check: CheckIdentifier) -> String {
        switch check {
        case .chipAuthentication: "DG14, which holds the chip's key, is not what was signed"
        case .chipActiveAuthentication: "DG15, which holds the chip's key, is not what was signed"
        default: "A data group is not what was signed: it was altered"
        }
    }
}

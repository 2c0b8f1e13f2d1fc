/// The verdict in English.
enum EnglishWording: VerdictWording {
    static func sentence(_ outcome: Outcome) -> String {
        switch outcome {
        case .genuine:
            "The card is genuine: the State signed its data, nothing was altered, and the chip is the original"
        case .authenticData:
            "The data is genuine: the State signed it and nothing was altered; whether the chip is the original is not proven"
        case .invalid: "The card must not be accepted: at least one check failed"
        case .unverified: "The card could not be verified: something that an answer needs is missing"
        }
    }

    static func sentence(_ remark: ValidityRemark) -> String {
        switch remark {
        case .expired: "The card has expired"
        case .reportedLost: "The card was reported lost"
        case .expiryUnknown: "When the card expires is not known"
        }
    }

    static func name(_ check: CheckIdentifier) -> String {
        switch check {
        case .sodStructure: "Security object"
        case .sodMessageDigest: "Hash of what is signed"
        case .sodSignature: "Digital signature"
        case .signerChain: "Issuer of the signer's certificate"
        case .signerValidity: "Validity of the certificates"
        case .signerUsage: "Purpose of the certificates"
        case .signerRevocation: "Revocation of the certificates"
        case .signerStrength: "Strength of the algorithms"
        case .dataGroupsHash: "Data unaltered"
        case .dataGroupsComplete: "Data complete"
        case .dataGroupsIndex: "Index of the data"
        case .chipAuthentication: "Chip authentication"
        case .chipActiveAuthentication: "Active authentication"
        case .chipCardSecurity: "Signature of EF.CardSecurity"
        case .chipDowngrade: "Access not weakened"
        case .holderConsistency: "Holder's data agree"
        case .documentExpiry: "Expiry"
        case .documentLost: "Loss"
        }
    }

    static func sentence(_ advice: Advice) -> String {
        switch advice {
        case .refuseAndReport: "Do not accept the card; tell the police"
        case .reportFoundCard: "Do not accept the card; tell the police that it was presented"
        case .readAgain: "Read the card once more; if nothing changes, do not accept it"
        case .readMissingFiles: "Read the missing files from the card; nothing is proven of what was not read"
        case .askTheChip: "Read the card itself in a reader: a stored image cannot prove the chip"
        case .useAnotherReader: "Read the card on another reader, and have this one looked at before it is used again"
        case .checkInput:
            "Compare what was typed or scanned with the card; if that is right, do not accept the card and tell the police"
        case .readPrintedDate: "Read the date printed on the card"
        case .renewDocument: "The holder must renew the card with the authority that issues it"
        case .askRegistry: "Ask a registry of lost cards, where there is one"
        case .importAnchor: "Import the CSCA certificate of the State that issued the card (cccd trust import)"
        case .importNewerAnchor:
            "Import the State's newest CSCA certificates; if nothing changes, do not accept the card"
        case .importSigner: "Import the document signer's certificate, if the State publishes it (cccd trust import)"
        case .importRevocationList: "Import the CSCA's current revocation list (cccd trust import)"
        case .checkClock: "Look at this machine's date; if it is right, ask the authority that issued the card"
        case .askIssuer: "Do not accept the card until the authority that issued it has confirmed it"
        case .identifyOtherwise: "Do not rely on this answer; establish who the person is by other means"
        case .settleEarlierCheck: "See the checks that did not pass before it"
        }
    }

    static func heading(_ part: VerdictPart) -> String {
        switch part {
        case .holder: "Holder"
        case .notProven: "not proven"
        case .personalNumber: "personal number"
        case .born: "born"
        case .signer: "Signer"
        case .trustedThrough: "trusted through"
        case .notTrusted: "not vouched for by any trusted CSCA"
        case .unknownAlgorithm: "unknown algorithm"
        case .technicalDetail: "detail"
        }
    }

    static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> String { "\(year)-\(month)-\(day)" }

    static func word(_ word: String) -> String? { words[word] }

    private static let words: [String: String] = [
        "onlyInCOM": "only in EF.COM", "onlyInSOD": "only in EF.SOD",
        "subject": "certificate of", "notBefore": "valid from", "notAfter": "to", "thisUpdate": "issued",
        "nextUpdate": "next due", "none": "none",
        "personalNumber": "personal number", "personal number": "personal number", "name": "name",
        "fullName": "full name", "birthDate": "birth date", "birthYear": "birth year", "sex": "sex",
        "nationality": "nationality", "ethnicity": "ethnicity", "religion": "religion",
        "placeOfOrigin": "place of origin", "residence": "residence", "identifyingFeatures": "identifying features",
        "issueDate": "issue date", "expiryDate": "expiry date", "parentNames": "parents' names",
        "spouseName": "spouse's name", "oldNumber": "old number", "chipSerial": "chip serial",
        "documentNumber": "document number", "optionalData": "optional data", "composite": "all lines together",
        "expiry date": "expiry date", "place code of no province": "its place code is no province's",
        "not at one of the law's ages": "not at one of the ages that the law names",
        "chip": "chip", "given": "number typed", "QR text": "QR code",
        "signer's key": "signer's key", "signature": "signature", "data group hashes": "data group hashes",
        "message digest": "message digest", "unknown hash": "unknown hash algorithm",
        "signer's certificate": "signer's certificate", "CSCA's key": "CSCA's key",
        "nonMinimalLength": "a length longer than it needs to be", "indefiniteLength": "indefinite lengths",
        "trailingBytes": "bytes behind the end", "unsortedAttributes": "signed attributes not sorted",
        "digestInfoWithoutNULL": "hash algorithm without NULL parameters",
        "syntaxVersion": "another syntax version than the structure asks for",
        "digestAlgorithmNotAnnounced": "hash algorithm not announced",
        "issuerNameOrder": "issuer's name in another order",
        "furtherSignerNotJudged": "another signer could not be judged",
        "keyAlgorithmForSignature": "signature algorithm named by its key alone",
        "issuerNameEncoding": "issuer's name in other letters or another encoding",
        "serialNumberEncoding": "serial number in more bytes than it needs",
        "authorityKeyIdentifier": "authority key identifier of another certificate",
    ]
}

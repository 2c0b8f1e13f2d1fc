import Document

/// Doc 9303-10, 4.6.2: EF.SOD is a well-formed SignedData over an LDSSecurityObject.
struct SecurityObjectStructure: Check {
    static let id = CheckIdentifier.sodStructure

    static func evaluate(_ examination: Examination) -> Finding {
        switch examination.securityObject {
        case .missing: return .notPerformed(.noSecurityObject)
        case .malformed(let error): return .failed(.malformedSecurityObject, .text("\(error)"))
        case .read(let object):
            guard let lds = object.lds else {
                return .failed(.wrongContentType, .text("\(object.signedData.contentType)"))
            }
            guard SignatureAlgorithms.digest(lds.hashAlgorithm) != nil else {
                return .failed(.unsupportedAlgorithm, .text("\(lds.hashAlgorithm.algorithm)"))
            }
            guard object.tolerances.isEmpty else {
                return .passed(.okWithTolerances, .list(object.tolerances.map(\.rawValue).sorted()))
            }
            return .passed
        }
    }
}

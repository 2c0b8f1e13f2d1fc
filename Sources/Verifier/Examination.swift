import Crypto
import Document
import FoundationEssentials

/// One card taken apart: what the checks look at, worked out once.
struct Examination: Sendable {
    /// How EF.SOD was found.
    enum SecurityObjectFinding: Sendable {
        case missing
        case malformed(DocumentError)
        case read(SecurityObject)
    }

    /// How a data group that was read compares with EF.SOD.
    enum DataGroupFinding: String, Sendable {
        case matches
        case differs
        case notListed
    }

    let evidence: Evidence
    let trust: TrustStore
    let policy: VerificationPolicy
    let securityObject: SecurityObjectFinding
    /// One for each signer of EF.SOD.
    let signers: [SignerExamination]
    /// By number; empty when EF.SOD gives nothing to compare with.
    let dataGroups: [Int: DataGroupFinding]
    let holder: HolderFiles
    /// EF.CardSecurity, whose signature is judged like that of EF.SOD.
    let cardSecurity: CardSecurityFinding
    /// The moment at which certificates must be valid: a signer need not outlive the documents it signed (Doc 9303-12, 4.2).
    let certificateDate: Date

    init(_ evidence: Evidence, trust: TrustStore, policy: VerificationPolicy) {
        self.evidence = evidence
        self.trust = trust
        self.policy = policy
        let holder = HolderFiles(evidence.image)
        self.holder = holder
        let certificateDate = min(evidence.date, holder.expiryDate?.endOfDay ?? evidence.date)
        self.certificateDate = certificateDate
        let base = Self(
            evidence: evidence, trust: trust, policy: policy, securityObject: .missing, signers: [], dataGroups: [:],
            holder: holder, cardSecurity: .notRead, certificateDate: certificateDate)
        cardSecurity = evidence.image[.cardSecurity].map { CardSecurityFinding($0, base) } ?? .notRead
        guard let file = evidence.image[.sod] else {
            (securityObject, signers, dataGroups) = (.missing, [], [:])
            return
        }
        do throws(DocumentError) {
            let object = try SecurityObject(file)
            securityObject = .read(object)
            signers = Self.signers(of: object.signedData, in: object.bytes, trust: trust, date: certificateDate)
            dataGroups = Self.compare(evidence, with: object)
        } catch {
            (securityObject, signers, dataGroups) = (.malformed(error), [], [:])
        }
    }

    private init(
        evidence: Evidence, trust: TrustStore, policy: VerificationPolicy, securityObject: SecurityObjectFinding,
        signers: [SignerExamination], dataGroups: [Int: DataGroupFinding], holder: HolderFiles,
        cardSecurity: CardSecurityFinding, certificateDate: Date
    ) {
        self.evidence = evidence
        self.trust = trust
        self.policy = policy
        self.securityObject = securityObject
        self.signers = signers
        self.dataGroups = dataGroups
        self.holder = holder
        self.cardSecurity = cardSecurity
        self.certificateDate = certificateDate
    }

    /// The same document with another file's signers in the place of EF.SOD's, for the same questions.
    func with(_ signedData: SignedData, in bytes: [UInt8]) -> Examination {
        Examination(
            evidence: evidence, trust: trust, policy: policy, securityObject: .missing,
            signers: Self.signers(of: signedData, in: bytes, trust: trust, date: certificateDate), dataGroups: [:],
            holder: holder, cardSecurity: .notRead, certificateDate: certificateDate)
    }

    private static func signers(
        of signedData: SignedData, in bytes: [UInt8], trust: TrustStore, date: Date
    ) -> [SignerExamination] {
        let included = SignerExamination.certificates(of: signedData, in: bytes)
        return signedData.signers.map {
            SignerExamination($0, of: signedData, in: bytes, included: included, trust: trust, date: date)
        }
    }

    /// EF.SOD when it could be read and lists hashes.
    var lds: LDSSecurityObject? {
        if case .read(let object) = securityObject { object.lds } else { nil }
    }

    /// The signer that the answer rests on: the first whose signature is right and whose chain ends at a trust anchor,
    /// otherwise the first.
    var principalSigner: SignerExamination? { principalSignerIndex.map { signers[$0] } }

    /// The place of the principal signer.
    var principalSignerIndex: Int? {
        signers.firstIndex { $0.signature.isValid && $0.chain.anchor != nil } ?? signers.indices.first
    }

    private static func compare(_ evidence: Evidence, with object: SecurityObject) -> [Int: DataGroupFinding] {
        guard let lds = object.lds, let digest = SignatureAlgorithms.digest(lds.hashAlgorithm) else { return [:] }
        var findings: [Int: DataGroupFinding] = [:]
        for (file, bytes) in evidence.image.files {
            guard let number = file.dataGroupNumber else { continue }
            guard let listed = lds.hashes[number] else {
                findings[number] = .notListed
                continue
            }
            let known = evidence.digests[file].flatMap { $0.algorithm == digest && $0.bytes == bytes ? $0.digest : nil }
            findings[number] = (known ?? (try? Digest.hash(bytes, with: digest))) == listed ? .matches : .differs
        }
        return findings
    }
}

extension CalendarDate {
    /// The last second of the day in UTC.
    var endOfDay: Date? { try? Date("\(self)T23:59:59Z", strategy: .iso8601) }

    /// The middle of the day in UTC.
    var noon: Date? { try? Date("\(self)T12:00:00Z", strategy: .iso8601) }
}

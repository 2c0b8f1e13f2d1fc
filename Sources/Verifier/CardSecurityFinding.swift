import Document

/// How EF.CardSecurity was found (Doc 9303-11, 9.2.11).
enum CardSecurityFinding: Sendable {
    /// Whether whoever signed it may be believed.
    enum Trust: Equatable, Sendable {
        /// A signer of the State signed it, by the questions that are asked of EF.SOD's.
        case trusted
        /// One of these questions is answered with no; the text says which.
        case refused(String)
        /// One of them cannot be answered; the text says which.
        case unsettled(String)
    }

    /// The image has none.
    case notRead
    case malformed(DocumentError)
    case read(SecurityInfos, Trust)

    /// What must hold of a signer before what he signed is believed.
    private static let required: [any Check.Type] = [
        SecurityObjectMessageDigest.self, SecurityObjectSignature.self, SignerChain.self, SignerValidity.self,
        SignerUsage.self,
    ]
    /// What must not be answered with no.
    private static let notToFail: [any Check.Type] = [SignerRevocation.self, SignerStrength.self]

    /// - Parameters:
    ///   - file: EF.CardSecurity.
    ///   - document: The document that it is from, without signers.
    init(_ file: [UInt8], _ document: Examination) {
        let content: CardSecurity
        do throws(DocumentError) { content = try CardSecurity(file) } catch {
            self = .malformed(error)
            return
        }
        let examination = document.with(content.signedData, in: content.bytes)
        let outcomes = (Self.required + Self.notToFail).map { $0.outcome(examination) }
        let requiredOutcomes = outcomes.prefix(Self.required.count)
        if let failed = outcomes.first(where: { $0.result == .failed }) {
            self = .read(content.securityInfos, .refused(Self.text(failed)))
        } else if let unsettled = requiredOutcomes.first(where: { $0.result == .notPerformed }) {
            self = .read(content.securityInfos, .unsettled(Self.text(unsettled)))
        } else {
            self = .read(content.securityInfos, .trusted)
        }
    }

    private static func text(_ outcome: CheckOutcome) -> String { "\(outcome.id.rawValue): \(outcome.reason.rawValue)" }

    /// What it says, believed or not; nil when it was not read.
    var securityInfos: SecurityInfos? { if case .read(let infos, _) = self { infos } else { nil } }

    /// What it says, where a signer of the State signed it.
    var trustedInfos: SecurityInfos? { if case .read(let infos, .trusted) = self { infos } else { nil } }
}

/// The national gateway, and a registry for what the gateway cannot be asked or does not answer. The registry is asked
/// always, since it alone knows of lost cards.
public final class GatewayFirst: InsuranceStore {
    /// The name of the registry behind the gateway; each decision tells which of the two it is from.
    public var name: String { registry.name }

    private let gateway: NationalGateway
    private let registry: any InsuranceStore

    /// The gateway, and the registry that answers otherwise.
    public init(_ gateway: NationalGateway, otherwise registry: any InsuranceStore) {
        self.gateway = gateway
        self.registry = registry
    }

    /// Decides one question.
    ///
    /// - Throws: `invalidQuestion`; otherwise the registry's error, where the gateway has no answer either.
    public func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        let rules = try BenefitRules.standard()
        let own = Result { () throws(RegistryError) in try registry.decide(question) }
        let lost = [DecisionWord.cardReportedLost, .insuranceCardReportedLost].map { rules.code($0).name }
        if case .success(let decision) = own, lost.contains(decision.code) { return decision }
        switch Result(catching: { () throws(RegistryError) in try gateway.decide(question) }) {
        case .success(var decision):
            let report = rules.code(.idCardLostReport).reason
            if let own = try? own.get(), own.reasons.contains(report) { decision.reasons.append(report) }
            return decision
        case .failure(.gatewayNotAsked): return try own.get()
        case .failure(let error):
            // Without a registry's answer the gateway's trouble is the one to act on, unless the question itself is wrong.
            guard case .success(var decision) = own else {
                if case .failure(.invalidQuestion) = own { return try own.get() }
                throw error
            }
            decision.reasons.append(rules.code(.gatewayNotReached).reason)
            return decision
        }
    }

    /// How much the registry knows and how old it is.
    public func status() throws(RegistryError) -> RegistryStatus { try registry.status() }

    /// Takes a report of a lost card down, in the registry.
    @discardableResult
    public func reportLost(_ card: LostCard) throws(RegistryError) -> LostCard { try registry.reportLost(card) }

    /// Closes all open reports about an ID card, and gives back those that were open.
    @discardableResult
    public func reportFound(identityCardOf personalNumber: String, by: String?) throws(RegistryError) -> [LostCard] {
        try registry.reportFound(identityCardOf: personalNumber, by: by)
    }

    /// Closes all open reports about an insurance card, and gives back those that were open.
    @discardableResult
    public func reportFound(insuranceCard cardNumber: String, by: String?) throws(RegistryError) -> [LostCard] {
        try registry.reportFound(insuranceCard: cardNumber, by: by)
    }

    /// Whether the ID card that a person shows is reported lost.
    public func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool {
        try registry.isLost(identityCardOf: personalNumber, issuedOn: issuedOn)
    }

    /// Keeps what a verified chip said, in the registry.
    @discardableResult
    public func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool { try registry.keep(statement) }

    /// Every field in which the registry differs from what chips said.
    public func proposals() throws(RegistryError) -> [MendingProposal] { try registry.proposals() }

    /// Measures what the registry's data is worth.
    public func quality(now: Timestamp, finding: ((QualityFinding) -> Void)?) throws(RegistryError) -> QualityReport {
        try registry.quality(now: now, finding: finding)
    }
}

import Registry

/// Who decides about insurance and knows of lost cards: the registry, or a script in a test.
///
/// Calls block and come from many threads.
protocol InsuranceDesk: Sendable {
    /// Decides one question; "not insured" is a decision.
    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision
    /// Whether an identity card was reported lost and not found since.
    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool
    /// How much the source knows and how old it is.
    func status() throws(RegistryError) -> RegistryStatus
}

/// The registry in a file, opened when it is first asked and tried again until it is there: the daemon may start before
/// the first import.
final class RegistryDesk: InsuranceDesk {
    private let path: String
    private let registry = Guarded<InsuranceRegistry?>(nil)

    /// - Parameter path: The registry's SQLite file.
    init(path: String) { self.path = path }

    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        try opened().decide(question)
    }

    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool {
        try opened().isLost(identityCardOf: personalNumber, issuedOn: issuedOn)
    }

    func status() throws(RegistryError) -> RegistryStatus {
        try opened().status()
    }

    private func opened() throws(RegistryError) -> InsuranceRegistry {
        if let registry = registry.withLock({ $0 }) { return registry }
        let opened = try InsuranceRegistry(path: path)
        registry.withLock { $0 = opened }
        return opened
    }
}

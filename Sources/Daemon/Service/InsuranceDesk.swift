import Registry

/// Who decides about insurance and knows of lost cards: the registry, or a script in a test.
///
/// Calls block and come from many threads.
protocol InsuranceDesk: Sendable {
    /// Decides one question; "not insured" is a decision.
    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision
    /// Whether an identity card was reported lost and not found since.
    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool
    /// Keeps what a verified chip said, for whoever mends the registry's data; tells whether it was kept.
    @discardableResult
    func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool
    /// How much the source knows and how old it is.
    func status() throws(RegistryError) -> RegistryStatus
    /// A way to the same decisions for a thread that may not wait; nil where there is none.
    /// - Parameter visit: A question of which all but the subject and the day is taken.
    func promptDesk(for visit: EligibilityQuestion) -> (any PromptInsuranceDesk)?
}

extension InsuranceDesk {
    func promptDesk(for visit: EligibilityQuestion) -> (any PromptInsuranceDesk)? { nil }
}

/// Decides what it can without waiting; one thread at a time.
protocol PromptInsuranceDesk: Sendable {
    /// Writes the decision about the visit of somebody today in JSON, and gives its code; nil, with nothing written, when the
    /// question is to be asked of the desk that waits.
    func answer(_ personalNumber: String, into json: inout JSONText) -> String?
}

extension PromptReader: PromptInsuranceDesk {}

/// The registry that a configuration names, opened when it is first asked and tried again until it is there: the daemon
/// may start before the first import, and before its server.
final class RegistryDesk: InsuranceDesk {
    private let location: RegistryLocation
    private let gateway: NationalGateway?
    private let registry = Guarded<(any InsuranceStore)?>(nil)
    /// Nil where the registry is a file.
    private let shared: SharedRegistry?

    /// - Throws: `invalidAddress`, `invalidGateway`.
    init(url: String, copy: String?, gateway: GatewaySettings?) throws(RegistryError) {
        location = try RegistryLocation(url)
        self.gateway = if let gateway { try NationalGateway(gateway) } else { nil }
        shared = if case .server(let address) = location { SharedRegistry(address, copy: copy) } else { nil }
    }

    /// Brings the copy up to date now and then, where the registry is a server's and there is a copy.
    func refreshCopy(every seconds: Int, told: @escaping @Sendable (Result<CopyRefresh, RegistryError>) -> Void) {
        shared?.refreshCopy(every: seconds, told: told)
    }

    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision {
        try opened().decide(question)
    }

    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool {
        try opened().isLost(identityCardOf: personalNumber, issuedOn: issuedOn)
    }

    func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool {
        try opened().keep(statement)
    }

    func status() throws(RegistryError) -> RegistryStatus {
        try opened().status()
    }

    func promptDesk(for visit: EligibilityQuestion) -> (any PromptInsuranceDesk)? {
        guard case .file(let path) = location, gateway == nil else { return nil }
        return try? PromptReader(path: path, visit: visit)
    }

    private func opened() throws(RegistryError) -> any InsuranceStore {
        if let registry = registry.withLock({ $0 }) { return registry }
        var opened: any InsuranceStore
        if let shared { opened = shared } else { opened = try location.open() }
        if let gateway { opened = GatewayFirst(gateway, otherwise: opened) }
        let store = opened
        registry.withLock { $0 = store }
        return store
    }
}

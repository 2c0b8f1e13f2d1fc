import Portrait
import Registry
import Verifier

/// What the daemon answers with: the readers, the verifier and the registry, as a configuration wants them.
public struct DaemonServices: Sendable {
    let desk: any CardDesk
    let judge: any Judge
    /// Nil when there is no registry.
    let insurance: (any InsuranceDesk)?
    /// Makes pictures of portraits.
    let decodePortrait: PortraitAnswer.Decode
    /// Certificates that were found and could not be trusted, each with the reason in one sentence.
    let refusedCertificates: [String]
    /// When the trusted certificates were read.
    let loadedAt = Timestamp.now

    init(
        desk: any CardDesk, judge: any Judge, insurance: (any InsuranceDesk)?, refusedCertificates: [String] = [],
        decodePortrait: @escaping PortraitAnswer.Decode = { (file) throws(PortraitError) in
            try PortraitProcess().decode(dataGroup2: file)
        }
    ) {
        self.decodePortrait = decodePortrait
        self.desk = desk
        self.judge = judge
        self.insurance = insurance
        self.refusedCertificates = refusedCertificates
    }

    /// The services of this machine.
    ///
    /// pcscd and the registry may come later, and go and come again; the trusted certificates are read here.
    /// - Throws: `DaemonError.serviceUnavailable` when a configured path of certificates is not there.
    public init(configuration: Configuration) throws(DaemonError) {
        try self.init(configuration: configuration, keeping: nil)
    }

    /// - Parameter insurance: The registry where it stays as it is.
    init(configuration: Configuration, keeping insurance: (any InsuranceDesk)?) throws(DaemonError) {
        let trust: TrustStore
        let refusals: [TrustStore.Refusal]
        do throws(TrustStoreError) {
            (trust, refusals) = try TrustStore.load(configuration.trust.paths)
        } catch {
            throw .serviceUnavailable(
                name: "trust store", reason: "\(error); put the CSCA certificates there, or configure trust.paths")
        }
        let registry: (any InsuranceDesk)? =
            if let insurance { insurance } else { try Self.registry(configuration.registry) }
        self.init(
            desk: PCSCDesk(), judge: CardVerifier(trust: trust),
            insurance: registry,
            refusedCertificates: refusals.map { "\($0.path): \($0.reason)" })
    }

    private static func registry(_ configuration: Configuration.Registry) throws(DaemonError) -> RegistryDesk? {
        guard let url = configuration.url else { return nil }
        do throws(RegistryError) {
            return try RegistryDesk(url: url, copy: configuration.copy, gateway: try gateway(configuration.gateway))
        } catch {
            throw .serviceUnavailable(name: "registry", reason: "\(error)")
        }
    }

    private static func gateway(
        _ configuration: Configuration.Gateway?
    ) throws(RegistryError) -> GatewaySettings? {
        guard let configuration else { return nil }
        var settings = try GatewaySettings(
            url: configuration.url, username: configuration.username, passwordFile: configuration.passwordFile,
            officerName: configuration.officerName, officerPersonalNumber: configuration.officerPersonalNumber)
        settings.certificateAuthorities = configuration.certificateAuthorities
        settings.timeLimit = .seconds(configuration.timeLimit)
        return settings
    }

    /// Decides one question of insurance.
    /// - Throws: `Problem`: `registryNotConfigured`, `registryUnavailable`, `invalidRequest`.
    func decide(_ question: EligibilityQuestion) throws(Problem) -> EligibilityDecision {
        guard let insurance else {
            throw Problem(.registryNotConfigured, "No registry is configured: set registry.url.")
        }
        do throws(RegistryError) {
            return try insurance.decide(question)
        } catch .invalidQuestion(let field, let reason) {
            var problem = Problem(.invalidRequest, "This is not acceptable: it \(reason).")
            problem.pointer = "/\(field)"
            throw problem
        } catch {
            throw Problem(.registryUnavailable, "The registry cannot be asked: \(error).")
        }
    }
}

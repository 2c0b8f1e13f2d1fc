import CardReader
import Registry

/// The answer of `GET /v1/health`.
struct Health: Encodable {
    /// The readers and the service that they need.
    struct Readers: Encodable {
        /// How many are plugged in and used; absent when the service does not run.
        var count: Int?
        /// Why they cannot be listed.
        var problem: Problem?
    }

    /// Whom the verifier trusts.
    struct Trust: Encodable {
        /// How many authorities.
        var anchors: Int
        /// How many certificates were found and could not be trusted.
        var refused: Int
        /// When they were read.
        var loadedAt: Timestamp
    }

    /// Who is insured.
    struct InsuranceRegistry: Encodable {
        /// Whether there is to be one; a daemon without checks cards all the same.
        var isConfigured: Bool
        /// What the registry holds and how old it is; absent when it cannot be asked.
        var status: RegistryStatus?
        /// Why it cannot be asked.
        var problem: Problem?
    }

    /// The record of what is done.
    struct Audit: Encodable {
        /// Whether one is kept.
        var isEnabled: Bool
        /// Why nothing can be recorded, and so nothing is answered.
        var problem: Problem?
    }

    /// `ok` when everything works that is configured, else `degraded`.
    var status: String
    /// The version of the program.
    var version: String
    /// How long it has been running.
    var uptimeSeconds: Int
    var readers: Readers
    var trust: Trust
    var registry: InsuranceRegistry
    var audit: Audit
}

extension Health {
    init(services: DaemonServices, choice: ReaderChoice, version: String, running: RunningState) {
        self.version = version
        uptimeSeconds = max(0, Timestamp.now.secondsSince1970 - running.startedAt.secondsSince1970)
        do throws(CardReaderError) {
            readers = Readers(count: choice.used(of: try services.desk.readers()).count)
        } catch {
            readers = Readers(problem: Problem(error))
        }
        trust = Trust(
            anchors: services.judge.anchorCount, refused: services.refusedCertificates.count,
            loadedAt: services.loadedAt)
        if let insurance = services.insurance {
            do throws(RegistryError) {
                registry = InsuranceRegistry(isConfigured: true, status: try insurance.status())
            } catch {
                let problem = Problem(.registryUnavailable, "The registry cannot be asked: \(error).")
                registry = InsuranceRegistry(isConfigured: true, problem: problem)
            }
        } else {
            registry = InsuranceRegistry(isConfigured: false)
        }
        audit = Audit(isEnabled: running.audit != nil)
        do throws(AuditError) {
            // Tried, since a disk may have filled up while nobody asked for anything.
            try running.audit?.tryWriting()
        } catch {
            audit.problem = Problem(
                .auditUnavailable, "Nothing is answered that cannot be recorded: \(error.cause).")
        }
        let isWhole =
            readers.count ?? 0 > 0 && trust.anchors > 0 && registry.problem == nil && audit.problem == nil
        status = isWhole ? "ok" : "degraded"
    }
}

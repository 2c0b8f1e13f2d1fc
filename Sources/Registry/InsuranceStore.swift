/// A source that also takes reports of lost cards, keeps what verified chips said, and can be measured: a registry in a
/// file of this machine, or a server's.
public protocol InsuranceStore: InsuranceSource {
    /// Takes a report of a lost card down. An open report about the same card stays and is given back.
    @discardableResult
    func reportLost(_ card: LostCard) throws(RegistryError) -> LostCard

    /// Closes all open reports about an ID card, and gives back those that were open.
    @discardableResult
    func reportFound(identityCardOf personalNumber: String, by: String?) throws(RegistryError) -> [LostCard]

    /// Closes all open reports about an insurance card, and gives back those that were open.
    @discardableResult
    func reportFound(insuranceCard cardNumber: String, by: String?) throws(RegistryError) -> [LostCard]

    /// Whether the ID card that a person shows is reported lost.
    /// - Parameter issuedOn: the shown card's day of issue; nil takes in every report about the person's cards.
    func isLost(identityCardOf personalNumber: String, issuedOn: Day?) throws(RegistryError) -> Bool

    /// Keeps what a verified chip said, when there is a record of its holder; the latest statement counts.
    /// - Returns: whether it was kept.
    @discardableResult
    func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool

    /// Every field in which the records differ from what chips said.
    func proposals() throws(RegistryError) -> [MendingProposal]

    /// Measures what the data is worth.
    /// - Parameters:
    ///   - now: by which "today" and the age of the data are meant.
    ///   - finding: told every record to mend, fault by fault. Personal data: for a file that its reader may see.
    func quality(now: Timestamp, finding: ((QualityFinding) -> Void)?) throws(RegistryError) -> QualityReport
}

extension InsuranceRegistry: InsuranceStore {}
